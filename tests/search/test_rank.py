"""Which itineraries, in which order."""

from datetime import time, timedelta
from decimal import Decimal

import pytest

from app.domain.itinerary import Airline, Condition, FareConditions, Price
from app.domain.money import Money
from app.search.answer import Itinerary
from app.search.rank import Filter, JourneyTimes, Sort, ranked
from tests.search.fakes import journey, offer, segment

OTHER = Airline(code="YY", name="Other")


def itinerary(ref, total, journeys, **facts):
    given = offer(ref, total=total, tax="0.00", journeys=journeys, **facts)
    price = Price(base=given.total, tax=Money.zero("EUR"), carrier_total=given.total)
    return Itinerary(offer=given, price=price, legs=())


DIRECT = itinerary("direct", "300.00", (journey(segment(bags=0)),), emissions_kg=None)
LATE = itinerary(
    "late",
    "200.00",
    (journey(segment(departs="2026-12-01T16:00:00+01:00", arrives="2026-12-01T20:00:00-05:00", bags=2)),),
    emissions_kg=Decimal(300),
    holdable=False,
)
CHANGE = itinerary(
    "change",
    "100.00",
    (
        journey(
            segment("CDG", "ORY", "2026-12-01T06:00:00+01:00", "2026-12-01T07:00:00+01:00"),
            segment("ORY", "JFK", "2026-12-01T09:00:00+01:00", "2026-12-01T13:00:00-05:00", marketing=OTHER),
        ),
    ),
    emissions_kg=Decimal(500),
    conditions=FareConditions(refund=Condition(allowed=False)),
)
ALL = (DIRECT, LATE, CHANGE)


def refs(found):
    return [itinerary.offer.ref for itinerary in found]


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        (Sort.PRICE, ["change", "late", "direct"]),
        (Sort.DURATION, ["direct", "late", "change"]),
        (Sort.DEPARTURE, ["change", "direct", "late"]),
        (Sort.EMISSIONS, ["late", "change", "direct"]),
    ],
)
def test_what_comes_first(sort, order):
    assert refs(ranked(ALL, sort, Filter())) == order
    assert refs(ranked(reversed(ALL), sort, Filter())) == order


@pytest.mark.parametrize(
    ("wanted", "left"),
    [
        (Filter(), {"direct", "late", "change"}),
        (Filter(max_changes=0), {"direct", "late"}),
        (Filter(max_duration=timedelta(hours=9)), {"direct"}),
        (Filter(max_duration=timedelta(hours=10)), {"direct", "late"}),
        (Filter(max_price=Decimal("200.00")), {"late", "change"}),
        (Filter(airlines=frozenset({"ZZ"})), {"direct", "late"}),
        (Filter(airlines=frozenset({"ZZ", "YY"})), {"direct", "late", "change"}),
        (Filter(carriers=frozenset({"rail"})), set()),
        (Filter(holdable=True), {"direct", "change"}),
        (Filter(refundable=True), {"direct", "late"}),
        (Filter(checked_bags=1), {"late", "change"}),
        (Filter(times=(JourneyTimes(journey=0, departs_until=time(10)),)), {"direct", "change"}),
        (Filter(times=(JourneyTimes(journey=0, arrives_from=time(20)),)), {"late"}),
        (Filter(times=(JourneyTimes(journey=1),)), set()),
    ],
)
def test_what_a_filter_leaves(wanted, left):
    assert set(refs(ranked(ALL, Sort.PRICE, wanted))) == left


def test_equal_itineraries_never_change_places():
    twins = [itinerary(f"twin{n}", "100.00", (journey(segment(bags=n)),)) for n in range(5)]
    assert refs(ranked(twins, Sort.PRICE, Filter())) == refs(ranked(twins[::-1], Sort.PRICE, Filter()))
