"""The smallest catalogue with everything in it, and a client that asks a world of it without a wire."""

import json
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from uuid import UUID, uuid5

from app.domain.tours import REGION_CURRENCY, DepartureStatus, SellingRegion
from carriers.sandbox.exchange import Request
from carriers.sandbox.octo.catalogue.model import (
    Catalogue,
    Contact,
    Day,
    Departure,
    Exchange,
    Operator,
    Option,
    Place,
    Prices,
    Sale,
    ScaleStep,
    Season,
    SellingCompany,
    Terms,
    Told,
    Tour,
)

START = datetime(2026, 11, 1, 9, 0, tzinfo=UTC)
ALL = "octo/content, octo/pricing, faregate/departures"
PLAIN = "octo/content, octo/pricing"
TOUR, OPTION = "greece", "classic"
OPEN, LAST, ASKED, NEVER, NEAR, LATER, ELSEWHERE = (f"2027-05-{day:02}" for day in (8, 9, 10, 11, 12, 15, 22))
_STATUSES = {
    OPEN: DepartureStatus.AVAILABLE,
    LAST: DepartureStatus.AVAILABLE,
    ASKED: DepartureStatus.ON_REQUEST,
    NEVER: DepartureStatus.NO_YIELD,
    NEAR: DepartureStatus.TOO_LATE,
    LATER: DepartureStatus.AVAILABLE,
    ELSEWHERE: DepartureStatus.AVAILABLE,
}
_LEFT = {LAST: 1, ASKED: 3}
_FACTOR = {LATER: 110}
_NAMES = UUID("8a2f7c6e-3f19-4a9c-9c59-0b8a3d2b7f10")


@lru_cache
def load(today: date) -> Catalogue:
    tours = [_tour("insightvacations"), _tour("luxurygold")]
    return Catalogue(
        today=today,
        operators={tour.operator: _operator(tour.operator) for tour in tours},
        by_operator={tour.operator: {tour.id: tour} for tour in tours},
        by_day={
            (tour.operator, tour.id, option.id, departure.local_date): departure
            for tour in tours
            for option in tour.options
            for season in option.seasons
            for departure in season.departures
        },
    )


def _operator(code):
    contact = Contact(website=f"https://{code}.example", email=f"hello@{code}.example", telephone="+442075550100")
    return Operator(
        code=code,
        name=code.title(),
        contact=contact,
        companies={
            region: SellingCompany(region=region, code=f"{code}-{region}", name=f"{code} {region}", contact=contact)
            for region in SellingRegion
        },
        terms={region: _terms(region) for region in SellingRegion},
        capacity=40,
        child_ages=(5, 11),
        shut_days=5,
        request_places=2,
        yield_days=500,
    )


def _terms(region):
    steps = ((60, 10), (30, 30), (8, 60), (0, 100))
    return Terms(
        deposit_per_person=20000,
        balance_due_days=60,
        cancellation_scale=tuple(ScaleStep(days_before=days, percent=percent) for days, percent in steps),
        exchange=Exchange(days_before=60, fee_per_booking=5000),
        takes_requests=region != SellingRegion.ZA,
        hold_minutes=2880,
    )


def _tour(operator):
    return Tour(
        id=TOUR,
        operator=operator,
        reference="GR10",
        name=Told("Colours of Greece", {SellingRegion.NZ: "Greek Colours"}),
        short_description=Told("Ten days from Athens."),
        description=Told("Ten days from Athens to the islands."),
        zone="Europe/Athens",
        places=(
            Place(name="Athens", country="GR", latitude=37.98, longitude=23.73),
            Place(name="Delphi", country="GR", latitude=38.48, longitude=22.5),
            Place(name="Naxos", country="GR", latitude=37.1, longitude=25.38),
        ),
        categories=("multi-day",),
        highlights=(Told("The Acropolis"),),
        inclusions=(Told("Breakfast"),),
        exclusions=(Told("Flights"),),
        regions=frozenset(SellingRegion) - {SellingRegion.US},
        options=(_option(operator, OPTION, 10), _option(operator, "extended", 13)),
    )


