"""Settle a discrepancy."""

from functools import partial
from typing import Annotated, Self

import strawberry

from app.booking.desk import Desk, Outcome
from app.domain.partner import Scope, Viewer
from app.reconcile.settle import SettleWish, take_settlement
from resolvers.discrepancies import discrepancy
from resolvers.verbs import Taken, taken
from schema.discrepancy import Discrepancy
from schema.fields import Info, answered
from schema.payload import OperationPayload
from schema.texts import checked


@strawberry.input(description="Which discrepancy is settled, and why.")
class SettleDiscrepancyInput:
    """`SettleWish` of the verb."""

    idempotency_key: str = strawberry.field(
        description="Of the client's making, the same for every try of this settlement; 1 to 255 characters."
    )
    discrepancy_id: strawberry.ID = strawberry.field(description="An open discrepancy.")
    reason: str = strawberry.field(description="Why it need not be looked at any more; other operators read it.")

    def to_wish(self) -> SettleWish:
        """The verb's wish."""
        return SettleWish(discrepancy_id=self.discrepancy_id, reason=self.reason)


@strawberry.type(description="What became of a `settleDiscrepancy`.")
class SettleDiscrepancyPayload(OperationPayload):
    """A settled discrepancy, or why it is not."""

    discrepancy_id: strawberry.Private[str]

    @answered
    async def discrepancy(self, info: Info) -> Discrepancy | None:
        """The discrepancy as it is now; null when there is none of this id."""
        row = await discrepancy(info.context, self.discrepancy_id)
        return Discrepancy.of(row) if row else None

    @classmethod
    def about(cls, discrepancy_id: str, taken: Taken) -> Self:
        """What became of the wish about this discrepancy."""
        return cls(discrepancy_id=discrepancy_id, taken=taken)


@strawberry.type
class SettleDiscrepancyMutation:
    """The field of `Mutation`."""

    @answered
    async def settle_discrepancy(
        self,
        info: Info,
        input: Annotated[SettleDiscrepancyInput, strawberry.argument(description="Which, and why.")],  # noqa: A002
    ) -> SettleDiscrepancyPayload | None:
        """Say why a discrepancy need not be looked at any more; needs the scopes `book` and `internal`.

        It changes neither side's records. As long as they stay as they are, it is not found again.
        """
        done = await taken(info.context, partial(_settle, input), Scope.INTERNAL)
        return SettleDiscrepancyPayload.about(input.discrepancy_id, done)


async def _settle(given: SettleDiscrepancyInput, desk: Desk, viewer: Viewer) -> Outcome:
    return await take_settlement(desk, viewer, given.idempotency_key, checked(given, "input").to_wish())
