"""What happened to a booking."""

from datetime import datetime
from typing import Any, Self

import strawberry

from app.domain.events import EventKind
from app.domain.money import Money as DomainMoney
from app.store.tables import EventRow
from schema.enums import describe
from schema.money import Money

_SENTENCES = {
    EventKind.RESERVE_STARTED: "The reservation began.",
    EventKind.ITEM_HELD: "The carrier holds the space.",
    EventKind.ITEM_PRICED: "The carrier confirmed the price; it holds no space for this fare.",
    EventKind.ITEM_REJECTED: "This part could not be reserved.",
    EventKind.BOOKING_HELD: "Everything is reserved and can be paid.",
    EventKind.DUPLICATE_SUSPECTED: "The same people already travel on one of these flights, or on a tour then.",
    EventKind.FACTS_NOT_SENT: "This carrier has no place for some facts; where they matter, tell it yourself.",
    EventKind.PRICE_CHANGED: "The carrier's price moved.",
    EventKind.PAYMENT_DUE_SOON: "The time to pay is nearly over; what is not paid then is cancelled.",
    EventKind.PAYMENT_REQUESTED: "A card form was opened for the payer.",
    EventKind.PAYMENT_DECLINED: "The card was declined; another may be tried.",
    EventKind.PAYMENT_EXPIRED: "The card form was not used in time; nothing was taken.",
    EventKind.PAYMENT_FAILED: "The amount could not be taken; it is still to be paid.",
    EventKind.PAYMENT_REFUNDED: "Money was given back to where it came from.",
    EventKind.REFUND_FAILED: "Money that is to be given back could not be; a person has to look.",
    EventKind.PAYMENT_AUTHORISED: "The amount was reserved.",
    EventKind.PAYMENT_CAPTURED: "The amount was taken.",
    EventKind.PAYMENT_VOIDED: "The reserved amount was released.",
    EventKind.ITEM_CONFIRMED: "The carrier confirmed the order.",
    EventKind.TICKETS_PENDING: "Not all tickets are there: the carrier issues them later, or once the balance is paid.",
    EventKind.TICKETS_ISSUED: "The carrier issued the tickets.",
    EventKind.TICKETS_FAILED: "The tickets are days late; a person has to look.",
    EventKind.ITEM_CANCELLED: "The order was cancelled at the carrier.",
    EventKind.ITEM_EXPIRED: "Its time limit passed, and the space went back to the carrier.",
    EventKind.ITEM_STUCK: "The carrier refused to cancel, or to give back what its terms say; a person has to look.",
    EventKind.PASSENGER_UPDATED: "A passenger's facts were corrected.",
    EventKind.TRAVELLER_ERASED: "A passenger's personal facts were erased.",
    EventKind.REFUND_QUOTED: "What a refund would give back was asked for.",
    EventKind.EXCHANGE_QUOTED: "What it could be exchanged for was asked for.",
    EventKind.SERVICES_QUOTED: "What seats or bags would cost was asked for.",
    EventKind.REFUND_PENDING: "The carrier refunds it, and has not said how much.",
    EventKind.ITEM_REFUNDED: "This part was refunded, and its money is back where it came from.",
    EventKind.ITEM_EXCHANGED: "This part was exchanged for another.",
    EventKind.SERVICES_ADDED: "Seats or bags were added.",
    EventKind.SERVICES_REFUSED: "Seats or bags could not be added; the booking stays as it was.",
    EventKind.CARRIER_CHANGED: "The carrier changed or cancelled a part of it.",
    EventKind.CHANGE_ACCEPTED: "The carrier's change was accepted.",
    EventKind.DISCREPANCY_FOUND: "Our records and another's disagree; a person has to look.",
    EventKind.DISCREPANCY_SETTLED: "A difference between our records and another's was settled.",
    EventKind.ITEM_REQUESTED: "The operator was asked for it, and answers by a time limit.",
    EventKind.REQUEST_ACCEPTED: "The operator accepts the request, and holds the places.",
    EventKind.REQUEST_REJECTED: "The operator refuses the request.",
    EventKind.REQUEST_LAPSED: "The operator did not answer the request in time.",
    EventKind.BALANCE_DUE_SOON: "The rest after a deposit is due soon; what is not paid then is cancelled.",
    EventKind.BALANCE_UNPAID: "The rest was not paid when it was due; it is cancelled, and the deposit is kept.",
}
describe(EventKind, "What happened. More kinds may come.", _SENTENCES)


@strawberry.type(description="One fact of an event.")
class EventFact:
    """An entry of the event's facts."""

    name: str = strawberry.field(description="Which fact, such as total, payBy or reason.")
    value: str = strawberry.field(description="The fact as text; instants in UTC, several values after commas.")
    money: Money | None = strawberry.field(description="The fact as money, where it is an amount.")

    @classmethod
    def of(cls, name: str, value: Any) -> Self:  # noqa: ANN401 - JSON
        """The fact as it was written down."""
        if isinstance(value, dict) and value.keys() == {"minor", "currency"}:
            money = DomainMoney(**value)
            return cls(name=name, value=str(money), money=Money.of(money))
        return cls(name=name, value=_text(value), money=None)


@strawberry.type(description="Something that happened to a booking.")
class TimelineEvent:
    """A line of a booking's timeline."""

    kind: EventKind = strawberry.field(description="What happened.")
    message: str = strawberry.field(description="What happened, as a sentence in English.")
    at: datetime = strawberry.field(description="When.")
    actor: str = strawberry.field(description='Who: the name of a token, or "system" when a deadline had come.')
    facts: list[EventFact] = strawberry.field(description="What else is known of it, by name; nothing personal.")
    item_id: strawberry.ID | None = strawberry.field(description="The item it happened to; null for the whole booking.")
    operation_id: strawberry.ID | None = strawberry.field(description="The operation it was part of.")

    @classmethod
    def of(cls, row: EventRow) -> Self:
        """The stored event."""
        kind = EventKind(row.kind)
        return cls(
            kind=kind,
            message=_SENTENCES[kind],
            at=row.at,
            actor=row.actor,
            facts=[EventFact.of(name, value) for name, value in sorted(row.facts.items())],
            item_id=strawberry.ID(row.item_id) if row.item_id else None,
            operation_id=strawberry.ID(row.operation_id) if row.operation_id else None,
        )


def _text(value: Any) -> str:  # noqa: ANN401 - JSON
    match value:
        case bool():
            return "true" if value else "false"
        case list():
            return ", ".join(map(_text, value))
        case _:
            return str(value)