def _option(operator, option, days):
    departures = tuple(_departure(operator, option, days, day) for day in _STATUSES)
    itinerary = (Day(day=1, title=Told("Welcome"), text=Told("Colours of Athens."), accommodation="Athens"),)
    season = Season(
        id="summer-2027",
        name="Summer 2027",
        first_day=date(2027, 5, 1),
        last_day=date(2027, 9, 30),
        accommodation=Told("First-class hotels"),
        itinerary=itinerary,
        departures=departures,
    )
    return Option(id=option, name=Told(option.title()), description=Told("By coach."), days=days, seasons=(season,))


def _departure(operator, option, days, day):
    first = date.fromisoformat(day)
    regions = {SellingRegion.NZ} if day == ELSEWHERE else set(SellingRegion)
    return Departure(
        operator=operator,
        tour=TOUR,
        option=option,
        season="summer-2027",
        local_date=first,
        local_date_end=first + timedelta(days=days - 1),
        guide_language="en",
        capacity=40,
        sold=40 - _LEFT.get(day, 40),
        sales={region: _sale(region, day) for region in regions},
    )


def _sale(region, day):
    factor = _FACTOR.get(day, 100)
    prices = Prices(twin=2499 * factor, single=3199 * factor, child=1999 * factor, currency=REGION_CURRENCY[region])
    return Sale(status=_STATUSES[day], prices=prices, terms=_terms(region))


class Client:
    """Asks one operator as a gateway would."""

    def __init__(self, world, operator="insightvacations", region="UK", capabilities=ALL):
        self.world, self.operator = world, operator
        self.headers = {
            "authorization": f"Bearer octo_sandbox_{operator}",
            "octo-capabilities": capabilities,
            "faregate-region": region,
        }

    def send(self, method, path, data=None, **query):
        body = b"" if data is None else json.dumps(data).encode()
        values = {name: [str(value)] for name, value in query.items()}
        return self.world.handle(Request(method, f"/{self.operator}{path}", values, self.headers, body))

    def ok(self, method, path, data=None, **query):
        reply = self.send(method, path, data, **query)
        assert reply.status == 200, reply.body
        return reply.json()

    def error(self, method, path, data=None, **query):
        reply = self.send(method, path, data, **query)
        assert reply.status >= 400, reply.body
        return reply.json()["error"]

    def check(self, day=OPEN, option=OPTION, **more):
        wish = {"productId": TOUR, "optionId": option, "localDate": day} | more
        (found,) = self.ok("POST", "/availability/", wish)
        return found

    def form(self, day=OPEN, people=("twin", "twin"), name="Durrell", key="one", **more):
        return {
            "uuid": uuid(key),
            "productId": TOUR,
            "optionId": OPTION,
            "availabilityId": availability_id(day),
            "unitItems": [person(f"{key}/{index}", unit, name) for index, unit in enumerate(people)],
            "contact": {"firstName": "Gerald", "lastName": name, "emailAddress": "gerald@example.org"},
            "resellerReference": f"FG-{key}",
        } | more

    def book(self, *args, **more):
        return self.ok("POST", "/bookings/", self.form(*args, **more))

    def get(self, key="one"):
        return self.ok("GET", f"/bookings/{uuid(key)}")

    def confirm(self, key="one", **more):
        contact = {"firstName": "Gerald", "lastName": "Durrell"}
        return self.ok("POST", f"/bookings/{uuid(key)}/confirm", {"contact": contact} | more)

    def cancel(self, key="one", **more):
        return self.ok("POST", f"/bookings/{uuid(key)}/cancel", more)

    def move(self, day, key="one", **more):
        return self.ok("PATCH", f"/bookings/{uuid(key)}", {"availabilityId": availability_id(day)} | more)

    def left(self, day=OPEN):
        return self.check(day)["vacancies"]


def uuid(key):
    return str(uuid5(_NAMES, key))


def availability_id(day):
    return f"{day}T00:00:00+03:00"


def person(key, unit, name):
    return {
        "uuid": uuid(key),
        "unitId": unit,
        "resellerReference": key,
        "contact": {"firstName": "Gerald", "lastName": name},
    }
