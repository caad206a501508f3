"""Judges by the tour operators' ledger what a client of theirs was told, and forges that ledger."""

from collections.abc import Callable, Iterator

from tests.proof.kills.stage import Json, Ledgers
from tests.proof.kills.tours import TourClient

_LIVE = {"PENDING", "ON_HOLD", "CONFIRMED"}
_OVER = {"CANCELLED", "EXPIRED", "REJECTED"}


def told(client: TourClient, shown: Json, ledgers: Ledgers) -> Iterator[str]:
    """What the client was told that is not so, days after the rest of what it has a deposit on was due."""
    refunded = client.told("refund")
    state = shown["state"]
    if refunded and state != "REFUNDED":
        yield f"was told it is refunded, and it is {state}"
    if client.paid_in_full and not refunded and state != "TICKETED":
        yield f"was told it is paid, and it is {state}"
    if not client.paid_in_full and state not in _OVER | ({"TICKETED"} if client.by_card else set()):
        yield f"it is {state}, and nobody paid all of it"
    if shown["openOperations"]:
        yield "something is still under way"
    yield from _at_the_operator(client, shown, ledgers.tours)


def _at_the_operator(client: TourClient, shown: Json, tours: Json) -> Iterator[str]:
    references = {item["carrierReference"] for item in shown["items"]} - {None}
    mine = [booking for booking in tours["bookings"] if booking["supplier_reference"] in references]
    live = [booking for booking in mine if booking["status"] in _LIVE]
    travels = shown["state"] == "TICKETED"
    if [booking["status"] for booking in live] != (["CONFIRMED"] if travels else []):
        yield f"its live bookings at the operator are {live}"
    if len(mine) > 1:
        yield f"it was booked {len(mine)} times"
    moves = sum(len(booking["moves"]) for booking in mine)
    if moves != sum(promise.verb == "exchange" and promise.done for promise in client.promises):
        yield f"it was moved {moves} times"
    theirs = {ticket["number"] for booking in live for ticket in booking["tickets"] if ticket["state"] == "issued"}
    ours = {ticket["number"] for ticket in shown["tickets"] if ticket["status"] == "VALID"}
    if travels and (not theirs or not theirs <= ours):
        yield f"its vouchers are {ours}, and the operator's {theirs}"


def _of_status(ledgers: Ledgers, status: str) -> Json:
    found: Json = next(booking for booking in ledgers.tours["bookings"] if booking["status"] == status)
    return found


def _tour_doubled(ledgers: Ledgers) -> None:
    ledgers.tours["bookings"].append(_of_status(ledgers, "CONFIRMED") | {"uuid": "doubled"})


def _tour_lost(ledgers: Ledgers) -> None:
    _of_status(ledgers, "CONFIRMED")["status"] = "EXPIRED"


def _tour_orphaned(ledgers: Ledgers) -> None:
    booking = _of_status(ledgers, "CANCELLED")
    booking["status"], booking["cancellation"] = "ON_HOLD", None


def _tour_dearer(ledgers: Ledgers) -> None:
    booking = _of_status(ledgers, "CONFIRMED")
    booking["amount"] = f"{float(booking['amount']) + 1:.2f}"


def _tour_moved(ledgers: Ledgers) -> None:
    _of_status(ledgers, "CONFIRMED")["moves"].append({"difference": "1.00", "fee": "0.00"})


DOCTORED: tuple[Callable[[Ledgers], None], ...] = (
    _tour_doubled,
    _tour_lost,
    _tour_orphaned,
    _tour_dearer,
    _tour_moved,
)
