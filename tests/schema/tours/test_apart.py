"""What is kept from a partner: why a departure is closed, and whatever another partner booked."""

from dataclasses import replace

import pytest
from sqlmodel import select

from app.store.tables import Row
from tests.booking.house import OTHER, PARTNER
from tests.schema.gateway import ADA
from tests.tours import selling
from tests.tours.changing import CHEAPER, paid
from tests.tours.fakes import UK

AGENT = replace(PARTNER, regions=(UK,))
TOUR = f"aatkings:{selling.TOUR}"
EVERYTHING = """query ($tour: ID!, $option: ID!, $day: Date!) {
    departures(tour: $tour, option: $option, from: $day, to: $day) { nodes { guideLanguage availability {
        region status bookableOnline takesRequests placesLeft depositDueAt asOf rates { type price { currency } }
        terms { deposit { amount } cancellationScale { percent } exchange { fee { amount } } }
        sellingCompany { name }
        offer(rooms: [{type: SINGLE, adults: 1}]) {
            errors { code message }
            offer { token holdable onRequest payBy deposit { amount } requiredPassengerFields expiresAt } } } } } }"""
RESERVE = """mutation ($input: ReserveInput!) { reserve(input: $input) {
    booking { state timeline { kind } items { state stay { tourName region terms { deposit { amount } } } } }
    operation { state }
    errors { __typename code message advice path ... on NotBookable { status } } } }"""


@pytest.fixture
def look(gateway):
    async def look(day):
        asked = {"tour": TOUR, "option": f"{TOUR}:{selling.OPTION}", "day": str(day)}
        (node,) = (await gateway.data(EVERYTHING, partner=AGENT, **asked))["departures"]["nodes"]
        token = node["availability"]["offer"]["offer"].pop("token")
        wish = {"idempotencyKey": gateway.key(), "offers": [token], "passengers": [ADA]}
        return node, (await gateway.data(RESERVE, partner=AGENT, input=wish))["reserve"]

    return look


async def test_nothing_tells_a_departure_that_is_closed_for_good_from_one_that_is_closed(look):
    assert await look(selling.SHUT) == await look(selling.CLOSED)


async def test_nothing_that_is_stored_says_that_it_is_closed_for_good(gateway, look):
    await look(selling.SHUT)
    stored = [row for kind in Row.__subclasses__() for row in await gateway.house.rows(select(kind))]
    assert "NOT_BOOKABLE" in str(stored)
    assert "NOT_AMENDABLE" not in str(stored)


ITEM = """query ($id: ID!) { node(id: $id) { id } booking(id: $id) { id } }"""
CHANGES = {
    "pay": {"method": {"onAccount": {}}},
    "cancel": {},
    "quoteRefund": {},
    "quoteExchange": {"items": [{"item": "it_1", "departure": f"{TOUR}:{selling.OPTION}:{CHEAPER}"}]},
}


async def test_another_partner_finds_nothing_of_a_tour_that_was_booked(gateway):
    booking = await paid(gateway.house)
    (item,) = await gateway.house.items(booking.id)
    for name in (booking.id, item.id):
        assert await gateway.data(ITEM, partner=OTHER, id=name) == {"node": None, "booking": None}
    assert (await gateway.data(ITEM, partner=PARTNER, id=booking.id))["booking"] == {"id": booking.id}


@pytest.mark.parametrize("change", CHANGES)
async def test_another_partner_changes_nothing_of_it(gateway, change):
    booking = await paid(gateway.house)
    kind = change[0].upper() + change[1:]
    mutation = f"mutation ($input: {kind}Input!) {{ {change}(input: $input) {{ errors {{ code }} }} }}"
    wish = {"idempotencyKey": "k", "bookingId": booking.id, **CHANGES[change]}
    answer = await gateway.data(mutation, partner=OTHER, input=wish)
    assert answer[change]["errors"] == [{"code": "NOT_FOUND"}]
