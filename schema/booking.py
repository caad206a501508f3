"""A booking: one record across carriers."""

from datetime import datetime
from typing import Self

import strawberry

from app.domain.booking import BookingState, ItemState, PaymentState
from app.domain.money import Money as DomainMoney
from app.store.tables import BookingRow
from resolvers.bookings import booking_balance
from resolvers.loaders import (
    CARRIER_CHANGES,
    ITEMS,
    OPEN_OPERATIONS,
    PAYMENTS,
    QUOTES,
    TICKETS,
    TIMELINE,
    TRAVELLERS,
    own,
)
from schema.booking_item import BookingItem
from schema.carrier_change import CarrierChange
from schema.enums import describe
from schema.fields import Info, answered
from schema.itinerary import Journey
from schema.money import Money
from schema.node import Node
from schema.operation import Operation
from schema.payment import Payment
from schema.quote import Quote
from schema.quotes import shown_quote
from schema.ticket import Ticket
from schema.timeline import TimelineEvent
from schema.traveller import Traveller

describe(
    BookingState,
    "A booking's headline: only as far as its slowest item, or how it ended when none is live.",
    {
        BookingState.NEW: "Being reserved.",
        BookingState.REQUESTED: "An operator has to accept some of it by the items' `answerBy` before it can be paid.",
        BookingState.HELD: "Reserved, to be paid by `payBy`.",
        BookingState.CONFIRMED: "Paid and confirmed by every carrier; tickets are on their way.",
        BookingState.TICKETED: "Every passenger has tickets for everything.",
        BookingState.REJECTED: "Could not be reserved, or an operator refused it; nothing is held.",
        BookingState.CANCELLED: "Cancelled; nothing is held.",
        BookingState.EXPIRED: "Not paid, or not accepted, in time; nothing is held.",
        BookingState.REFUNDED: "Refunded.",
    },
)
describe(
    PaymentState,
    "What has been paid for a booking, from the ledger.",
    {
        PaymentState.UNPAID: "Nothing has been paid.",
        PaymentState.AUTHORISED: "The amount is reserved, and taken once everything is confirmed.",
        PaymentState.PART_PAID: "Less than the total was paid.",
        PaymentState.PAID: "The total was paid.",
        PaymentState.REFUND_DUE: "More was paid than it costs now; the difference is to be given back.",
        PaymentState.PARTLY_REFUNDED: "Some was given back.",
        PaymentState.REFUNDED: "All was given back.",
    },
)


@strawberry.type(description="A booking: one record, whatever carriers it spans.")
class Booking(Node):
    """A booking's row."""

    row: strawberry.Private[BookingRow]

    reference: str = strawberry.field(description="A short reference people can read out; none sounds like another.")
    partner_reference: str | None = strawberry.field(description="The partner's own reference.")
    state: BookingState = strawberry.field(description="Its headline; see `items` for each part.")
    total: Money = strawberry.field(
        description="What it costs: all live items, taxes and fees; what it did cost, once none is live."
    )
    kept: Money = strawberry.field(
        description="What of ended parts stays to be paid besides: the fees that their refunds left."
    )
    deposit: Money | None = strawberry.field(
        description="What confirms it, with the rest to be paid by `balanceDueAt`; null where that takes everything."
    )
    balance_due_at: datetime | None = strawberry.field(
        description="When what a deposit left to pay is due, and from when on a deposit is too little; null once paid."
    )
    pay_by: datetime | None = strawberry.field(
        description="Until when a held booking must be paid, before it expires; null while it is being reserved. "
        "Of a `REQUESTED` one, how long the rest of it is held; it expires then, accepted or not."
    )
    departs_at: datetime | None = strawberry.field(description="The first departure; null until it is known.")
    created_at: datetime = strawberry.field(description="When it was reserved.")

    @answered
    async def payment_state(self, info: Info) -> PaymentState:
        """What has been paid."""
        return (await booking_balance(info.context, self.row)).state

    @answered
    async def balance(self, info: Info) -> Money:
        """What is left to pay; below zero, what is to be given back."""
        return Money.of((await booking_balance(info.context, self.row)).due)

    @answered
    async def paid(self, info: Info) -> Money:
        """What was taken, less what was given back."""
        return Money.of((await booking_balance(info.context, self.row)).paid)

    @answered
    async def refunded(self, info: Info) -> Money:
        """What was given back so far."""
        return Money.of((await booking_balance(info.context, self.row)).refunded)

    @answered
    async def items(self, info: Info) -> list[BookingItem]:
        """Its parts, one for each offer reserved."""
        return [BookingItem.of(item) for item in await own(info.context, ITEMS, self.id)]

    @answered
    async def journeys(self, info: Info) -> list[Journey]:
        """The journeys of all its parts, in the order of travel; without those of parts that were exchanged."""
        items = [BookingItem.of(item) for item in await own(info.context, ITEMS, self.id)]
        standing = (item for item in items if item.state != ItemState.EXCHANGED)
        journeys = [journey for item in standing for journey in item.shown_journeys(info)]
        return sorted(journeys, key=lambda journey: journey.departs_at)

    @answered
    async def passengers(self, info: Info) -> list[Traveller]:
        """Who travels, in the order they were named."""
        return [Traveller.of(row) for row in await own(info.context, TRAVELLERS, self.id)]

    @answered
    async def payments(self, info: Info) -> list[Payment]:
        """Every payment, also those that were released, oldest first."""
        return [Payment.of(row) for row in await own(info.context, PAYMENTS, self.id)]

    @answered
    async def tickets(self, info: Info) -> list[Ticket]:
        """The tickets the carriers have issued so far."""
        return [Ticket.of(row) for row in await own(info.context, TICKETS, self.id)]

    @answered
    async def changes(self, info: Info) -> list[CarrierChange]:
        """What its carriers changed by themselves, settled changes included, oldest first."""
        return [CarrierChange.of(row) for row in await own(info.context, CARRIER_CHANGES, self.id)]

    @answered
    async def quotes(self, info: Info) -> list[Quote]:
        """What refunds, exchanges and additions would come to, as it was asked for, oldest first."""
        return [shown_quote(row) for row in await own(info.context, QUOTES, self.id)]

    @answered
    async def timeline(self, info: Info) -> list[TimelineEvent]:
        """Everything that happened to it, oldest first."""
        return [TimelineEvent.of(row) for row in await own(info.context, TIMELINE, self.id)]

    @answered
    async def open_operations(self, info: Info) -> list[Operation]:
        """What is under way, or waits for a person; nothing else can change the booking meanwhile."""
        return [Operation.of(row) for row in await own(info.context, OPEN_OPERATIONS, self.id)]

    @classmethod
    def of(cls, row: BookingRow) -> Self:
        """The stored booking."""
        return cls(
            row=row,
            id=strawberry.ID(row.id),
            reference=row.reference,
            partner_reference=row.partner_reference,
            state=BookingState(row.state),
            total=Money.of(DomainMoney(row.total_minor, row.currency)),
            kept=Money.of(DomainMoney(row.kept_minor, row.currency)),
            deposit=None if row.deposit_minor is None else Money.of(DomainMoney(row.deposit_minor, row.currency)),
            balance_due_at=row.balance_due_at,
            pay_by=row.pay_by,
            departs_at=row.departs_at,
            created_at=row.created_at,
        )
