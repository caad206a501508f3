"""Operations: one mutation or deadline at work, and the steps it takes."""

from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Self

import strawberry

from app.store.tables import OperationRow, OperationState, StepRow, StepState
from resolvers.bookings import booking
from resolvers.operations import operation, refusal_of, steps
from schema.enums import describe
from schema.errors import UserError, shown
from schema.fields import Info, answered
from schema.node import Node

if TYPE_CHECKING:
    from schema.booking import Booking


class OperationVerb(StrEnum):
    """What an operation does, as its verb is journalled, without the version."""

    RESERVE = "reserve"
    PAY = "pay"
    OPEN_SESSION = "open-session"
    COMPLETE = "complete"
    CANCEL = "cancel"
    EXPIRE = "expire"
    QUOTE_REFUND = "quote-refund"
    QUOTE_REFUND_AGAIN = "quote-refund-again"
    REFUND = "refund"
    FOLLOW_REFUND = "follow-refund"
    GIVE_BACK = "give-back"
    QUOTE_EXCHANGE = "quote-exchange"
    EXCHANGE = "exchange"
    QUOTE_SERVICES = "quote-services"
    ADD_SERVICES = "add-services"
    COMPLETE_CHANGE = "complete-change"
    FOLLOW_TICKETS = "follow-tickets"
    FOLLOW_REQUEST = "follow-request"
    WARN_BALANCE = "warn-balance"
    BALANCE_UNPAID = "balance-unpaid"
    UPDATE_PASSENGER = "update-passenger"
    ERASE_TRAVELLER = "erase-traveller"
    REPLAY_WEBHOOK = "replay-webhook"
    RECORD_PAYMENT = "record-payment"
    ISSUE_CREDIT_NOTE = "credit-note"
    OPEN_DISPUTE = "open-dispute"
    RESOLVE_DISPUTE = "resolve-dispute"
    LOOK_AT_ORDER = "look-at-order"
    ACCEPT_CHANGE = "accept-change"
    RELEASE_ORPHAN = "release-orphan"
    RELEASE_CHARGE = "release-charge"
    SETTLE_DISCREPANCY = "settle-discrepancy"


describe(
    OperationVerb,
    "What an operation does. More verbs may come.",
    {
        OperationVerb.RESERVE: "Hold or price every item, all or nothing.",
        OperationVerb.PAY: "Confirm every item and take the money, all or nothing.",
        OperationVerb.OPEN_SESSION: "Open a card form for the payer.",
        OperationVerb.COMPLETE: "See what the payer did in the card form, and confirm what is covered by now.",
        OperationVerb.CANCEL: "Give a hold back, or withdraw a request.",
        OperationVerb.EXPIRE: "Give back what was not paid in time.",
        OperationVerb.QUOTE_REFUND: "Ask carriers what a refund would give back.",
        OperationVerb.QUOTE_REFUND_AGAIN: "Ask a carrier again that had not answered a refund's quote.",
        OperationVerb.REFUND: "Refund at the carriers, then give the money back.",
        OperationVerb.FOLLOW_REFUND: "Ask a carrier for the amount of a refund that it had not said.",
        OperationVerb.GIVE_BACK: "Try again to give back what was paid too much.",
        OperationVerb.QUOTE_EXCHANGE: "Ask carriers what items could be exchanged for.",
        OperationVerb.EXCHANGE: "Exchange an item, and take what is due or give back what is over.",
        OperationVerb.QUOTE_SERVICES: "Ask the carrier what seats or bags would cost with a paid item.",
        OperationVerb.ADD_SERVICES: "Add seats or bags to a paid item, and take what they cost.",
        OperationVerb.COMPLETE_CHANGE: "See what the payer did in the card form of a change, and make what is paid.",
        OperationVerb.FOLLOW_TICKETS: "Ask the carrier for tickets that are still missing.",
        OperationVerb.FOLLOW_REQUEST: "Ask whether the operator accepts a request; the whole booking ends if not.",
        OperationVerb.WARN_BALANCE: "Warn that the rest after a deposit is soon due.",
        OperationVerb.BALANCE_UNPAID: "Cancel what has a deposit and was not paid in full when that was due.",
        OperationVerb.UPDATE_PASSENGER: "Correct a passenger.",
        OperationVerb.ERASE_TRAVELLER: "Erase a passenger's personal facts.",
        OperationVerb.REPLAY_WEBHOOK: "Tell a partner's backend of an event again.",
        OperationVerb.RECORD_PAYMENT: "Record that a statement was paid.",
        OperationVerb.ISSUE_CREDIT_NOTE: "Credit a statement.",
        OperationVerb.OPEN_DISPUTE: "Dispute a statement.",
        OperationVerb.RESOLVE_DISPUTE: "Resolve a dispute of a statement.",
        OperationVerb.LOOK_AT_ORDER: "Look at a paid order, for what its carrier may have changed.",
        OperationVerb.ACCEPT_CHANGE: "Accept what the carrier changed.",
        OperationVerb.RELEASE_ORPHAN: "Cancel an order that was made for an item, and that no item has.",
        OperationVerb.RELEASE_CHARGE: "Release what is reserved on a card, and pays for nothing.",
        OperationVerb.SETTLE_DISCREPANCY: "Say why a discrepancy need not be looked at any more.",
    },
)


