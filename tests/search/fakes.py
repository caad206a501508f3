"""A carrier that answers what it is told, a catalogue of a few places, and a watch that is moved by hand."""

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from app.domain.itinerary import (
    Airline,
    Baggage,
    BaggageKind,
    CabinClass,
    CarrierOffer,
    Condition,
    FareConditions,
    Journey,
    OfferPassenger,
    PassengerField,
    PassengerType,
    Segment,
    SegmentFare,
)
from app.domain.money import Money
from app.domain.partner import Partner
from app.domain.places import Place, PlaceKind
from app.domain.search import CarrierOffers, Leg
from app.pricing.offers import OfferSeals
from app.pricing.rates import Rates
from app.search.cache import AnswerCache
from app.search.fan_out import FanOut
from app.search.request import SearchRequest, SeatWish
from app.search.search import Search
from app.signing.links import StatementLinks, TicketLinks
from app.signing.sealing import Sealer
from app.tours.desk import TourDesk
from carriers.contract import Ability, Profile
from carriers.registry import Carriers
from resolvers.context import Services
from tests.booking.house import House

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
AIR = Airline(code="ZZ", name="Duffel Airways")
PARTNER = Partner(id="par_1", name="Blue Sky Travel", currency="EUR", credit={"EUR": Money.of("5000.00", "EUR")})


def place(code, city, zone, *, kind=PlaceKind.AIRPORT, city_code=None, country=("FR", "France")):
    return Place(
        code=code,
        kind=kind,
        name=f"{city} {code}",
        city=city,
        city_code=city_code,
        country=country[0],
        country_name=country[1],
        latitude=49.01,
        longitude=2.55,
        time_zone=zone,
    )


PLACES = {
    place.code: place
    for place in (
        place("PAR", "Paris", "Europe/Paris", kind=PlaceKind.CITY, city_code="PAR"),
        place("CDG", "Paris", "Europe/Paris", city_code="PAR"),
        place("ORY", "Paris", "Europe/Paris", city_code="PAR"),
        place("JFK", "New York", "America/New_York", city_code="NYC", country=("US", "United States")),
        place("AKL", "Auckland", "Pacific/Auckland", country=("NZ", "New Zealand")),
    )
}


class FewPlaces:
    def find(self, code):
        return PLACES.get(code)

    def search(self, text, limit):
        return [place for place in PLACES.values() if place.city.lower().startswith(text.lower()[:3])][:limit]


class Watch:
    """Counts seconds only when told to."""

    def __init__(self):
        self.seconds = 100.0

    def __call__(self):
        return self.seconds


class FakeCarrier:
    """Answers `offers`, raises `error`, or never answers when `hangs`."""

    def __init__(self, code="duffel", *, offers=(), error=None, hangs=False, dropped=None, abilities=None):
        self.offers, self.error, self.hangs, self.dropped = offers, error, hangs, dropped or {}
        self.searches = []
        self.profile = Profile(
            code=code,
            name=code.title(),
            family="fake",
            abilities=frozenset(abilities if abilities is not None else {Ability.SEARCH, Ability.HOLD}),
            recovery={},
            write_deadline=timedelta(seconds=30),
            correctable=frozenset({PassengerField.EMAIL}),
        )

    async def search(self, query, *, deadline):
        self.searches.append(query)
        if self.hangs:
            await asyncio.Event().wait()
        if self.error:
            raise self.error
        return CarrierOffers(offers=tuple(self.offers), dropped=dict(self.dropped))


