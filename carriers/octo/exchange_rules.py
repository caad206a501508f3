"""Why a booking cannot be exchanged."""

from datetime import datetime

from app.domain.aftersales import Rule, RuleGround
from app.domain.errors import NotExchangeable
from app.domain.tours import DepartureKey
from carriers.contract import OrderState
from carriers.octo.hear import Booking

_REASONS = {
    RuleGround.NOT_SOLD: "The booking is not confirmed; an exchange is for confirmed ones.",
    RuleGround.ENDED: "The booking is cancelled.",
    RuleGround.DEPARTED: "The tour has departed.",
    RuleGround.FARE_CONDITIONS: "So close to the departure the operator lets it be exchanged no more.",
    RuleGround.NO_ALTERNATIVE: "It can be exchanged for another departure of the same tour that can be booked now.",
}


def check_changeable(found: Booking, wanted: DepartureKey | None, now: datetime) -> None:
    """NotExchangeable where the booking says so itself, or another tour is wanted, or the same departure."""
    state, until = found.order.state, found.stay.terms.exchange_until
    if state in {OrderState.CANCELLED, OrderState.REJECTED}:
        raise not_exchangeable(RuleGround.ENDED)
    if state is not OrderState.CONFIRMED:
        raise not_exchangeable(RuleGround.NOT_SOLD)
    if found.stay.departs_at <= now:
        raise not_exchangeable(RuleGround.DEPARTED)
    if until is None or now >= until:
        raise not_exchangeable(RuleGround.FARE_CONDITIONS)
    if wanted is not None and not _is_another(found.stay.key, wanted):
        raise not_exchangeable(RuleGround.NO_ALTERNATIVE)


def _is_another(booked: DepartureKey, wanted: DepartureKey) -> bool:
    """Another departure of the same tour."""
    return wanted != booked and (wanted.operator, wanted.tour) == (booked.operator, booked.tour)


def not_exchangeable(ground: RuleGround) -> NotExchangeable:
    """Nothing can be had instead, on this ground."""
    return NotExchangeable(message=_REASONS[ground], rule=Rule(ground=ground, allowed=False))
