"""OCTO's statuses in ours: one table for bookings, one for availability in plain OCTO; see docs/carriers.md."""

from collections.abc import Mapping

from app.domain.tours import DepartureStatus
from app.wire.facts import Json
from carriers.contract import OrderState

_O, _D = OrderState, DepartureStatus

ORDERS: Mapping[str, OrderState] = {
    "ON_HOLD": _O.HELD,
    "PENDING": _O.REQUESTED,
    "REJECTED": _O.REJECTED,
    "CONFIRMED": _O.CONFIRMED,
    "REDEEMED": _O.CONFIRMED,
    "EXPIRED": _O.CANCELLED,
    "CANCELLED": _O.CANCELLED,
}

AVAILABILITY: Mapping[str, DepartureStatus] = {
    "AVAILABLE": _D.AVAILABLE,
    "FREESALE": _D.AVAILABLE,
    "LIMITED": _D.AVAILABLE,
    "SOLD_OUT": _D.CLOSED,
    "CLOSED": _D.CLOSED,
}


def told(data: Json) -> DepartureStatus:
    """The status that an operator with our capability tells; one that we do not know is not sold."""
    status = data["departureStatus"]
    return DepartureStatus(status) if status in set(DepartureStatus) else DepartureStatus.CLOSED


def plain(data: Json, *, instant: bool, priced: bool) -> DepartureStatus:
    """The status by what plain OCTO tells.

    What is confirmed later, or has no price in the region's currency, cannot be booked online.
    """
    status = AVAILABILITY.get(data["status"], DepartureStatus.CLOSED)
    bookable = instant and priced
    return DepartureStatus.ON_REQUEST if status is DepartureStatus.AVAILABLE and not bookable else status
