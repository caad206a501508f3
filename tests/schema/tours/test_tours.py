"""Tours through the schema: found, looked at, compared between regions, and offered."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from graphql import GraphQLObjectType, get_named_type

from app.domain.partner import Scope
from app.domain.tours import DepartureStatus
from app.tours.select import TourSort
from tests.printed import printed_schema
from tests.schema.gateway import operation, same_as_committed
from tests.tours.fakes import SUMMER, UK, US, tour

INTERNAL_LAST = (
    DepartureStatus.AVAILABLE,
    DepartureStatus.CLOSED,
    DepartureStatus.TOO_LATE,
    DepartureStatus.CLOSED_NOT_AMENDABLE,
)
GREECE = "aatkings:greece"
FAMILY = [{"type": "TWIN_SHARE", "adults": 1, "childAges": [9]}, {"type": "SINGLE", "adults": 1}]


async def test_the_tours_of_a_region(shop):
    same_as_committed("tours", await shop.data(operation("tours"), filter={"months": ["2027-06"]}))


async def test_a_tour_with_its_seasons(shop):
    same_as_committed("tour", await shop.data(operation("tour"), id=GREECE))


async def test_departures_with_their_availability_in_two_regions_and_an_offer(shop):
    same_as_committed("departures", await shop.data(operation("departures"), tour=GREECE, rooms=FAMILY))


async def test_the_same_departures_asked_for_by_an_internal_and_an_ordinary_partner(shop):
    shop.kings.statuses = dict(zip(SUMMER, INTERNAL_LAST, strict=True))
    ordinary = await shop.data(operation("side_by_side"), tour=GREECE)
    shop.scopes.add(Scope.INTERNAL)
    internal = await shop.data(operation("side_by_side"), tour=GREECE)
    same_as_committed("side_by_side", {"ordinary": ordinary, "internal": internal})


TOLD = "{ id tourId seasonName availability { region status placesLeft } }"
ONE = f"query ($id: ID!, $region: SellingRegion) {{ departure(id: $id, region: $region) {TOLD} }}"
ALL = f"query ($id: ID!, $region: SellingRegion) {{ departures(tour: $id, region: $region) {{ nodes {TOLD} }} }}"


@pytest.mark.parametrize("region", [UK, US])
async def test_one_departure_is_what_is_listed_of_it(shop, region):
    listed = (await shop.data(ALL, id=GREECE, region=region))["departures"]["nodes"]
    assert [node["availability"]["region"] for node in listed] == [region] * len(SUMMER)
    for node in listed:
        assert (await shop.data(ONE, id=node["id"], region=region))["departure"] == node


@pytest.mark.parametrize("status", INTERNAL_LAST)
async def test_one_departure_has_the_status_that_the_viewer_may_see(shop, status):
    shop.kings.statuses = {SUMMER[0]: status}
    for seen in (status.outward, status):
        found = (await shop.data(ONE, id=f"{GREECE}:10d:{SUMMER[0]}"))["departure"]
        assert found["availability"]["status"] == seen
        shop.scopes.add(Scope.INTERNAL)


LISTED = """query ($tour: ID!, $status: [DepartureStatus!], $after: String, $first: Int! = 50) {
    departures(tour: $tour, status: $status, after: $after, first: $first) {
        nodes { startsOn } pageInfo { endCursor hasNextPage hasPreviousPage } operatorOutcomes { status } } }"""


def days(answer):
    return [node["startsOn"] for node in answer["departures"]["nodes"]]


async def test_nobody_else_finds_an_internal_status_by_asking_for_it(shop):
    shop.kings.statuses = dict(zip(SUMMER, INTERNAL_LAST, strict=True))
    assert days(await shop.data(LISTED, tour=GREECE, status=["TOO_LATE"])) == []
    assert days(await shop.data(LISTED, tour=GREECE, status=["CLOSED"])) == list(SUMMER[1:])
    shop.scopes.add(Scope.INTERNAL)
    assert days(await shop.data(LISTED, tour=GREECE, status=["TOO_LATE"])) == [SUMMER[2]]


async def test_departures_go_on_after_a_cursor(shop):
    seen, after = [], None
    for _ in range(4):
        page = await shop.data(LISTED, tour=GREECE, first=1, after=after)
        seen, info = seen + days(page), page["departures"]["pageInfo"]
        assert info["hasPreviousPage"] == (after is not None)
        after = info["endCursor"]
    assert (seen, info["hasNextPage"]) == (list(SUMMER), False)
    assert days(await shop.data(LISTED, tour=GREECE, after=after)) == []


async def test_departures_begin_today_where_the_tour_departs(shop):
    # In Athens it is the 8th of May already.
    shop.clock.advance(datetime(2027, 5, 7, 22, 0, tzinfo=UTC) - shop.clock.now())
    assert days(await shop.data(LISTED, tour=GREECE))[0] == "2027-05-08"
    shop.clock.advance(timedelta(days=1))
    assert days(await shop.data(LISTED, tour=GREECE))[0] == "2027-05-15"


PAGED = """query ($sort: TourSort!, $after: String) { tours(sort: $sort, first: 2, after: $after) {
    edges { cursor node { name } } pageInfo { endCursor hasNextPage } totalCount } }"""


@pytest.mark.parametrize("sort", TourSort)
async def test_tours_go_on_after_a_cursor_in_every_order(shop, sort):
    names = ["Crete", "Best of Greece", "crete", "Ionia", "Zakynthos"]
    shop.kings.sold = {UK: [tour(ref=str(number), name=name) for number, name in enumerate(names)]}
    seen, after = [], None
    for _ in range(3):
        page = (await shop.data(PAGED, sort=sort, after=after))["tours"]
        seen += [edge["node"]["name"] for edge in page["edges"]]
        after = page["pageInfo"]["endCursor"]
    assert (seen, page["pageInfo"]["hasNextPage"]) == (
        ["Best of Greece", "Crete", "crete", "Ionia", "Zakynthos"],
        False,
    )
    assert page["totalCount"] == 5


async def test_a_cursor_of_another_order_is_none(shop):
    cursor = (await shop.data(PAGED, sort="PRICE"))["tours"]["pageInfo"]["endCursor"]
    assert (await shop.refused(PAGED, sort="NAME", after=cursor))["path"] == ["after"]


FILTERED = "query ($filter: TourFilter!) { tours(filter: $filter) { nodes { name } operatorOutcomes { tours } } }"


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({"countries": ["GR"], "minDays": 10, "maxDays": 10, "months": ["2027-05"], "maxPrice": "2499"}, 1),
        ({"operators": ["grandeuropeantravel"]}, 0),
        ({"operators": ["grandeuropeantravel", "aatkings"]}, 1),
        ({"months": ["2027-07"]}, 0),
        ({"minPrice": "2499.01"}, 0),
    ],
)
async def test_a_filter(shop, wanted, found):
    assert len((await shop.data(FILTERED, filter=wanted))["tours"]["nodes"]) == found


async def test_operators_with_those_that_sell_for_them(shop):
    query = "{ operators { code name comingSoon bookable sellingCompanies(region: US) { region name } } }"
    assert (await shop.data(query))["operators"] == [
        {
            "code": "aatkings",
            "name": "AAT Kings",
            "comingSoon": False,
            "bookable": True,
            "sellingCompanies": [{"region": "US", "name": "AAT Kings US"}],
        },
        {
            "code": "grandeuropeantravel",
            "name": "Grand European Travel",
            "comingSoon": True,
            "bookable": False,
            "sellingCompanies": [],
        },
    ]


async def test_an_offer_is_what_reserve_opens(shop):
    query = """query ($tour: ID!, $rooms: [RoomInput!]!) { departures(tour: $tour, first: 1) { nodes {
        availability { offer(rooms: $rooms) { offer { token price { total { amount } } } } } } } }"""
    (node,) = (await shop.data(query, tour=GREECE, rooms=FAMILY))["departures"]["nodes"]
    offer = node["availability"]["offer"]["offer"]
    token = shop.services.seals.open(offer["token"], shop.partner.id)
    assert (str(token.travels_on), str(token.price.total)) == (SUMMER[0], "7497.00 GBP")
    assert token.price.total.amount == Decimal(offer["price"]["total"]["amount"])


async def test_a_hold_has_to_be_paid_when_the_partners_limit_says_if_that_is_sooner(shop):
    shop.partner = replace(shop.partner, payment_limit=timedelta(hours=4))
    query = "query ($tour: ID!) { departures(tour: $tour, first: 1) { nodes { availability { depositDueAt } } } }"
    (node,) = (await shop.data(query, tour=GREECE))["departures"]["nodes"]
    assert node["availability"]["depositDueAt"] == "2026-11-20T16:00:00Z"


def objects_of(kind, seen):
    """The types of objects that fields of this one lead to; AssertionError where they lead back."""
    assert kind.name not in seen, f"{seen} lead back to {kind.name}: a query could ask for everything of everything"
    for field in kind.fields.values():
        named = get_named_type(field.type)
        if isinstance(named, GraphQLObjectType):
            objects_of(named, (*seen, kind.name))


@pytest.mark.parametrize("name", ["TourConnection", "DepartureConnection"])
def test_no_field_of_a_tour_leads_back_to_it(name):
    objects_of(printed_schema().type_map[name], ())
