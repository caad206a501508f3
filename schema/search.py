"""Search and its itineraries."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Annotated, Self

import strawberry

from app.domain.itinerary import BaggageKind, PassengerField, PassengerType
from app.domain.search import DropReason, OutcomeStatus
from app.search.answer import CarrierOutcome as Outcome
from app.search.answer import Itinerary as Found
from app.search.answer import SearchAnswer
from app.search.rank import Sort
from resolvers.search import carrier_profile, find, listed, matching, offer_token
from schema.carriers import Carrier
from schema.enums import describe
from schema.errors import UserError, all_shown
from schema.fields import Info, answered
from schema.itinerary import Airline, Journey, View
from schema.price import FareConditions, Price
from schema.scalars import CurrencyCode
from schema.search_input import ItineraryFilter, SearchInput

describe(
    OutcomeStatus,
    "How a carrier answered what several were asked.",
    {
        OutcomeStatus.OK: "It has something that is listed here.",
        OutcomeStatus.EMPTY: "It answered, with nothing that could be listed; see `dropped`.",
        OutcomeStatus.TIMED_OUT: "It had not answered by the deadline; asking the same again may find more later.",
        OutcomeStatus.FAILED: "It could not be reached, or its answer could not be read.",
        OutcomeStatus.UNSUPPORTED: "It cannot answer such a question at all.",
    },
)
describe(
    DropReason,
    "Why an offer a carrier sent is not listed.",
    {
        DropReason.INCOMPLETE: "A fact is missing without which it cannot be sold.",
        DropReason.UNSUPPORTED_CURRENCY: "No exchange rate leads from its currency to the selling currency.",
        DropReason.EXPIRES_TOO_SOON: "Nobody would have the time to reserve it.",
    },
)


@strawberry.type(description="A passenger of an itinerary, in the order of the search; never a name.")
class ItineraryPassenger:
    """`OfferPassenger` of the domain."""

    id: strawberry.ID = strawberry.field(description="Counted from 1, in the order of the search.")
    type: PassengerType = strawberry.field(description="How the passenger is priced.")
    age: int | None = strawberry.field(description="The age that was given, if any.")
    carry_on_bags: int = strawberry.field(description="Cabin pieces included on every segment.")
    checked_bags: int = strawberry.field(description="Checked pieces included on every segment.")


@strawberry.type(description="Something that can be reserved: journeys by one carrier, at a price, under conditions.")
class Itinerary:
    """An itinerary of the search, with the token to reserve it."""

    id: strawberry.ID = strawberry.field(description="The same for the same content: a key for caches.")
    offer: str = strawberry.field(description="The token to reserve with; it expires at `expiresAt`.")
    carrier: Carrier = strawberry.field(description="The company that sells it to the gateway.")
    airline: Airline = strawberry.field(description="The airline whose fare it is.")
    journeys: list[Journey] = strawberry.field(description="One for each leg of the search.")
    passengers: list[ItineraryPassenger] = strawberry.field(description="Whom it is for, in the order of the search.")
    duration: timedelta = strawberry.field(description="Time on the way, all journeys together.")
    changes: int = strawberry.field(description="Changes of plane, all journeys together.")
    price: Price = strawberry.field(description="What the customer pays.")
    conditions: FareConditions = strawberry.field(description="What the fare allows before departure.")
    emissions_kg: Decimal | None = strawberry.field(
        description="CO2 of all passengers together in kilograms; null when the carrier does not say."
    )
    holdable: bool = strawberry.field(description="Whether space can be held without payment.")
    pay_by: datetime | None = strawberry.field(description="How long a hold keeps space; null when it cannot be held.")
    price_guaranteed_until: datetime | None = strawberry.field(
        description="How long a hold keeps the price; null when the price may change while the space is held."
    )
    expires_at: datetime = strawberry.field(description="Until when it can be reserved.")
    required_passenger_fields: list[PassengerField] = strawberry.field(
        description="What the carrier needs to know of each passenger."
    )
    document_kinds: list[str] = strawberry.field(description="Kinds of identity document it accepts, where it asks.")

    @classmethod
    def of(cls, found: Found, info: Info) -> Self:
        """The search's itinerary, sealed for the viewer's partner."""
        offer, context = found.offer, info.context
        assert offer.owner is not None  # noqa: S101 - what a search finds is somebody's flight
        numbers = {person.ref: str(index) for index, person in enumerate(offer.passengers, start=1)}
        view = View(context.services.places.find, numbers)
        return cls(
            id=strawberry.ID(found.id),
            offer=offer_token(context, found),
            carrier=Carrier.of(carrier_profile(context, offer.carrier)),
            airline=Airline.of(offer.owner),
            journeys=[Journey.of(journey, view) for journey in offer.journeys],
            passengers=_passengers(found, numbers),
            duration=found.duration,
            changes=found.changes,
            price=Price.of(found.price),
            conditions=FareConditions.of(offer.conditions),
            emissions_kg=offer.emissions_kg,
            holdable=offer.holdable,
            pay_by=offer.pay_by,
            price_guaranteed_until=offer.price_guaranteed_until,
            expires_at=found.expires_at,
            required_passenger_fields=list(offer.required),
            document_kinds=list(offer.document_kinds),
        )


def _passengers(found: Found, numbers: dict[str, str]) -> list[ItineraryPassenger]:
    return [
        ItineraryPassenger(
            id=strawberry.ID(numbers[person.ref]),
            type=person.type,
            age=person.age,
            carry_on_bags=found.pieces(BaggageKind.CARRY_ON, person.ref),
            checked_bags=found.pieces(BaggageKind.CHECKED, person.ref),
        )
        for person in found.offer.passengers
    ]


@strawberry.type(description="How many offers were left out for one reason.")
class DroppedOffers:
    """An entry of an outcome's `dropped`."""

    reason: DropReason = strawberry.field(description="Why.")
    count: int = strawberry.field(description="How many.")


