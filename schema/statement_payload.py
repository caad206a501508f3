"""What the mutations about statements answer."""

from typing import Self

import strawberry

from resolvers.statements import statement
from resolvers.verbs import Taken
from schema.fields import Info, answered
from schema.payload import OperationPayload
from schema.statement import SettlementStatement


@strawberry.type
class StatementPayload(OperationPayload):
    """What the payloads of changes to a statement have in common."""

    statement_id: strawberry.Private[str | None]

    @answered
    async def statement(self, info: Info) -> SettlementStatement | None:
        """The statement as it is now; null when nothing was opened."""
        row = await statement(info.context, self.statement_id) if self.statement_id else None
        return SettlementStatement.of(row) if row else None

    @classmethod
    def about(cls, statement_id: str | None, taken: Taken) -> Self:
        """What became of the wish about this statement."""
        return cls(statement_id=statement_id if taken.operation_id else None, taken=taken)
