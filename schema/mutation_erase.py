"""Erase a traveller."""

from typing import Annotated

import strawberry

from app.booking.erase import EraseWish, take_erase
from resolvers.verbs import taken
from schema.fields import Info, answered
from schema.payload import Payload
from schema.texts import checked


@strawberry.input(description="Whose personal facts to erase.")
class EraseTravellerInput:
    """`EraseWish` of the verb."""

    idempotency_key: str = strawberry.field(
        description="Of the client's making, the same for every try of this erasure; 1 to 255 characters."
    )
    booking_id: strawberry.ID = strawberry.field(description="The booking.")
    traveller_id: strawberry.ID = strawberry.field(description="The passenger.")

    def to_wish(self) -> EraseWish:
        """The verb's wish."""
        return EraseWish(booking_id=self.booking_id, traveller_id=self.traveller_id)


@strawberry.type(description="What became of an `eraseTraveller`.")
class EraseTravellerPayload(Payload):
    """A booking without the traveller's personal facts, or why they are still there."""


@strawberry.type
class EraseMutation:
    """The field of `Mutation`."""

    @answered
    async def erase_traveller(
        self,
        info: Info,
        input: Annotated[EraseTravellerInput, strawberry.argument(description="Whom to forget.")],  # noqa: A002
    ) -> EraseTravellerPayload | None:
        """Erase a passenger's personal facts; every record stays valid. Needs the scope `book`."""
        return EraseTravellerPayload.of(
            await taken(
                info.context,
                lambda desk, viewer: take_erase(desk, viewer, input.idempotency_key, checked(input, "input").to_wish()),
            )
        )
