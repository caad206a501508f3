"""Reserve."""

from enum import StrEnum
from typing import Annotated, Self

import strawberry

from app.booking.reserve import ReserveWish, take_reserve
from app.booking.with_services import ChosenService
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
        WarningCode.DUPLICATE_SUSPECTED: "The same people already travel on one of these flights, or on a tour then.",
        WarningCode.FACTS_NOT_SENT: "The carrier has no place for some of what was given about passengers.",
    },
)


def _sentence(event: EventRow) -> str:
    if event.kind == WarningCode.FACTS_NOT_SENT:
        fields = ", ".join(event.facts["fields"])
        carrier = event.facts["carrier"]
        return f"The carrier {carrier} takes no {fields} with an order; where that matters, tell it yourself."
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


@strawberry.input(description="So many of a seat or bag that an offer can be bought with, for one of the passengers.")
class ChosenServiceInput:
    """`ChosenService` of the verb."""

    id: strawberry.ID = strawberry.field(
        description="The `id` of a service of the offer, of `offerServices` or `offerSeatMaps`."
    )
    passenger: int = strawberry.field(
        description="Who gets it: the position in `passengers`, counted from 0. Only who is priced as the itinerary's "
        "passenger that the service is for can be; of several of that kind, anyone."
    )
    quantity: int = strawberry.field(default=1, description="How many of it.")
    offer: int = strawberry.field(default=0, description="Its offer: the position in `offers`, counted from 0.")

    def to_wish(self) -> ChosenService:
        """The verb's service."""
        return ChosenService(offer=self.offer, ref=self.id, quantity=self.quantity, passenger=self.passenger)


@strawberry.input(description="What to reserve, all or nothing.")
class ReserveInput:
    """`ReserveWish` of the verb."""

    idempotency_key: str = strawberry.field(
        description="Of the client's making, the same for every try of this reservation; 1 to 255 characters."
    )
    offers: list[str] = strawberry.field(
        metadata={ALLOWED: MAX_LENGTH},
        description="1 to 4 tokens, in one currency and for the same passengers: `offer` of itineraries, and `token` "
        "of offers for rooms of departures.",
    )
    passengers: list[PassengerInput] = strawberry.field(description="Everybody the offers were priced for.")
    services: list[ChosenServiceInput] = strawberry.field(
        default_factory=list,
        description="Seats and bags to buy with the offers, at what they cost now. Airlines sell them only with what "
        "is bought at once: an offer with any is not held, even if it could be, but bought with them when the booking "
        "is paid (`inventoryHeld` is false until then). Bags can also be added afterwards, with `quoteServices`.",
    )
    partner_reference: str | None = strawberry.field(default=None, description="The partner's own reference.")
    accept_up_to: MoneyInput | None = strawberry.field(
        default=None,
        description="The highest total to go on at when a carrier's price has moved, services included; when left out, "
        "the offers' totals as they were shown, and whatever the services cost.",
    )

    def to_wish(self) -> ReserveWish:
        """The verb's wish."""
        return ReserveWish(
            offers=tuple(self.offers),
            passengers=tuple(passenger.to_domain() for passenger in self.passengers),
            partner_reference=self.partner_reference,
            accept_up_to=money(self.accept_up_to, "acceptUpTo"),
            services=tuple(service.to_wish() for service in self.services),
        )


@strawberry.type(description="What became of a `reserve`.")
class ReservePayload(Payload):
    """A held or requested booking, or why there is none."""

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
        """Reserve flights and tours for passengers: hold what can be held, price the rest, ask for what is on request.

        All of it, or nothing. Needs the scope `book`.
        """
        return ReservePayload.of(
            await taken(
                info.context,
                lambda desk, viewer: take_reserve(
                    desk, viewer, input.idempotency_key, checked(input, "input").to_wish()
                ),
            )
        )
