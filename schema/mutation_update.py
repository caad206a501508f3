"""Correct a passenger."""

from typing import Annotated

import strawberry

from app.booking.correct import CorrectWish, take_correct
from resolvers.verbs import taken
from schema.fields import Info, answered
from schema.passenger_input import PassengerChanges
from schema.payload import Payload
from schema.texts import checked


@strawberry.input(description="What to correct about a passenger.")
class UpdatePassengerInput:
    """`CorrectWish` of the verb."""

    idempotency_key: str = strawberry.field(
        description="Of the client's making, the same for every try of this correction; 1 to 255 characters."
    )
    booking_id: strawberry.ID = strawberry.field(description="The booking.")
    traveller_id: strawberry.ID = strawberry.field(description="The passenger.")
    changes: PassengerChanges = strawberry.field(description="What to correct.")

    def to_wish(self) -> CorrectWish:
        """The verb's wish."""
        return CorrectWish(booking_id=self.booking_id, traveller_id=self.traveller_id, changes=self.changes.to_domain())


@strawberry.type(description="What became of an `updatePassenger`.")
class UpdatePassengerPayload(Payload):
    """A corrected booking, or why it is not."""


@strawberry.type
class UpdateMutation:
    """The field of `Mutation`."""

    @answered
    async def update_passenger(
        self,
        info: Info,
        input: Annotated[UpdatePassengerInput, strawberry.argument(description="What to correct.")],  # noqa: A002
    ) -> UpdatePassengerPayload | None:
        """Correct a passenger, as far as the carriers' `correctable` allows; needs the scope `book`."""
        return UpdatePassengerPayload.of(
            await taken(
                info.context,
                lambda desk, viewer: take_correct(
                    desk, viewer, input.idempotency_key, checked(input, "input").to_wish()
                ),
            )
        )
