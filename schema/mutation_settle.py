"""Settle a statement: record a payment, issue a credit note."""

from datetime import date
from functools import partial
from typing import Annotated

import strawberry

from app.booking.desk import Desk, Outcome
from app.booking.settle import CreditWish, PaymentWish, take_credit_note, take_payment
from app.domain.partner import Viewer
from resolvers.verbs import taken
from schema.fields import Info, answered
from schema.money import MoneyInput
from schema.payload import amount_of
from schema.statement_payload import StatementPayload
from schema.texts import checked


@strawberry.input(description="A payment that went over the bank.")
class RecordStatementPaymentInput:
    """`PaymentWish` of the verb."""

    idempotency_key: str = strawberry.field(
        description="Of the client's making, the same for every try of this record; 1 to 255 characters."
    )
    statement_id: strawberry.ID = strawberry.field(description="The statement that it settles, in whole or in part.")
    amount: MoneyInput = strawberry.field(
        description="How much, above zero, also where the gateway paid; what is payable of the statement at most."
    )
    reference: str = strawberry.field(description="What it is known by at the bank.")
    paid_on: date = strawberry.field(description="The day it was made; not one to come.")

    def to_wish(self) -> PaymentWish:
        """The verb's wish; InvalidInput for an amount that does not exist."""
        return PaymentWish(
            statement_id=self.statement_id,
            amount=amount_of(self.amount, "amount"),
            reference=self.reference,
            paid_on=self.paid_on,
        )


@strawberry.input(description="What need not be paid of a statement.")
class IssueCreditNoteInput:
    """`CreditWish` of the verb."""

    idempotency_key: str = strawberry.field(
        description="Of the client's making, the same for every try of this credit note; 1 to 255 characters."
    )
    statement_id: strawberry.ID = strawberry.field(description="The statement that it lessens.")
    amount: MoneyInput = strawberry.field(description="How much, above zero; what is payable of it at most.")
    reason: str = strawberry.field(description="Why; the holder of the account reads it.")

    def to_wish(self) -> CreditWish:
        """The verb's wish; InvalidInput for an amount that does not exist."""
        amount = amount_of(self.amount, "amount")
        return CreditWish(statement_id=self.statement_id, amount=amount, reason=self.reason)


@strawberry.type(description="What became of a `recordStatementPayment`.")
class RecordStatementPaymentPayload(StatementPayload):
    """A statement with the payment, or why it was not recorded."""


@strawberry.type(description="What became of an `issueCreditNote`.")
class IssueCreditNotePayload(StatementPayload):
    """A statement with the credit note, or why there is none."""


@strawberry.type
class SettleMutation:
    """The fields of `Mutation`."""

    @answered
    async def record_statement_payment(
        self,
        info: Info,
        input: Annotated[  # noqa: A002
            RecordStatementPaymentInput, strawberry.argument(description="What was paid.")
        ],
    ) -> RecordStatementPaymentPayload | None:
        """Record that a statement was paid over the bank; needs the scopes `book` and `internal`."""
        done = await taken(info.context, partial(_record, input))
        return RecordStatementPaymentPayload.about(input.statement_id, done)

    @answered
    async def issue_credit_note(
        self,
        info: Info,
        input: Annotated[IssueCreditNoteInput, strawberry.argument(description="What is credited.")],  # noqa: A002
    ) -> IssueCreditNotePayload | None:
        """Let a part of a statement, or all of it, go unpaid; needs the scopes `book` and `internal`."""
        done = await taken(info.context, partial(_credit, input))
        return IssueCreditNotePayload.about(input.statement_id, done)


async def _record(given: RecordStatementPaymentInput, desk: Desk, viewer: Viewer) -> Outcome:
    return await take_payment(desk, viewer, given.idempotency_key, checked(given, "input").to_wish())


async def _credit(given: IssueCreditNoteInput, desk: Desk, viewer: Viewer) -> Outcome:
    return await take_credit_note(desk, viewer, given.idempotency_key, checked(given, "input").to_wish())
