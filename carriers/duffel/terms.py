"""What an order would give back and by which rule, out of Duffel's order and its cancellation quote."""

from datetime import UTC, datetime

from app.domain.aftersales import Rule, RuleGround
from app.domain.money import Money
from app.domain.refusals import NotRefundable
from app.wire.facts import Json, instant_or_none, text
from carriers.contract import CarrierOrder, OrderState, RefundTerms
from carriers.duffel import hear
from carriers.duffel.errors import Declined, Meaning
from carriers.duffel.facts import some, whole

_REASONS = {
    RuleGround.NOT_SOLD: "The order is not paid, so there is nothing to give back.",
    RuleGround.ENDED: "The order is cancelled already.",
    RuleGround.DEPARTED: "All of its flights have departed.",
    RuleGround.FARE_CONDITIONS: "The fare's conditions give nothing back.",
    RuleGround.CARRIER_DECIDES: "The airline does not give it back here.",
}


def over(order: CarrierOrder, now: datetime, *, grounded: bool) -> NotRefundable | None:
    """Why an order in this state gives nothing back; None where the airline is to be asked."""
    if order.state is OrderState.CANCELLED:
        return not_refundable(RuleGround.ENDED)
    if order.state is OrderState.HELD:
        return not_refundable(RuleGround.NOT_SOLD)
    return None if grounded or _unused(order, now) else not_refundable(RuleGround.DEPARTED)


def is_grounded(data: Json) -> bool:
    """Whether the airline no longer flies a part of the order: what never left can be refunded for ever."""
    changes = data.get("airline_initiated_changes") or ()
    return any(change.get("action_taken") is None and not change.get("added") for change in changes)


def refused(no: Declined, data: Json) -> NotRefundable:
    """The airline's no to a quote, by the fare where the fare says no too."""
    if no.meaning is Meaning.ALREADY_CANCELLED:
        return not_refundable(RuleGround.ENDED)
    condition = hear.conditions(data.get("conditions")).refund
    forbidden = condition is not None and not condition.allowed
    return not_refundable(RuleGround.FARE_CONDITIONS if forbidden else RuleGround.CARRIER_DECIDES)


def not_refundable(ground: RuleGround) -> NotRefundable:
    """Nothing is given back, on this ground."""
    return NotRefundable(message=_REASONS[ground], rule=Rule(ground=ground, allowed=False))


def refund_terms(data: Json, quote: Json, now: datetime) -> RefundTerms:
    """The quote for the order. Duffel cancels an order as a whole, so all its passengers are in it."""
    with whole("cancellation"):
        order = hear.order(data)
        refund, form = hear.given_back(quote)
        return RefundTerms(
            ref=text(quote["id"]),
            order=order.ref,
            refund=refund,
            form=form,
            rule=_rule(data, order, refund, now),
            passengers=some(text(passenger["id"]) for passenger in data["passengers"]),
            segments=_unused(order, now),
            expires_at=instant_or_none(quote.get("expires_at")),
        )


def _rule(data: Json, order: CarrierOrder, refund: Money | None, now: datetime) -> Rule:
    full, free = refund == order.total, Money.zero(order.total.currency)
    void_until = instant_or_none(data.get("void_window_ends_at"))
    if full and void_until and now < void_until:
        return Rule(ground=RuleGround.VOID_WINDOW, allowed=True, fee=free, deadline=void_until)
    if changed(data):
        return Rule(ground=RuleGround.CARRIER_CHANGED, allowed=True, fee=free if full else None)
    condition = hear.conditions(data.get("conditions")).refund
    leaves = min(journey.departs_at for journey in order.journeys).astimezone(UTC)
    # The conditions are those before departure; afterwards the airline decides for each unused coupon.
    if condition and condition.allowed and now < leaves:
        return Rule(ground=RuleGround.FARE_CONDITIONS, allowed=True, fee=condition.fee, deadline=leaves)
    return Rule(ground=RuleGround.CARRIER_DECIDES, allowed=True)


def changed(data: Json) -> bool:
    """Whether the airline has changed the order, and nobody has answered that yet."""
    return any(change.get("action_taken") is None for change in data.get("airline_initiated_changes") or ())


def _unused(order: CarrierOrder, now: datetime) -> tuple[str, ...]:
    segments = (segment for journey in order.journeys for segment in journey.segments)
    return tuple(segment.ref for segment in segments if segment.departs_at > now)
