"""Cancel."""

from typing import Annotated

import strawberry

from app.booking.cancel import CancelWish, take_cancel
from resolvers.verbs import taken
from schema.fields import Info, answered
from schema.payload import Payload
from schema.texts import checked


@strawberry.input(description="What to cancel.")
class CancelInput:
    """`CancelWish` of the verb."""

    idempotency_key: str = strawberry.field(
        description="Of the client's making, the same for every try of this cancellation; 1 to 255 characters."
    )
    booking_id: strawberry.ID = strawberry.field(
        description="A held booking, or one that waits for an operator's answer."
    )

    def to_wish(self) -> CancelWish:
        """The verb's wish."""
        return CancelWish(booking_id=self.booking_id)


@strawberry.type(description="What became of a `cancel`.")
class CancelPayload(Payload):
    """A cancelled booking, or why it is not."""


@strawberry.type
class CancelMutation:
    """The field of `Mutation`."""

    @answered
    async def cancel(
        self,
        info: Info,
        input: Annotated[CancelInput, strawberry.argument(description="What to cancel.")],  # noqa: A002
    ) -> CancelPayload | None:
        """Give a hold back before it is paid, or withdraw a request; it costs nothing. Needs the scope `book`."""
        return CancelPayload.of(
            await taken(
                info.context,
                lambda desk, viewer: take_cancel(
                    desk, viewer, input.idempotency_key, checked(input, "input").to_wish()
                ),
            )
        )
