"""A tour operator that answers what it is told, and counts what it is asked."""

import asyncio
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from app.domain.itinerary import CarrierOffer, FareConditions, OfferPassenger, PassengerType
from app.domain.money import Money, total
from app.domain.refusals import InvalidInput
from app.domain.tours import (
    REGION_CURRENCY,
    CancellationScale,
    Contact,
    Departure,
    DepartureAvailability,
    DepartureKey,
    DepartureStatus,
    DepartureTerms,
    ItineraryDay,
    Rate,
    RateType,
    ScaleStep,
    Season,
    SellingCompany,
    SellingRegion,
    Tour,
    TourImage,
    TourOption,
    TourPlace,
    TourStay,
    day_begins,
)
from carriers.contract import Ability, Profile

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
ZONE = "Europe/Athens"
UK, US = SellingRegion.UK, SellingRegion.US
# What a twin costs in each region, in units of its currency.
PRICES = {UK: "2499.00", US: "3199.00"}


def rates(region=UK, twin=None):
    """A twin, a single at half as much again, a child at half."""
    price = Money.of(twin or PRICES[region], REGION_CURRENCY[region])
    shares = ((RateType.TWIN_SHARE, "1"), (RateType.SINGLE, "1.5"), (RateType.CHILD, "0.5"))
    return tuple(Rate(type=kind, price=price.times(Decimal(share)), unit=kind.lower()) for kind, share in shares)


def departure(day, *, operator="aatkings", tour="greece", option="10d", days=10, season="summer-2027", **facts):
    """A departure on that day."""
    starts_on = date.fromisoformat(day)
    key = DepartureKey(operator=operator, tour=tour, option=option, starts_on=starts_on)
    ends_on = starts_on + timedelta(days=days - 1)
    return Departure(key=key, ends_on=ends_on, zone=ZONE, **{"season": season, "language": "en", **facts})


SUMMER = ("2027-05-08", "2027-05-15", "2027-06-05", "2027-09-04")


def season(region=UK, days=SUMMER, twin=None, **facts):
    """Summer in Greece."""
    return Season(
        ref=facts.pop("ref", "summer-2027"),
        name=facts.pop("name", "Summer 2027"),
        first_day=date(2027, 5, 1),
        last_day=date(2027, 9, 30),
        itinerary=(ItineraryDay(day=1, title="Welcome to Athens", text="Meet your guide.", accommodation="Athens"),),
        accommodation="First-class hotels",
        rates=rates(region, twin),
        departures=tuple(departure(day, **facts) for day in days),
    )


def tour(region=UK, ref="greece", name="Best of Greece", *, seasons=None, days=10, **facts):
    """The best of Greece, in one option."""
    told = {"operator": "aatkings", "countries": ("GR",), **facts}
    operator, countries = told["operator"], told["countries"]
    own = (season(region, operator=operator, tour=ref, days=SUMMER),) if seasons is None else seasons
    return Tour(
        operator=operator,
        ref=ref,
        region=region,
        name=name,
        days=days,
        zone=ZONE,
        description="Ten days around the Peloponnese.",
        places=tuple(
            TourPlace(name="Athens", country=code, latitude=Decimal("37.98"), longitude=Decimal("23.73"))
            for code in countries
        ),
        images=(TourImage(url="https://images.example/athens.jpg", caption="The Acropolis"),),
        options=(TourOption(ref="10d", name="10 days", days=days, seasons=own),),
    )


TERMS = {
    region: DepartureTerms(
        deposit=Money.of("200.00", REGION_CURRENCY[region]),
        balance_due_at=day_begins(date(2027, 5, 8), ZONE, before=60),
        scale=CancellationScale(
            steps=(
                ScaleStep(days=60, percent=Decimal(10)),
                ScaleStep(days=0, percent=Decimal(100)),
                ScaleStep(days=30, percent=Decimal(30)),
            )
        ),
        exchange_until=day_begins(date(2027, 5, 8), ZONE, before=60),
        exchange_fee=Money.of("50.00", REGION_CURRENCY[region]),
    )
    for region in PRICES
}