describe(
    OperationState,
    "How far an operation has come.",
    {
        OperationState.OPEN: "Under way. Ask again for it, or send the same mutation with the same key.",
        OperationState.DONE: "Everything was done.",
        OperationState.REFUSED: "It ended in `error`, and was undone where that was needed.",
        OperationState.STUCK: "It cannot go on by itself; a person has to look.",
    },
)
describe(
    StepState,
    "How far one step of an operation has come.",
    {
        StepState.ASKING: "It was asked, and the answer is not known yet.",
        StepState.FREE: "The other side could not be reached, so nothing happened; it will be asked again.",
        StepState.SETTLED: "It was answered, and what it changed is written.",
        StepState.REFUSED: "It was refused.",
        StepState.STUCK: "Its answer was lost and cannot be looked up; a person has to.",
    },
)


@strawberry.type(description="One step of an operation: a call to a carrier, or a decision of the gateway's own.")
class OperationStep:
    """A step's row, without what was said."""

    name: str = strawberry.field(description="What the step does, such as check, hold or pay.")
    item_id: strawberry.ID | None = strawberry.field(description="The item it is for; null for the whole booking.")
    state: StepState = strawberry.field(description="How far it has come.")
    attempts: int = strawberry.field(description="How often it was asked.")
    started_at: datetime = strawberry.field(description="When it was first asked.")

    @classmethod
    def of(cls, row: StepRow) -> Self:
        """The stored step."""
        return cls(
            name=row.name,
            item_id=strawberry.ID(row.item_id) if row.item_id else None,
            state=StepState(row.state),
            attempts=row.attempts,
            started_at=row.asked_first_at,
        )


@strawberry.type(description="One mutation or deadline at work. It goes on when the client, or the gateway, goes away.")
class Operation(Node):
    """An operation's row."""

    row: strawberry.Private[OperationRow]

    verb: OperationVerb = strawberry.field(description="What it does.")
    state: OperationState = strawberry.field(description="How far it has come.")
    actor: str = strawberry.field(description='Who began it: the name of a token, or "system" for a deadline.')
    created_at: datetime = strawberry.field(description="When it began.")
    ended_at: datetime | None = strawberry.field(description="When it ended; null while it is under way.")
    next_attempt_at: datetime | None = strawberry.field(
        description="When it is taken up again at the latest; null once it has ended."
    )
    error: UserError | None = strawberry.field(description="Why it was refused; null otherwise.")

    @answered
    async def booking(self, info: Info) -> Annotated["Booking", strawberry.lazy("schema.booking")] | None:
        """The booking it changes; null when it changes none, or was refused before there was one."""
        from schema.booking import Booking

        row = await booking(info.context, self.row.booking_id) if self.row.booking_id else None
        return Booking.of(row) if row else None

    @answered
    async def steps(self, info: Info) -> list[OperationStep]:
        """What it has done so far, in order; unfinished steps say what it waits for."""
        return [OperationStep.of(row) for row in await steps(info.context, self.row)]

    @classmethod
    def of(cls, row: OperationRow) -> Self:
        """The stored operation."""
        refusal = refusal_of(row)
        return cls(
            row=row,
            id=strawberry.ID(row.id),
            verb=OperationVerb(row.verb.partition("@")[0]),
            state=OperationState(row.state),
            actor=row.actor,
            created_at=row.created_at,
            ended_at=row.closed_at,
            next_attempt_at=row.due_at if row.state == OperationState.OPEN else None,
            error=shown(refusal) if refusal else None,
        )


@strawberry.type
class OperationQueries:
    """Fields of `Query` about operations."""

    @answered
    async def operation(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="The operation's id.")],  # noqa: A002
    ) -> Operation | None:
        """An operation of the viewer's partner, to see how it goes; needs the scope `book`."""
        row = await operation(info.context, id)
        return Operation.of(row) if row else None
