"""Accept what a carrier changed."""

from functools import partial
from typing import Annotated

import strawberry

from app.aftersales.accept_change import AcceptWish, take_accept
from app.booking.desk import Desk, Outcome
from app.domain.partner import Viewer
from resolvers.carrier_changes import change_named
from resolvers.verbs import taken
from schema.carrier_change import CarrierChange
from schema.fields import Info, answered
from schema.payload import Payload
from schema.texts import checked


@strawberry.input(description="What to accept.")
class AcceptChangeInput:
    """`AcceptWish` of the verb."""

    idempotency_key: str = strawberry.field(
        description="Of the client's making, the same for every try of this acceptance; 1 to 255 characters."
    )
    change_id: strawberry.ID = strawberry.field(description="A `CarrierChange` whose choices include ACCEPT.")

    def to_wish(self) -> AcceptWish:
        """The verb's wish."""
        return AcceptWish(change_id=self.change_id)


@strawberry.type(description="What became of an `acceptChange`.")
class AcceptChangePayload(Payload):
    """An accepted change, or why it is not."""

    change_id: strawberry.Private[str] = ""

    @answered
    async def change(self, info: Info) -> CarrierChange | None:
        """The change as it stands now; null when there is none with this id."""
        row = await change_named(info.context, self.change_id)
        return CarrierChange.of(row) if row else None


@strawberry.type
class AcceptChangeMutation:
    """The field of `Mutation`."""

    @answered
    async def accept_change(
        self,
        info: Info,
        input: Annotated[AcceptChangeInput, strawberry.argument(description="What to accept.")],  # noqa: A002
    ) -> AcceptChangePayload | None:
        """Accept a change that the carrier made: the item then shows what is flown now. Needs the scope `book`."""
        payload = AcceptChangePayload.of(await taken(info.context, partial(_take, input)))
        payload.change_id = input.change_id
        return payload


async def _take(given: AcceptChangeInput, desk: Desk, viewer: Viewer) -> Outcome:
    return await take_accept(desk, viewer, given.idempotency_key, checked(given, "input").to_wish())
