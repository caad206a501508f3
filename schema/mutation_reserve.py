"""Reserve."""

from enum import StrEnum
from typing import Annotated, Self

import strawberry

from app.booking.reserve import ReserveWish, take_reserve
from app.pricing.offers import MAX_LENGTH
from app.store.tables import EventRow
from resolvers.verbs import taken, warnings
from schema.enums import describe
from schema.fields import Info, answered
from schema.money import MoneyInput
from schema.passenger_input import PassengerInput
from schema.payload import Payload, money
from schema.texts import ALLOWED, checked


class WarningCode(StrEnum):
    """What a person should look at."""

    DUPLICATE_SUSPECTED = "DUPLICATE_SUSPECTED"
    FACTS_NOT_SENT = "FACTS_NOT_SENT"


describe(
    WarningCode,
    "What a person should look at, though nothing was refused. More codes may come.",
    {
        WarningCode.DUPLICATE_SUSPECTED: "The same people already travel on one of these flights.",
        WarningCode.FACTS_NOT_SENT: "The carrier has no place for some of what was given about passengers.",
    },
)


def _sentence(event: EventRow) -> str:
    if event.kind == WarningCode.FACTS_NOT_SENT:
        fields = ", ".join(event.facts["fields"])
        return f"The carrier {event.facts['carrier']} takes no {fields} with an order; ask for it at the airline."
    return f"The same people already travel on one of these flights, in booking {event.facts['bookingReference']}."


@strawberry.type(description="Something a person should look at, though nothing was refused.")
class ReserveWarning:
    """An event of the reservation worth a warning."""

    code: WarningCode = strawberry.field(description="What it is, for programs.")
    message: str = strawberry.field(description="What it is, as a sentence in English.")
    booking_reference: str | None = strawberry.field(description="The other booking it is about, where there is one.")

    @classmethod
    def of(cls, event: EventRow) -> Self:
        """The warning an event gives."""
        reference = event.facts.get("bookingReference")
        return cls(code=WarningCode(event.kind), message=_sentence(event), booking_reference=reference)


@strawberry.input(description="What to reserve, all or nothing.")
class ReserveInput:
    """`ReserveWish` of the verb."""

    idempotency_key: str = strawberry.field(
        description="Of the client's making, the same for every try of this reservation; 1 to 255 characters."
    )
    offers: list[str] = strawberry.field(
        metadata={ALLOWED: MAX_LENGTH},
        description="1 to 4 `offer` tokens of itineraries, in one currency and for the same passengers.",
    )
    passengers: list[PassengerInput] = strawberry.field(description="Everybody the offers were priced for.")
    partner_reference: str | None = strawberry.field(default=None, description="The partner's own reference.")
    accept_up_to: MoneyInput | None = strawberry.field(
        default=None,
        description="The highest total to go on at when a carrier's price has moved; the total shown when left out.",
    )

    def to_wish(self) -> ReserveWish:
        """The verb's wish."""
        return ReserveWish(
            offers=tuple(self.offers),
            passengers=tuple(passenger.to_domain() for passenger in self.passengers),
            partner_reference=self.partner_reference,
            accept_up_to=money(self.accept_up_to, "acceptUpTo"),
        )


@strawberry.type(description="What became of a `reserve`.")
class ReservePayload(Payload):
    """A held booking, or why there is none."""

    @answered
    async def warnings(self, info: Info) -> list[ReserveWarning]:
        """What a person should look at, though nothing was refused."""
        return [ReserveWarning.of(event) for event in await warnings(info.context, self.taken)]


@strawberry.type
class ReserveMutation:
    """The field of `Mutation`."""

    @answered
    async def reserve(
        self,
        info: Info,
        input: Annotated[ReserveInput, strawberry.argument(description="What to reserve.")],  # noqa: A002
    ) -> ReservePayload | None:
        """Reserve offers for passengers: hold what can be held, price the rest, all or nothing. Needs scope `book`."""
        return ReservePayload.of(
            await taken(
                info.context,
                lambda desk, viewer: take_reserve(
                    desk, viewer, input.idempotency_key, checked(input, "input").to_wish()
                ),
            )
        )
