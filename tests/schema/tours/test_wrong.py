"""What cannot be asked, and operators that do not answer."""

from dataclasses import replace

import pytest

from app.domain.errors import Trouble
from app.domain.partner import Scope
from resolvers import departures as resolvers
from tests.tours.fakes import SUMMER, UK, US, FakeOperator

GREECE = "aatkings:greece"
TOURS = """query ($region: SellingRegion) { tours(region: $region) {
    nodes { name } operatorOutcomes { operator { code } status tours } } }"""
TOUR = "query ($id: ID!) { tour(id: $id) { name } }"
DEPARTURES = """query ($tour: ID! = "aatkings:greece", $option: ID, $season: ID, $first: Int! = 50
    $from: Date, $to: Date, $status: [DepartureStatus!], $after: String, $age: Int! = 60, $region: SellingRegion) {
    departures(tour: $tour, option: $option, season: $season, from: $from, to: $to, status: $status, after: $after,
        first: $first, maxAge: $age, region: $region) {
        nodes { startsOn availability(maxAge: $age) { status } } operatorOutcomes { status } } }"""


@pytest.mark.parametrize(
    "query",
    [
        TOURS,
        DEPARTURES,
        "{ operators { code } }",
        f'{{ tour(id: "{GREECE}") {{ id }} }}',
        f'{{ departure(id: "{GREECE}:10d:{SUMMER[0]}") {{ id }} }}',
    ],
)
async def test_the_scope_search_is_needed(shop, query):
    shop.scopes = {Scope.BOOK}
    assert (await shop.refused(query))["code"] == "FORBIDDEN"


async def test_a_region_that_is_not_the_partners(shop):
    assert await shop.refused(TOURS, region="NZ") == {
        "message": "This partner does not sell tours in NZ, only in: UK, US.",
        "code": "INVALID_INPUT",
        "advice": "CORRECT_INPUT",
        "money": "NONE",
        "path": ["region"],
    }


async def test_a_partner_without_regions(shop):
    shop.partner = replace(shop.partner, regions=())
    refused = await shop.refused(TOURS)
    assert refused["code"] == "FORBIDDEN" and "no selling region" in refused["message"]


@pytest.mark.parametrize("name", ["aatkings:rome", "nobody:greece", "aatkings", "", "aatkings:greece:10d"])
async def test_a_tour_that_is_not_there(shop, name):
    assert await shop.data(TOUR, id=name) == {"tour": None}
    assert (await shop.refused(DEPARTURES, tour=name))["path"] == ["tour"]


DEPARTURE = "query ($id: ID!, $region: SellingRegion) { departure(id: $id, region: $region) { startsOn } }"


@pytest.mark.parametrize(
    "name",
    ["greece:10d:2027-05-09", "greece:14d:2027-05-08", "rome:10d:2027-05-08", "greece:10d:May", "greece:10d", "greece"],
)
async def test_a_departure_that_is_not_there(shop, name):
    assert await shop.data(DEPARTURE, id=f"aatkings:{name}") == {"departure": None}


async def test_a_departure_that_is_not_sold_in_the_region(shop):
    shop.kings.sold.pop(US)
    assert await shop.data(DEPARTURE, id=f"{GREECE}:10d:{SUMMER[0]}", region="US") == {"departure": None}
    assert (await shop.refused(DEPARTURE, id=f"{GREECE}:10d:{SUMMER[0]}", region="NZ"))["path"] == ["region"]


WRONG = {
    "first": {"first": 101},
    "after": {"after": "nothing"},
    "to": {"from": "2027-05-08", "to": "2027-05-07"},
    "option": {"option": "aatkings:rome:10d"},
    "season": {"season": "aatkings:greece:10d"},
    "maxAge": {"age": 3601},
    "region": {"region": "ZA"},
}


@pytest.mark.parametrize(("field", "wrong"), WRONG.items())
async def test_wrong_input_is_told_with_its_field(shop, field, wrong):
    refused = await shop.refused(DEPARTURES, **wrong)
    assert (refused["code"], refused["path"]) == ("INVALID_INPUT", [field])


UNKNOWN = {
    "option": {"option": f"{GREECE}:14d"},
    "season": {"option": f"{GREECE}:10d", "season": f"{GREECE}:10d:winter-2027"},
    "season alone": {"season": f"{GREECE}:14d:summer-2027"},
    "season of an unknown option": {"option": f"{GREECE}:14d", "season": f"{GREECE}:14d:summer-2027"},
}


