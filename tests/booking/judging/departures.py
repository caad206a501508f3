"""The tour operator's ledger in the words of the airlines', so that whoever judges the one judges the other."""

from collections.abc import Iterator
from decimal import Decimal
from hashlib import sha256
from typing import Any

# Why the operator's own cancellations were made.
BY_OPERATOR = "Cancelled by the operator"
_STATES = {
    "PENDING": "requested",
    "REJECTED": "rejected",
    "ON_HOLD": "held",
    "EXPIRED": "expired",
    "CONFIRMED": "paid",
    "CANCELLED": "cancelled",
}


def together(flights: dict[str, Any], tours: dict[str, Any]) -> dict[str, Any]:
    """Both worlds' truth in one; a departure booked for more people than it takes is an AssertionError."""
    for departure in tours["departures"]:
        assert departure["left"] >= 0, departure
    bookings = tours["bookings"]
    ended = [booking for booking in bookings if booking["cancellation"]]
    changes = [change for booking in bookings for change in _changes(booking)]
    found = {
        "orders": [_order(booking) for booking in bookings],
        "charges": [charge for booking in bookings if booking["confirmed_at"] for charge in _charges(booking)],
        "cancellations": [_cancellation(booking) for booking in ended],
        "refunds": [
            *(_refund(booking) for booking in ended if booking["confirmed_at"]),
            *(_returned(change) for change in changes if Decimal(change["amount"]) < 0),
        ],
        "changes": changes,
        "airline_changes": [change for booking in bookings for change in _operators_own(booking)],
        "documents": [document for booking in bookings for document in _documents(booking)],
    }
    return flights | {name: [*flights[name], *found[name]] for name in found}


def reason(terms: str) -> str:
    """Why a booking was cancelled, as the operator is told for a refund by these terms."""
    return f"Refund {sha256(terms.encode()).hexdigest()[:16]}"


def _order(booking: dict[str, Any]) -> dict[str, Any]:
    return {
        "order_id": booking["uuid"],
        "state": _STATES[booking["status"]],
        "metadata": {"faregate_key": booking["reseller_reference"]},
        "passengers": len(booking["people"]),
        "services": [],
        "flights": [],
    }


def _changes(booking: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Its moves to other departures."""
    for number, move in enumerate(booking["moves"]):
        amount = Decimal(move["difference"]) + Decimal(move["fee"])
        about = {"id": f"{booking['uuid']}/{number}", "order_id": booking["uuid"], "state": "confirmed"}
        yield about | {"amount": str(amount), "currency": booking["currency"]}


def _operators_own(booking: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """What the operator changed by itself; `date` is when the booking departs now."""
    about = {"order_id": booking["uuid"], "added": [], "date": booking["date"]}
    for change in booking["changes"]:
        yield about | {"id": change["id"], "action_taken": change["answered"]}
    if booking["cancellation"] and booking["cancellation"]["reason"] == BY_OPERATOR:
        yield about | {"id": f"{booking['uuid']}:cancelled", "action_taken": None}


def _charges(booking: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """What the operator's invoice says of it: what it was confirmed at, and what moves have added."""
    moved = sum(Decimal(move["difference"]) for move in booking["moves"])
    added = (Decimal(change["amount"]) for change in _changes(booking))
    for amount in (Decimal(booking["amount"]) - moved, *(amount for amount in added if amount > 0)):
        yield {"order_id": booking["uuid"], "amount": str(amount), "currency": booking["currency"]}


def _cancellation(booking: dict[str, Any]) -> dict[str, Any]:
    """The quote of ours that it was cancelled by is in the reason."""
    done = booking["cancellation"]
    about = {"id": done["reason"], "order_id": booking["uuid"], "state": "confirmed"}
    return about | {"free": booking["confirmed_at"] is not None and done["percent_kept"] == 0}


def _refund(booking: dict[str, Any]) -> dict[str, Any]:
    given = Decimal(100 - booking["cancellation"]["percent_kept"]) / 100
    amount = round(Decimal(booking["amount"]) * given, 2)
    cause = {"cancellation_id": booking["cancellation"]["reason"], "change_id": None}
    return cause | {
        "order_id": booking["uuid"],
        "to": "invoice",
        "amount": str(amount),
        "currency": booking["currency"],
    }


def _returned(change: dict[str, Any]) -> dict[str, Any]:
    """What a move to a cheaper departure gave back."""
    cause = {"cancellation_id": None, "change_id": change["id"], "order_id": change["order_id"]}
    return cause | {"to": "invoice", "amount": str(-Decimal(change["amount"])), "currency": change["currency"]}


def _documents(booking: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Its tickets, oldest first: a later one of the same person took the place of the one before."""
    latest: dict[str, str] = {}
    last = {ticket["person"]: ticket["number"] for ticket in booking["tickets"]}
    for ticket in booking["tickets"]:
        person, number = ticket["person"], ticket["number"]
        yield {
            "order_id": booking["uuid"],
            "number": number,
            "state": ticket["state"] if last[person] == number else "exchanged",
            "replaces": latest.get(person),
        }
        latest[person] = number
