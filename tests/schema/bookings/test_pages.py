"""Pages of bookings: newest first, each once, filtered by what partners look for."""

from datetime import timedelta

import pytest

from tests.schema.gateway import ADA, CANCEL

PAGE = """query ($first: Int, $after: String, $filter: BookingFilter) {
  bookings(first: $first, after: $after, filter: $filter) {
    edges { cursor node { id } } nodes { id }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }"""
ONE = """query ($reference: String!) { bookingByReference(reference: $reference) { id } }"""


async def listed(gateway, **variables):
    return [node["id"] for node in (await gateway.data(PAGE, **variables))["bookings"]["nodes"]]


@pytest.fixture
async def three(gateway):
    """Three bookings, the last two made in the same instant."""
    made = [await gateway.held(partnerReference="FIRST")]
    gateway.house.clock.advance(timedelta(hours=1))
    other = ADA | {"givenName": "José María", "familyName": "Núñez"}
    return [*made, await gateway.held(passengers=[other]), await gateway.held()]


async def test_newest_first_and_each_once_also_where_instants_are_the_same(gateway, three):
    seen, after = [], None
    for _ in range(3):
        page = (await gateway.data(PAGE, first=1, after=after))["bookings"]
        seen += [node["id"] for node in page["nodes"]]
        assert page["pageInfo"]["hasPreviousPage"] is (after is not None)
        assert page["pageInfo"]["hasNextPage"] is (len(seen) < 3)
        assert page["pageInfo"]["startCursor"] == page["pageInfo"]["endCursor"] == page["edges"][0]["cursor"]
        after = page["pageInfo"]["endCursor"]
    assert seen == three[::-1]
    assert await listed(gateway, first=100, after=after) == []


async def test_what_is_reserved_meanwhile_does_not_move_a_page(gateway, three):
    after = (await gateway.data(PAGE, first=1))["bookings"]["pageInfo"]["endCursor"]
    gateway.house.clock.advance(timedelta(minutes=1))
    await gateway.held()
    assert await listed(gateway, first=100, after=after) == three[1::-1]


async def test_an_empty_page_has_no_cursors(gateway):
    assert (await gateway.data(PAGE))["bookings"]["pageInfo"] == {
        "hasNextPage": False,
        "hasPreviousPage": False,
        "startCursor": None,
        "endCursor": None,
    }


FILTERS = [
    ({"states": ["CANCELLED"]}, [0]),
    ({"states": ["HELD", "CANCELLED"]}, [2, 1, 0]),
    ({"states": ["TICKETED"]}, []),
    ({"states": []}, [2, 1, 0]),
    ({"created": {"from": "2026-03-01T09:30:00Z"}}, [2, 1]),
    ({"created": {"from": "2026-03-01T09:00:00Z", "until": "2026-03-01T10:00:00Z"}}, [0]),
    ({"created": {"until": "2026-03-01T10:00:00+01:00"}}, []),
    ({"departs": {"from": "2026-06-01T00:00:00Z", "until": "2026-06-02T00:00:00Z"}}, [2, 1, 0]),
    ({"departs": {"from": "2026-06-02T00:00:00Z"}}, []),
    ({"partnerReference": "FIRST"}, [0]),
    ({"partnerReference": "SECOND"}, []),
    ({"passengerName": "nunez"}, [1]),
    ({"passengerName": "Maria NUN"}, [1]),
    ({"passengerName": "ove"}, []),
    ({"passengerName": "ada lovelace"}, [2, 0]),
    ({"passengerName": "ada nunez"}, []),
    ({"passengerName": "%"}, []),
    ({"passengerName": "lovelace", "states": ["HELD"]}, [2]),
]


async def test_filters(gateway, three):
    await gateway.act(CANCEL, bookingId=three[0])
    found = [(wanted, await listed(gateway, filter=wanted)) for wanted, _ in FILTERS]
    assert found == [(wanted, [three[index] for index in indexes]) for wanted, indexes in FILTERS]


async def test_a_reference_is_found_however_it_is_written(gateway, three):
    query = "query ($id: ID!) { booking(id: $id) { reference } }"
    reference = (await gateway.data(query, id=three[1]))["booking"]["reference"]
    for written in (reference, reference.lower(), f" {reference[:3]}-{reference[3:]} "):
        assert (await gateway.data(ONE, reference=written))["bookingByReference"] == {"id": three[1]}
        assert await listed(gateway, filter={"reference": written}) == [three[1]]
    assert (await gateway.data(ONE, reference="ZZZZZZ"))["bookingByReference"] is None


@pytest.mark.parametrize(
    ("variables", "path", "words"),
    [
        ({"first": 0}, ["first"], "first must be 1 to 100; it is 0."),
        ({"first": 101}, ["first"], "first must be 1 to 100; it is 101."),
        ({"after": "???"}, ["after"], "no cursor of ours"),
        ({"after": ""}, ["after"], "no cursor of ours"),
        ({"after": "YXJyYXljb25uZWN0aW9uOjA"}, ["after"], "no cursor of ours"),
        ({"after": "\ud800"}, ["after"], "no cursor of ours"),
        ({"filter": {"passengerName": "  "}}, ["filter", "passengerName"], "one word or more"),
        ({"filter": {"partnerReference": "a\0b"}}, ["filter", "partnerReference"], "cannot be written"),
        ({"filter": {"reference": "A" * 256}}, ["filter", "reference"], "255 characters at most"),
    ],
)
async def test_wrong_questions_are_told_with_their_path(gateway, variables, path, words):
    answer = await gateway.ask(PAGE, **variables)
    (error,) = answer.errors
    assert words in error.message
    assert error.extensions["code"] == "INVALID_INPUT"
    assert error.extensions["path"] == path


@pytest.mark.parametrize(
    ("variables", "path", "words"),
    [
        ({"filter": {"states": ["LOST"]}}, ["filter", "states", "0"], "LOST"),
        ({"filter": {"created": {"from": "yesterday"}}}, ["filter", "created", "from"], "DateTime"),
        ({"filter": {"colour": "blue"}}, ["filter"], "colour"),
        ({"first": "ten"}, ["first"], "ten"),
    ],
)
async def test_questions_of_the_wrong_type_are_told_with_their_path(gateway, variables, path, words):
    (error,) = (await gateway.ask(PAGE, **variables)).errors
    assert words in error.message
    assert error.extensions == {"code": "BAD_USER_INPUT", "path": path}