@strawberry.type(description="What became of one carrier in a search.")
class CarrierOutcome:
    """`CarrierOutcome` of the search."""

    carrier: Carrier = strawberry.field(description="Which carrier.")
    status: OutcomeStatus = strawberry.field(description="How it answered.")
    latency_ms: int = strawberry.field(description="Milliseconds until it answered, or until it was left behind.")
    offers: int = strawberry.field(description="How many of its offers are in the answer, before any filter.")
    dropped: list[DroppedOffers] = strawberry.field(description="Offers it sent that are not listed, by reason.")

    @classmethod
    def of(cls, outcome: Outcome, info: Info) -> Self:
        """The search's outcome."""
        return cls(
            carrier=Carrier.of(carrier_profile(info.context, outcome.carrier)),
            status=outcome.status,
            latency_ms=round(outcome.latency / timedelta(milliseconds=1)),
            offers=outcome.offers,
            dropped=[DroppedOffers(reason=reason, count=count) for reason, count in sorted(outcome.dropped.items())],
        )


@strawberry.type(description="The answer to a search: live, kept for a short while, never stored.")
class SearchResult:
    """`SearchAnswer` of the search."""

    answer: strawberry.Private[SearchAnswer]

    currency: CurrencyCode = strawberry.field(description="The currency all totals are in.")
    carrier_outcomes: list[CarrierOutcome] = strawberry.field(description="What became of each carrier asked.")
    errors: list[UserError] = strawberry.field(description="What is wrong with the input; empty when it was searched.")

    @answered
    def itineraries(
        self,
        info: Info,
        first: Annotated[int, strawberry.argument(description="How many at most, 1 to 200.")] = 50,
        sort: Annotated[Sort, strawberry.argument(description="What comes first.")] = Sort.PRICE,
        filter: Annotated[  # noqa: A002 - the name clients expect
            ItineraryFilter | None, strawberry.argument(description="What they must be.")
        ] = None,
    ) -> list[Itinerary]:
        """The itineraries found; asking again with another order or filter asks no carrier again."""
        wanted = (filter or ItineraryFilter()).to_domain()
        return [Itinerary.of(found, info) for found in listed(self.answer, first, sort, wanted)]

    @answered
    def total_count(
        self,
        filter: Annotated[  # noqa: A002 - the name clients expect
            ItineraryFilter | None, strawberry.argument(description="What they must be.")
        ] = None,
    ) -> int:
        """How many itineraries were found, or match the filter."""
        return matching(self.answer, (filter or ItineraryFilter()).to_domain())

    @classmethod
    def of(cls, answer: SearchAnswer, info: Info) -> Self:
        """The search's answer."""
        return cls(
            answer=answer,
            currency=CurrencyCode(answer.currency),
            carrier_outcomes=[CarrierOutcome.of(outcome, info) for outcome in answer.outcomes],
            errors=all_shown(answer.refusals),
        )


@strawberry.type
class SearchQueries:
    """Fields of `Query` about searching."""

    @answered
    async def search(
        self,
        info: Info,
        input: Annotated[SearchInput, strawberry.argument(description="What to search for.")],  # noqa: A002
    ) -> SearchResult:
        """Ask all carriers of journeys at once, within one deadline; needs the scope `search`."""
        return SearchResult.of(await find(info.context, input.to_domain()), info)
