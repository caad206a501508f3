"""Operations: what is under way, or how it ended."""

from collections.abc import Sequence

from app.domain import codec
from app.domain.errors import Refusal
from app.domain.partner import Scope
from app.store.tables import OperationRow, StepRow
from resolvers.context import Context
from resolvers.loaders import OPERATION, STEPS, own


async def operation(context: Context, operation_id: str) -> OperationRow | None:
    """The viewer's operation of this id; Access without the scope."""
    context.viewer.need(Scope.BOOK)
    return await own(context, OPERATION, operation_id)


async def steps(context: Context, row: OperationRow) -> Sequence[StepRow]:
    """The operation's steps so far."""
    return await own(context, STEPS, row.id)


def refusal_of(row: OperationRow) -> Refusal | None:
    """The Refusal the operation ended in, if it did."""
    return codec.load_refusal(row.refusal) if row.refusal else None