@pytest.mark.parametrize("case", UNKNOWN)
async def test_what_the_tour_does_not_have_is_not_found(shop, case):
    refused = await shop.refused(DEPARTURES, **UNKNOWN[case])
    path = "option" if case.endswith("option") else "season"
    assert (refused["code"], refused["path"]) == ("NOT_FOUND", [path])
    assert refused["message"] == f"The tour has no {path} of this id in UK."


async def test_an_operator_that_nobody_knows_is_told_who_there_is(shop):
    query = "query ($filter: TourFilter) { tours(filter: $filter) { totalCount } }"
    refused = await shop.refused(query, filter={"operators": ["aatkings", "aatking"]})
    assert (refused["code"], refused["path"]) == ("INVALID_INPUT", ["filter", "operators"])
    assert refused["message"] == "There is no operator aatking; these sell tours: aatkings."
    assert shop.kings.asked == []


async def test_a_span_has_an_end(shop):
    refused = await shop.refused(DEPARTURES, **{"from": "2027-01-01", "to": "2030-01-05"})
    assert refused["path"] == ["to"]


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
async def test_the_ends_of_the_calendar_are_days_like_any_other(shop, day):
    assert (await shop.data(DEPARTURES, **{"from": day}))["departures"]["nodes"] == []


async def test_a_season_of_another_option(shop):
    wrong = {"option": f"{GREECE}:14d", "season": f"{GREECE}:10d:summer-2027"}
    assert (await shop.refused(DEPARTURES, **wrong))["path"] == ["season"]


@pytest.mark.parametrize("month", ["2027", "2027-13", "May 2027", "2027-05-01"])
async def test_a_month_is_told_how_to_write_it(shop, month):
    query = "query ($filter: TourFilter) { tours(filter: $filter) { totalCount } }"
    refused = await shop.refused(query, filter={"months": [month]})
    assert refused["code"] == "BAD_USER_INPUT" and '"2027-05"' in refused["message"]


IMPOSSIBLE = {
    "minDays": {"minDays": -3},
    "maxDays": {"minDays": 9, "maxDays": 3},
    "minPrice": {"minPrice": "-0.01"},
    "maxPrice": {"minPrice": "500", "maxPrice": "100"},
}


@pytest.mark.parametrize(("field", "wanted"), IMPOSSIBLE.items())
async def test_a_filter_that_no_tour_can_pass_is_a_mistake(shop, field, wanted):
    refused = await shop.refused("query ($filter: TourFilter) { tours(filter: $filter) { totalCount } }", filter=wanted)
    assert (refused["code"], refused["path"]) == ("INVALID_INPUT", ["filter", field])
    assert refused["message"].startswith(f"{field} must be ")


class TestAnOperatorThatDoesNotAnswer:
    @pytest.fixture
    def gold(self, shop):
        gold = FakeOperator(shop.clock, "luxurygold", "Luxury Gold")
        shop.open(shop.kings, gold)
        shop.kings.error = Trouble("down")
        return gold

    async def test_takes_only_its_own_tours_away(self, shop, gold):
        answer = (await shop.data(TOURS))["tours"]
        assert len(answer["nodes"]) == 1
        assert answer["operatorOutcomes"] == [
            {"operator": {"code": "aatkings"}, "status": "FAILED", "tours": 0},
            {"operator": {"code": "luxurygold"}, "status": "OK", "tours": 1},
        ]

    async def test_is_no_tour_that_is_not_there(self, shop, gold):
        refused = await shop.refused(TOUR, id=GREECE)
        assert (refused["code"], refused["advice"]) == ("CARRIER_UNAVAILABLE", "WAIT")
        assert await shop.data(TOUR, id="luxurygold:greece") == {"tour": {"name": "Best of Greece"}}

    async def test_is_no_departure_that_is_not_there(self, shop, gold):
        refused = await shop.refused(DEPARTURE, id=f"{GREECE}:10d:{SUMMER[0]}")
        assert (refused["code"], refused["advice"]) == ("CARRIER_UNAVAILABLE", "WAIT")

    async def test_has_no_departures_for_now(self, shop, gold):
        assert (await shop.data(DEPARTURES))["departures"] == {
            "nodes": [],
            "operatorOutcomes": [{"status": "FAILED"}],
        }

    async def test_leaves_its_departures_without_availability(self, shop, gold):
        shop.kings.error = None
        await shop.data(TOURS)
        shop.kings.error = Trouble("down")
        answer = await shop.ask(DEPARTURES)
        assert [node["availability"] for node in answer.data["departures"]["nodes"]] == [None] * len(SUMMER)
        assert {error.extensions["code"] for error in answer.errors} == {"CARRIER_UNAVAILABLE"}
        assert sorted(error.path[2] for error in answer.errors) == [0, 1, 2, 3]

    async def test_has_none_in_a_status_for_now(self, shop, gold):
        shop.kings.error = None
        await shop.data(TOURS)
        shop.kings.error = Trouble("down")
        found = (await shop.data(DEPARTURES, status=["AVAILABLE"]))["departures"]
        assert found == {"nodes": [], "operatorOutcomes": [{"status": "FAILED"}]}

    async def test_has_nobody_to_name(self, shop, gold):
        answer = await shop.ask("{ operators { code sellingCompanies { code } } }")
        assert [each["sellingCompanies"] is None for each in answer.data["operators"]] == [True, False]
        assert [error.path for error in answer.errors] == [["operators", 0, "sellingCompanies"]]


