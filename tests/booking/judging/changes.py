"""Changes from the carrier's side: what we say was accepted is so there, the other way round, and is what we show."""

from collections.abc import Iterator
from typing import Any

from app.booking.facts import offer_of
from app.store.aftersales_tables import CarrierChangeRow, ChangeState
from tests.booking.judging.books import PAID, Books


def complaints(read: Books) -> Iterator[str]:
    there = {change["id"]: change for change in read.world["airline_changes"]}
    latest = {change["order_id"]: change["id"] for change in read.world["airline_changes"]}
    for row in read.carrier_changes:
        change = there.get(row.ref)
        if change is None:
            yield f"change {row.id} is of {row.ref}, which the carrier does not know"
        elif row.booking_id not in read.busy:
            yield from _one(read, row, change, newest=row.ref in latest.values())


def _one(read: Books, row: CarrierChangeRow, change: Any, *, newest: bool) -> Iterator[str]:
    accepted = change["action_taken"] == "accepted"
    if accepted != (row.state == ChangeState.ACCEPTED):
        yield f"change {row.id} is {row.state}, and the carrier says {change['action_taken']}"
    item = next(item for item in read.items if item.id == row.item_id)
    offer = offer_of(item)
    if accepted and newest and item.state in PAID and offer is not None and offer.stay is not None:
        if offer.stay.key.starts_on.isoformat() != change["date"]:
            yield f"item {item.id} departs on {offer.stay.key.starts_on}, and the operator says {change['date']}"
    elif accepted and newest and item.state in PAID and offer is not None:
        shown = [segment.departs_at for journey in offer.journeys for segment in journey.segments]
        flown = [flight["departing_at"] for flight in change["added"]]
        if not {*flown} <= {departs.replace(tzinfo=None).isoformat() for departs in shown}:
            yield f"item {item.id} shows {shown}, and the carrier flies {flown}"
