"""An operator that has never heard of our capability is sold all the same, with what plain OCTO can say."""

from dataclasses import replace

import pytest

from app.domain.clock import ManualClock
from app.domain.tours import SellingRegion
from carriers.sandbox.octo.world import OctoWorld
from tests.booking.house import PARTNER
from tests.booking.judge import judge
from tests.carriers.worlds import START, PlainTransport
from tests.schema.bookings.aftersales import EXCHANGE, PARTS, QUOTE_EXCHANGE, QUOTE_REFUND, REFUND
from tests.schema.gateway import ADA, PAY, RESERVE, open_gateway
from tests.tours import selling
from tests.tours.changing import WEEK_LATER

AGENT = replace(PARTNER, regions=(SellingRegion.ZZ, SellingRegion.UK))
TOUR = f"aatkings:{selling.TOUR}"
CHARLES, BYRON = ADA | {"givenName": "Charles"}, ADA | {"givenName": "Byron", "bornOn": "2016-11-02"}
TOURS = """{ tours(first: 100) { nodes { id region priceFrom { currency } options { days seasons { name } } } } }"""
DEPARTURES = """query ($tour: ID!, $day: Date!, $to: Date!, $region: SellingRegion) {
    departures(tour: $tour, from: $day, to: $to, region: $region) { nodes { id seasonName guideLanguage availability {
        status takesRequests placesLeft rates { type } terms { deposit { amount } cancellationScale { percent } }
        offer(rooms: [{type: PERSON, adults: 2, childAges: [9]}]) { offer { token deposit { amount } } } } } } }"""
STAY = "query ($id: ID!) { booking(id: $id) { items { stay { departureId region rooms { type adults childAges } } } } }"


@pytest.fixture
async def agent():
    """A partner's clerk at a gateway whose operator speaks plain OCTO."""
    clock = ManualClock(START)
    world = OctoWorld(clock)
    gateway = await open_gateway(clock=clock, tours=world, tours_transport=PlainTransport(world))
    await gateway.house.terms(AGENT)
    return gateway


async def listed(agent, day=selling.OPEN, to=None, **more):
    asked = {"tour": TOUR, "day": str(day), "to": str(to or day)} | more
    return (await agent.data(DEPARTURES, partner=AGENT, **asked))["departures"]["nodes"]


async def reserved(agent):
    found = next(node for node in await listed(agent) if ":classic:" in node["id"])
    token = found["availability"]["offer"]["offer"]["token"]
    return await agent.act(RESERVE, partner=AGENT, offers=[token], passengers=[ADA, CHARLES, BYRON])


async def test_its_tours_have_no_seasons_and_their_departures_no_rooms_nor_deposits(agent):
    tour = next(one for one in (await agent.data(TOURS, partner=AGENT))["tours"]["nodes"] if one["id"] == TOUR)
    assert (tour["region"], tour["priceFrom"], tour["options"][0]["seasons"]) == ("ZZ", None, [])
    week = {node["id"]: node for node in await listed(agent, to=selling.SHUT) if ":classic:" in node["id"]}
    assert len(week) == 7
    told = week[f"{TOUR}:classic:{selling.OPEN}"]
    assert (told["seasonName"], told["guideLanguage"]) == (None, None)
    found = told["availability"]
    assert (found["status"], found["placesLeft"], found["terms"]["deposit"]) == ("AVAILABLE", 30, None)
    assert {rate["type"] for rate in found["rates"]} == {"PERSON", "CHILD"}
    assert week[f"{TOUR}:classic:{selling.ASKED}"]["availability"]["status"] == "CLOSED"


async def test_one_departure_is_found_by_its_id(agent):
    query = "query ($id: ID!) { departure(id: $id) { startsOn seasonName availability { status } } }"
    found = await agent.data(query, partner=AGENT, id=f"{TOUR}:classic:{selling.OPEN}")
    told = {"startsOn": str(selling.OPEN), "seasonName": None, "availability": {"status": "AVAILABLE"}}
    assert found["departure"] == told


async def test_where_it_has_no_price_in_the_regions_currency_it_has_to_be_asked_for(agent):
    node = next(node for node in await listed(agent, region="UK") if ":classic:" in node["id"])
    told = node["availability"]
    assert (told["status"], told["takesRequests"], told["rates"]) == ("ON_REQUEST", False, [])


async def test_it_is_reserved_paid_exchanged_and_refunded(agent):
    booking = (await reserved(agent))["booking"]
    assert booking["state"] == "HELD"
    paid = await agent.act(PAY, bookingId=booking["id"], method={"onAccount": {}})
    assert (paid["errors"], paid["booking"]["state"]) == ([], "TICKETED")
    (item,) = (await agent.data(PARTS, id=booking["id"]))["booking"]["items"]
    instead = {"item": item["id"], "departure": f"{TOUR}:classic:{WEEK_LATER}"}
    (quote,) = (await agent.act(QUOTE_EXCHANGE, bookingId=booking["id"], items=[instead]))["quotes"]
    assert quote["fee"] == {"amount": "0.00"}
    moved = await agent.act(EXCHANGE, quoteId=quote["id"], method={"onAccount": {}})
    assert moved["errors"] == []
    *_, last = (await agent.data(STAY, id=booking["id"]))["booking"]["items"]
    assert last["stay"] == {
        "departureId": instead["departure"],
        "region": "ZZ",
        "rooms": [{"type": "PERSON", "adults": 2, "childAges": [9]}],
    }
    refund = (await agent.act(QUOTE_REFUND, bookingId=booking["id"]))["quote"]
    assert (refund["extent"], refund["amount"]["fee"]) == ("FULL", {"amount": "0.00"})
    done = await agent.act(REFUND, quoteId=refund["id"])
    assert (done["errors"], done["booking"]["state"], done["booking"]["paymentState"]) == ([], "REFUNDED", "REFUNDED")
    await judge(agent.house)
