"""Why an order, or a journey of it, cannot be exchanged."""

from datetime import datetime

from app.domain.aftersales import Rule, RuleGround
from app.domain.errors import Refusal
from app.domain.refusals import NotExchangeable
from app.wire.facts import Json
from carriers.contract import CarrierOrder, ExchangeWish, OrderState
from carriers.duffel import errors, hear
from carriers.duffel.errors import Declined, Meaning
from carriers.duffel.facts import whole
from carriers.duffel.terms import changed

_REASONS = {
    RuleGround.NOT_SOLD: "The order is not paid; an exchange is for paid ones.",
    RuleGround.ENDED: "The order is cancelled.",
    RuleGround.DEPARTED: "What is to be replaced has departed.",
    RuleGround.FARE_CONDITIONS: "The fare's conditions allow no change.",
    RuleGround.CARRIER_CHANGED: "The airline has changed what is to be replaced; look at the order again.",
    RuleGround.CARRIER_DECIDES: "The airline does not let this order be changed here.",
    RuleGround.NO_ALTERNATIVE: "The airline has nothing to offer in its place.",
}


def check_changeable(data: Json, order: CarrierOrder, wish: ExchangeWish, now: datetime) -> None:
    """Raise NotExchangeable where the order says so itself; otherwise the airline is to be asked."""
    if order.state is OrderState.CANCELLED:
        raise not_exchangeable(RuleGround.ENDED)
    if order.state is OrderState.HELD:
        raise not_exchangeable(RuleGround.NOT_SOLD)
    wanted = {piece.journey for piece in wish.replaced}
    replaced = [journey for journey in order.journeys if journey.ref in wanted]
    if len(replaced) < len(wanted):
        raise not_exchangeable(RuleGround.CARRIER_CHANGED)
    if any(journey.departs_at <= now for journey in replaced):
        raise not_exchangeable(RuleGround.DEPARTED)
    # What the fare forbids holds for the traveller's own wishes, not after the airline has changed the flights.
    if not changed(data) and _forbidden(data, wanted):
        raise not_exchangeable(RuleGround.FARE_CONDITIONS)


def _forbidden(data: Json, wanted: set[str]) -> bool:
    with whole("order"):
        rules = [hear.conditions(piece.get("conditions")) for piece in data["slices"] if piece["id"] in wanted]
    return any(rule.change is not None and not rule.change.allowed for rule in rules)


def refused(no: Declined, carrier: str) -> Refusal:
    """The airline's no to a request for offers."""
    if no.meaning is Meaning.ALREADY_CANCELLED:
        return not_exchangeable(RuleGround.ENDED)
    if no.meaning in {Meaning.NOT_CHANGEABLE, Meaning.REFUSED}:
        return not_exchangeable(RuleGround.CARRIER_DECIDES)
    return errors.refusal(no, carrier)


def not_exchangeable(ground: RuleGround) -> NotExchangeable:
    """Nothing can be had instead, on this ground."""
    return NotExchangeable(message=_REASONS[ground], rule=Rule(ground=ground, allowed=False))