class FakeOperator:
    """Sells `tours` by region; `error` is raised by all it is asked, and it answers while it is `answering`.

    `statuses` are of departures by their day; without one they are AVAILABLE.
    """

    def __init__(self, clock, code="aatkings", name="AAT Kings", *, tours=None, coming_soon=False, statuses=None):
        self.clock, self.code, self.name = clock, code, name
        self.sold = {region: (tour(region, operator=code),) for region in PRICES} if tours is None else tours
        self.statuses = statuses or {}
        self.error, self.answering = None, asyncio.Event()
        self.answering.set()
        self.asked = []
        self.profile = Profile(
            code=code,
            name=name,
            family="fake",
            abilities=frozenset({Ability.TOURS, Ability.HOLD}),
            recovery={},
            write_deadline=timedelta(seconds=30),
            coming_soon=coming_soon,
        )

    async def selling_companies(self):
        await self._note("companies")
        return [
            SellingCompany(
                operator=self.code,
                region=region,
                code=f"{self.code.upper()[:3]}{region}",
                name=f"{self.name} {region}",
                contact=Contact(email=f"{region.lower()}@{self.code}.example"),
            )
            for region in self.sold
        ]

    async def tours(self, region):
        await self._note("tours", region)
        return self.sold.get(region, ())

    async def departures(self, region, tour, option, first, last):
        await self._note("departures", region, tour, option, first, last)
        days = [day for day in SUMMER if first <= date.fromisoformat(day) <= last]
        return [departure(day, operator=self.code, tour=tour, option=option, season=None) for day in days]

    async def availability(self, region, departures):
        keys = list(departures)
        await self._note("availability", region, len(keys))
        return {key: self._told(region, key) for key in keys if self._sells(region, key)}

    def offer(self, availability, rooms):
        prices = {rate.type: rate.price for rate in availability.rates}
        people = [
            (number, kind, age)
            for number, room in enumerate(rooms, start=1)
            for kind, age in [(room.type, None)] * room.adults + [(RateType.CHILD, age) for age in room.child_ages]
        ]
        for number, kind, _ in people:
            if kind not in prices:
                raise InvalidInput(message=f"There is no price for {kind}.", path=("rooms", str(number - 1)))
        sum_of_all = total((prices[RateType(kind)] for _, kind, _ in people), REGION_CURRENCY[availability.region])
        key, terms = availability.departure.key, availability.terms
        return CarrierOffer(
            carrier=self.code,
            ref=f"{availability.region}/{key.tour}/{key.starts_on}",
            stay=TourStay(
                key=key,
                region=availability.region,
                operator_name=self.name,
                tour_name="Best of Greece",
                option_name="10 days",
                ends_on=availability.departure.ends_on,
                zone=ZONE,
                rooms=tuple(rooms),
                terms=terms,
            ),
            on_request=availability.status is DepartureStatus.ON_REQUEST,
            passengers=tuple(
                OfferPassenger(
                    ref=f"{number}.{place}",
                    type=PassengerType.ADULT if age is None else PassengerType.CHILD,
                    age=age,
                )
                for place, (number, _, age) in enumerate(people)
            ),
            base=sum_of_all,
            tax=Money.zero(sum_of_all.currency),
            total=sum_of_all,
            conditions=FareConditions(),
            holdable=True,
            pay_by=availability.hold_until,
            expires_at=self.clock.now() + timedelta(minutes=30),
            deposit=terms.deposit.times(len(people)) if terms.deposit else None,
        )

    def _sells(self, region, key):
        return key.starts_on.isoformat() in SUMMER and region in self.sold

    def _told(self, region, key):
        day = key.starts_on.isoformat()
        return DepartureAvailability(
            departure=departure(day, operator=self.code, tour=key.tour, option=key.option),
            region=region,
            status=self.statuses.get(day, DepartureStatus.AVAILABLE),
            as_of=self.clock.now(),
            places_left=12,
            rates=rates(region),
            terms=TERMS[region],
            hold_until=self.clock.now() + timedelta(days=3),
        )

    async def _note(self, *question):
        self.asked.append(question)
        await self.answering.wait()
        if self.error:
            raise self.error
