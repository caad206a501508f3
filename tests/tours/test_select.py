"""Which tours, and in which order."""

from decimal import Decimal

import pytest

from app.tours.select import TourFilter, TourSort, lowest_price, order, selected
from tests.tours.fakes import season, tour

AUTUMN = season(days=("2027-10-02",), twin="1999.00", ref="autumn-2027", tour="egypt", operator="luxurygold")
GREECE = tour()
EGYPT = tour(
    ref="egypt", name="a week in Egypt", days=7, operator="luxurygold", countries=("EG", "JO"), seasons=(AUTUMN,)
)
# Of an operator that tells no seasons.
PLAIN = tour(ref="plain", name="Crete", days=7, seasons=())
ALL = (GREECE, EGYPT, PLAIN)

FILTERS = {
    "all": ({}, ALL),
    "operator": ({"operators": frozenset({"luxurygold"})}, (EGYPT,)),
    "no operator": ({"operators": frozenset()}, ()),
    "country": ({"countries": frozenset({"JO", "FR"})}, (EGYPT,)),
    "days": ({"min_days": 8}, (GREECE,)),
    "days at most": ({"min_days": 7, "max_days": 7}, (EGYPT, PLAIN)),
    "month": ({"months": frozenset({(2027, 6), (2026, 10)})}, (GREECE,)),
    "the months of summer without departures": ({"months": frozenset({(2027, 7), (2027, 8)})}, ()),
    "price": ({"max_price": Decimal("1999.00")}, (EGYPT,)),
    "price from": ({"min_price": Decimal("1999.01")}, (GREECE,)),
    "a price of another season": ({"max_price": Decimal(2000), "months": frozenset({(2027, 5)})}, ()),
}


@pytest.mark.parametrize(("wanted", "expected"), FILTERS.values(), ids=FILTERS)
def test_everything_given_must_be_true(wanted, expected):
    found = selected(ALL, TourSort.NAME, TourFilter(**wanted))
    assert {each.ref for each in found} == {each.ref for each in expected}


def test_the_price_is_that_of_a_season_which_departs_then():
    both = tour(seasons=(season(), AUTUMN))
    wanted = {"max_price": Decimal(2000)}
    assert selected([both], TourSort.NAME, TourFilter(**wanted, months=frozenset({(2027, 10)}))) == [both]
    assert selected([both], TourSort.NAME, TourFilter(**wanted, months=frozenset({(2027, 5)}))) == []


ORDERS = {
    TourSort.NAME: "egypt greece plain",
    TourSort.PRICE: "egypt greece plain",
    TourSort.DAYS: "egypt plain greece",
}


@pytest.mark.parametrize(("sort", "expected"), ORDERS.items())
def test_the_order(sort, expected):
    assert [each.ref for each in selected(ALL, sort, TourFilter())] == expected.split()


def test_ties_are_in_an_order_too():
    same = [tour(ref=ref, name="Same") for ref in "bca"]
    assert [each.ref for each in selected(same, TourSort.PRICE, TourFilter())] == ["a", "b", "c"]


def test_prices_are_ordered_as_numbers():
    cheap, dear = (tour(ref=ref, seasons=(season(twin=price),)) for ref, price in (("a", "999.00"), ("b", "10000.00")))
    assert order(cheap, TourSort.PRICE) < order(dear, TourSort.PRICE)


def test_the_lowest_price_is_no_childs():
    assert str(lowest_price(GREECE)) == "2499.00 GBP"
    assert lowest_price(PLAIN) is None
