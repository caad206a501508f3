"""Why a booking cannot be exchanged."""

from datetime import UTC, datetime

from app.domain.aftersales import Rule, RuleGround
from app.domain.refusals import NotExchangeable
from app.domain.tours import DepartureKey, TourStay
from carriers.contract import OrderState
from carriers.octo.hear import Booking

_REASONS = {
    RuleGround.NOT_SOLD: "The booking is not confirmed; an exchange is for confirmed ones.",
    RuleGround.ENDED: "The booking is cancelled.",
    RuleGround.DEPARTED: "The tour has departed.",
    RuleGround.FARE_CONDITIONS: "The operator does not let this tour be exchanged.",
    RuleGround.NO_ALTERNATIVE: "That departure does not have these rooms now; another one of the same tour may.",
}


def changeable(found: Booking, wanted: DepartureKey | None, now: datetime) -> TourStay:
    """The stay to exchange; NotExchangeable where the booking says no, or another tour or the same day is wanted."""
    state, stay = found.order.state, found.stay
    if state in {OrderState.CANCELLED, OrderState.REJECTED}:
        raise not_exchangeable(RuleGround.ENDED)
    if state is not OrderState.CONFIRMED:
        raise not_exchangeable(RuleGround.NOT_SOLD)
    if stay is None:
        # The operator tells no more what it is for: there is nothing of it to be had.
        raise not_exchangeable(RuleGround.NO_ALTERNATIVE)
    if stay.departs_at <= now and not found.is_grounded:
        raise not_exchangeable(RuleGround.DEPARTED)
    # The terms hold for the traveller's own wishes, not after the operator has changed the departure.
    if not found.is_free:
        _check_time(stay.terms.exchange_until, now)
    if wanted is not None and not _is_another(stay.key, wanted):
        raise not_exchangeable(RuleGround.NO_ALTERNATIVE)
    return stay


def _check_time(until: datetime | None, now: datetime) -> None:
    if until is None:
        raise not_exchangeable(RuleGround.FARE_CONDITIONS)
    if now >= until:
        message = f"The operator let it be exchanged until {until.astimezone(UTC):%Y-%m-%d %H:%M} UTC."
        raise NotExchangeable(message=message, rule=Rule(ground=RuleGround.FARE_CONDITIONS, allowed=False))


def _is_another(booked: DepartureKey, wanted: DepartureKey) -> bool:
    """Another departure of the same tour."""
    return wanted != booked and (wanted.operator, wanted.tour) == (booked.operator, booked.tour)


def not_exchangeable(ground: RuleGround) -> NotExchangeable:
    """Nothing can be had instead, on this ground."""
    return NotExchangeable(message=_REASONS[ground], rule=Rule(ground=ground, allowed=False))
