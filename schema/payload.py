"""What every mutation answers: the booking, the operation, and what was refused."""

from typing import Self

import strawberry

from app.domain.money import Money, MoneyError
from app.domain.refusals import InvalidInput
from resolvers.bookings import booking
from resolvers.operations import operation, refusal_of
from resolvers.verbs import Taken
from schema.booking import Booking
from schema.errors import UserError, shown
from schema.fields import Info, answered
from schema.money import MoneyInput
from schema.operation import Operation


@strawberry.type
class OperationPayload:
    """What all payloads have in common; `errors` is empty also while the operation is still under way."""

    taken: strawberry.Private[Taken]

    @answered
    async def errors(self, info: Info) -> list[UserError]:
        """What was refused; empty when it was done, or while `operation` is still open."""
        refusal = self.taken.refusal
        if refusal is None and self.taken.operation_id:
            # It may have ended since we looked, and must not then be shown as refused without a reason.
            row = await operation(info.context, self.taken.operation_id)
            refusal = refusal_of(row) if row else None
        return [shown(refusal)] if refusal else []

    @answered
    async def operation(self, info: Info) -> Operation | None:
        """The operation; when it is still OPEN, ask for it again. Null when the input was refused before it began."""
        row = await operation(info.context, self.taken.operation_id) if self.taken.operation_id else None
        return Operation.of(row) if row else None


@strawberry.type
class Payload(OperationPayload):
    """What the payloads of changes to a booking have in common."""

    @answered
    async def booking(self, info: Info) -> Booking | None:
        """The booking as it is now; null when nothing was opened."""
        row = await booking(info.context, self.taken.booking_id) if self.taken.booking_id else None
        return Booking.of(row) if row else None

    @classmethod
    def of(cls, taken: Taken) -> Self:
        """What became of the wish."""
        return cls(taken=taken)


def money(amount: MoneyInput | None, field: str) -> Money | None:
    """The amount in this field of the input, if any; InvalidInput when no such amount exists."""
    return None if amount is None else amount_of(amount, field)


def amount_of(amount: MoneyInput, field: str) -> Money:
    """The amount in this field of the input; InvalidInput when no such amount exists."""
    try:
        return amount.to_domain()
    except MoneyError as error:
        raise InvalidInput(message=f"{error}.", path=("input", field, "amount")) from None
