"""Give back what is due."""

from functools import partial
from typing import Annotated

import strawberry

from app.aftersales.give_back import GiveBackWish, take_give_back
from app.booking.desk import Desk, Outcome
from app.domain.partner import Scope, Viewer
from resolvers.verbs import taken
from schema.fields import Info, answered
from schema.payload import Payload
from schema.texts import checked


@strawberry.input(description="What to give back.")
class GiveBackInput:
    """`GiveBackWish` of the verb."""

    idempotency_key: str = strawberry.field(
        description="Of the client's making, the same for every try of this attempt; 1 to 255 characters."
    )
    booking_id: strawberry.ID = strawberry.field(description="A booking whose `paymentState` is REFUND_DUE.")

    def to_wish(self) -> GiveBackWish:
        """The verb's wish."""
        return GiveBackWish(booking_id=self.booking_id)


@strawberry.type(description="What became of a `giveBack`.")
class GiveBackPayload(Payload):
    """A settled booking, or why it is not."""


@strawberry.type
class GiveBackMutation:
    """The field of `Mutation`."""

    @answered
    async def give_back(
        self,
        info: Info,
        input: Annotated[GiveBackInput, strawberry.argument(description="What to give back.")],  # noqa: A002
    ) -> GiveBackPayload | None:
        """Try again to give back what a booking was paid too much, where a payment provider had refused that.

        Needs the scopes `book` and `refund`.
        """
        return GiveBackPayload.of(await taken(info.context, partial(_take, input), Scope.REFUND))


async def _take(given: GiveBackInput, desk: Desk, viewer: Viewer) -> Outcome:
    return await take_give_back(desk, viewer, given.idempotency_key, checked(given, "input").to_wish())