def segment(
    origin="CDG", destination="JFK", departs="2026-12-01T10:00:00+01:00", arrives="2026-12-01T13:00:00-05:00", **facts
):
    return Segment(
        ref=f"seg_{origin}{destination}",
        origin=origin,
        destination=destination,
        departs_at=datetime.fromisoformat(departs),
        arrives_at=datetime.fromisoformat(arrives),
        marketing=facts.pop("marketing", AIR),
        operating=AIR,
        flight_number="0042",
        fares=(
            SegmentFare(
                passenger="pas_a",
                cabin=CabinClass.ECONOMY,
                fare_basis="Y20LGTN2",
                baggage=(
                    Baggage(kind=BaggageKind.CARRY_ON, quantity=1),
                    Baggage(kind=BaggageKind.CHECKED, quantity=facts.pop("bags", 1)),
                ),
            ),
        ),
        **facts,
    )


def journey(*segments):
    return Journey(
        ref="sli_1",
        origin=segments[0].origin,
        destination=segments[-1].destination,
        segments=segments,
        fare_brand="Basic",
    )


def offer(ref="off_1", total="100.00", tax="20.00", currency="EUR", journeys=None, **facts):
    whole, part = Money.of(total, currency), Money.of(tax, currency)
    given = CarrierOffer(
        carrier="duffel",
        ref=ref,
        owner=AIR,
        journeys=journeys or (journey(segment()),),
        passengers=(OfferPassenger(ref="pas_a", type=PassengerType.ADULT, age=30),),
        base=whole - part,
        tax=part,
        total=whole,
        conditions=FareConditions(
            refund=Condition(allowed=True, fee=Money.of("25.00", currency)), change=Condition(allowed=False)
        ),
        holdable=True,
        pay_by=NOW + timedelta(days=2),
        price_guaranteed_until=NOW + timedelta(days=1),
        expires_at=NOW + timedelta(minutes=20),
        required=(PassengerField.TITLE, PassengerField.BORN_ON),
        document_kinds=("PASSPORT",),
        emissions_kg=Decimal(460),
    )
    return replace(given, **facts)


def leg(origin="PAR", destination="JFK", on="2026-12-01", **window):
    return Leg(origin=origin, destination=destination, date=date.fromisoformat(on), **window)


def request(*legs, ages=(30,), **facts):
    seats = facts.pop("passengers", None) or tuple(SeatWish(age=age) for age in ages)
    return SearchRequest(legs=legs or (leg(),), passengers=seats, **facts)


MIDDLE_RATES = {("GBP", "EUR"): Decimal("1.15")}


def search_over(carriers, clock, watch, *, size=10):
    """The search verb over these carriers: 20 ms deadline, answers kept 120 s, pounds to euros at 1.15 plus 2 %."""
    return Search(
        fan_out=FanOut(carriers, deadline=timedelta(milliseconds=20), monotonic=watch),
        places=FewPlaces(),
        rates=Rates(lambda *pair: MIDDLE_RATES.get(pair), margin_percent=Decimal(2), validity=timedelta(minutes=10)),
        cache=AnswerCache(keep=timedelta(seconds=120), size=size, monotonic=watch),
        clock=clock,
    )


def tours_over(carriers, clock, watch):
    """The tour desk over these carriers: answers kept 600 s, operators waited for 20 ms, rates as of the search."""
    return TourDesk.over(
        carriers,
        rates=Rates(lambda *pair: MIDDLE_RATES.get(pair), margin_percent=Decimal(2), validity=timedelta(minutes=10)),
        clock=clock,
        keep=timedelta(seconds=600),
        deadline=timedelta(milliseconds=20),
        monotonic=watch,
    )


def services_over(carriers, clock):
    """What the resolvers need, over these carriers."""
    house, sealer = House(clock=clock), Sealer([bytes(range(32))])
    return Services(
        clock=clock,
        carriers=Carriers(carriers),
        places=FewPlaces(),
        search=search_over(carriers, clock, Watch()),
        tours=tours_over(carriers, clock, Watch()),
        seals=OfferSeals(sealer, clock),
        store=house.store,
        desk=house.desk,
        links=TicketLinks(sealer, clock, "https://gateway.example", valid=timedelta(minutes=15)),
        statement_links=StatementLinks(sealer, clock, "https://gateway.example", valid=timedelta(minutes=15)),
    )