CHOSEN = 'departures(tour: "aatkings:greece", status: [AVAILABLE]) { nodes { id } }'
ROOMS = """query ($tour: ID!, $rooms: [RoomInput!]!) { departures(tour: $tour, first: 1) { nodes { availability {
    offer(rooms: $rooms) { offer { token } errors { __typename code path } } } } } }"""


@pytest.mark.parametrize(
    ("rooms", "path"),
    [
        ([], ["rooms"]),
        ([{"type": "PERSON", "adults": 1}], ["rooms", "0"]),
        ([{"type": "TWIN_SHARE", "adults": 1, "childAges": [18]}], ["rooms", "0", "childAges"]),
    ],
)
async def test_rooms_that_cannot_be_meant_have_no_offer(shop, rooms, path):
    (node,) = (await shop.data(ROOMS, tour=GREECE, rooms=rooms))["departures"]["nodes"]
    assert node["availability"]["offer"] == {
        "offer": None,
        "errors": [{"__typename": "InvalidInput", "code": "INVALID_INPUT", "path": path}],
    }


async def test_a_departure_that_is_not_sold_in_a_region_has_nothing_there(shop):
    shop.kings.sold.pop(next(region for region in shop.kings.sold if region is not UK))
    query = """query ($tour: ID!) { departures(tour: $tour, first: 1) { nodes {
        availability(region: US) { status } } } tour(id: $tour) { priceFrom(region: US) { amount } } }"""
    answer = await shop.data(query, tour=GREECE)
    assert (answer["departures"]["nodes"], answer["tour"]) == ([{"availability": None}], {"priceFrom": None})


async def test_only_so_many_departures_are_looked_at_in_one_query(shop, monkeypatch):
    monkeypatch.setattr(resolvers, "MOST_LOOKED_AT", 3)
    answer = await shop.ask(DEPARTURES)
    assert [bool(node["availability"]) for node in answer.data["departures"]["nodes"]] == [True, True, True, False]
    (error,) = answer.errors
    assert error.message == "A query looks at 3 departures at most, counted by region: list fewer."
    assert error.path == ["departures", "nodes", 3, "availability"]


async def test_only_so_many_departures_are_chosen_by_their_status_in_one_query(shop, monkeypatch):
    monkeypatch.setattr(resolvers, "MOST_CHOSEN", 3)
    refused = await shop.refused(DEPARTURES, status=["AVAILABLE"])
    assert refused["message"] == "A query chooses among 3 departures by status at most: ask for fewer days."
    assert (refused["code"], refused["path"]) == ("INVALID_INPUT", ["status"])
    assert not [question for question in shop.kings.asked if question[0] == "availability"]
    monkeypatch.setattr(resolvers, "MOST_CHOSEN", len(SUMMER))
    twice = f"a: {CHOSEN} b: {CHOSEN}"
    found = await shop.data(f"{{ {twice} }}")
    assert [len(found[name]["nodes"]) for name in ("a", "b")] == [len(SUMMER)] * 2
    elsewhere = CHOSEN.replace("(", "(region: US, ")
    assert (await shop.refused(f"{{ {twice} c: {elsewhere} }}"))["path"] == ["status"]
