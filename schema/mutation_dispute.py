"""Dispute a statement, and resolve a dispute."""

from functools import partial
from typing import Annotated

import strawberry

from app.booking.desk import Desk, Outcome
from app.booking.settle import DisputeWish, ResolveWish, take_dispute, take_resolution
from app.domain.partner import Viewer
from resolvers.statements import dispute
from resolvers.verbs import taken
from schema.fields import Info, answered
from schema.money import MoneyInput
from schema.payload import amount_of
from schema.statement_payload import StatementPayload
from schema.texts import checked


@strawberry.input(description="What is not accepted of a statement.")
class OpenDisputeInput:
    """`DisputeWish` of the verb."""

    idempotency_key: str = strawberry.field(
        description="Of the client's making, the same for every try of this dispute; 1 to 255 characters."
    )
    statement_id: strawberry.ID = strawberry.field(description="The statement.")
    amount: MoneyInput = strawberry.field(description="How much of it, above zero; what is payable of it at most.")
    reason: str = strawberry.field(description="Why; the operator reads it.")

    def to_wish(self) -> DisputeWish:
        """The verb's wish; InvalidInput for an amount that does not exist."""
        amount = amount_of(self.amount, "amount")
        return DisputeWish(statement_id=self.statement_id, amount=amount, reason=self.reason)


@strawberry.input(description="How a dispute ends.")
class ResolveDisputeInput:
    """`ResolveWish` of the verb."""

    idempotency_key: str = strawberry.field(
        description="Of the client's making, the same for every try of this resolution; 1 to 255 characters."
    )
    dispute_id: strawberry.ID = strawberry.field(description="An open dispute.")
    upheld: bool = strawberry.field(
        description="True credits the disputed amount; false makes it payable again, as before the dispute."
    )
    note: str = strawberry.field(description="Why; the holder of the account reads it.")

    def to_wish(self) -> ResolveWish:
        """The verb's wish."""
        return ResolveWish(dispute_id=self.dispute_id, upheld=self.upheld, note=self.note)


@strawberry.type(description="What became of an `openDispute`.")
class OpenDisputePayload(StatementPayload):
    """A statement with the dispute, or why there is none."""


@strawberry.type(description="What became of a `resolveDispute`.")
class ResolveDisputePayload(StatementPayload):
    """A statement without the dispute, or why it is still there."""


@strawberry.type
class DisputeMutation:
    """The fields of `Mutation`."""

    @answered
    async def open_dispute(
        self,
        info: Info,
        input: Annotated[OpenDisputeInput, strawberry.argument(description="What is disputed.")],  # noqa: A002
    ) -> OpenDisputePayload | None:
        """Dispute a part of a statement of one's own, or all of it; needs the scope `book`.

        Until the dispute is resolved, its amount is neither payable nor overdue.
        """
        done = await taken(info.context, partial(_open, input))
        return OpenDisputePayload.about(input.statement_id, done)

    @answered
    async def resolve_dispute(
        self,
        info: Info,
        input: Annotated[ResolveDisputeInput, strawberry.argument(description="How it ends.")],  # noqa: A002
    ) -> ResolveDisputePayload | None:
        """Uphold or reject a dispute; needs the scopes `book` and `internal`."""
        done = await taken(info.context, partial(_resolve, input))
        row = await dispute(info.context, input.dispute_id)
        return ResolveDisputePayload.about(row.statement_id if row else None, done)


async def _open(given: OpenDisputeInput, desk: Desk, viewer: Viewer) -> Outcome:
    return await take_dispute(desk, viewer, given.idempotency_key, checked(given, "input").to_wish())


async def _resolve(given: ResolveDisputeInput, desk: Desk, viewer: Viewer) -> Outcome:
    return await take_resolution(desk, viewer, given.idempotency_key, checked(given, "input").to_wish())
