"""The tour operator's ledger in the words of the airlines', so that whoever judges the one judges the other."""

from decimal import Decimal
from typing import Any

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
    sold = [booking for booking in bookings if booking["confirmed_at"]]
    ended = [booking for booking in bookings if booking["cancellation"]]
    found = {
        "orders": [_order(booking) for booking in bookings],
        "charges": [_charge(booking) for booking in sold],
        "cancellations": [_cancellation(booking) for booking in ended],
        "refunds": [_refund(booking) for booking in ended if booking in sold],
        "documents": [_document(booking, ticket) for booking in bookings for ticket in booking["tickets"]],
    }
    return flights | {name: [*flights[name], *found[name]] for name in found}


def _order(booking: dict[str, Any]) -> dict[str, Any]:
    return {
        "order_id": booking["uuid"],
        "state": _STATES[booking["status"]],
        "metadata": {"faregate_key": booking["reseller_reference"]},
        "passengers": len(booking["people"]),
        "services": [],
        "flights": [],
    }


def _charge(booking: dict[str, Any]) -> dict[str, Any]:
    """What the operator's invoice says of it."""
    return {"order_id": booking["uuid"], "amount": booking["amount"], "currency": booking["currency"]}


def _cancellation(booking: dict[str, Any]) -> dict[str, Any]:
    """The quote of ours that it was cancelled by is in the reason."""
    return {"id": booking["cancellation"]["reason"], "order_id": booking["uuid"], "state": "confirmed"}


def _refund(booking: dict[str, Any]) -> dict[str, Any]:
    given = Decimal(100 - booking["cancellation"]["percent_kept"]) / 100
    return {
        "order_id": booking["uuid"],
        "cancellation_id": booking["cancellation"]["reason"],
        "change_id": None,
        "to": "invoice",
        "amount": str(round(Decimal(booking["amount"]) * given, 2)),
        "currency": booking["currency"],
    }


def _document(booking: dict[str, Any], ticket: dict[str, Any]) -> dict[str, Any]:
    return {
        "order_id": booking["uuid"],
        "number": ticket["number"],
        "state": ticket["state"],
        "replaces": None,
    }
