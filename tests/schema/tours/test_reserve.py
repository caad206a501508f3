"""Departures reserved by what `departures` offers: held, asked for, and refused with the reason."""

from dataclasses import replace

import pytest

from app.domain.partner import Scope
from app.pricing.offers import MAX_LENGTH
from tests.booking.house import PARTNER
from tests.schema.gateway import ADA, operation, same_as_committed
from tests.tours import selling
from tests.tours.fakes import UK, US

RESERVE = operation("reserve_departure")
AGENT = replace(PARTNER, regions=(UK, US))
OFFER = """query ($tour: ID!, $option: ID!, $day: Date!, $rooms: [RoomInput!]!) {
    departures(tour: $tour, option: $option, from: $day, to: $day) { nodes { availability {
        status bookableOnline takesRequests placesLeft depositDueAt
        offer(rooms: $rooms) { offer { token onRequest payBy } errors { code } } } } } }"""
TOUR = f"aatkings:{selling.TOUR}"
SINGLE = [{"type": "SINGLE", "adults": 1}]
FAMILY = [{"type": "SINGLE", "adults": 1}, {"type": "TWIN_SHARE", "adults": 1, "childAges": [9]}]


def called(name, born="1985-03-02"):
    return ADA | {"givenName": name, "bornOn": born}


@pytest.fixture
def agent(gateway):
    """A partner's clerk, who reserves rooms of a departure."""

    async def look(day, rooms=SINGLE):
        asked = {"tour": TOUR, "option": f"{TOUR}:{selling.OPTION}", "day": str(day), "rooms": rooms}
        (node,) = (await gateway.data(OFFER, partner=AGENT, **asked))["departures"]["nodes"]
        return node["availability"]

    async def reserve(day, rooms=SINGLE, passengers=(ADA,)):
        found = await look(day, rooms)
        offer = found["offer"]["offer"]["token"]
        given = {"idempotencyKey": gateway.key(), "offers": [offer], "passengers": list(passengers)}
        return found, await gateway.data(RESERVE, partner=AGENT, input=given)

    gateway.look = look
    gateway.book = reserve
    return gateway


async def test_a_departure_is_held_in_the_rooms_that_were_offered(agent):
    await agent.house.terms(AGENT)
    party = (called("Charles"), called("Ada"), called("Byron", "2016-11-02"))
    found, answer = await agent.book(selling.OPEN, FAMILY, party)
    assert (found["status"], found["bookableOnline"]) == ("AVAILABLE", True)
    same_as_committed("reserve_departure", answer)


async def test_an_offer_for_nine_fits_into_its_token(agent):
    offer = (await agent.look(selling.OPEN, SINGLE * 9))["offer"]["offer"]
    assert len(offer["token"]) <= MAX_LENGTH


async def test_a_region_that_was_taken_from_the_partner_since_is_not_sold(agent):
    offer = (await agent.look(selling.OPEN))["offer"]["offer"]["token"]
    given = {"idempotencyKey": agent.key(), "offers": [offer], "passengers": [ADA]}
    answer = await agent.data(RESERVE, partner=replace(AGENT, regions=(US,)), input=given)
    (error,) = answer["reserve"]["errors"]
    assert (error["__typename"], error["advice"]) == ("InvalidInput", "CORRECT_INPUT")
    assert error["message"] == "This partner does not sell tours in UK."


async def test_what_is_closed_is_not_bookable(agent):
    found, answer = await agent.book(selling.CLOSED)
    assert (found["status"], found["bookableOnline"]) == ("CLOSED", False)
    (error,) = answer["reserve"]["errors"]
    assert (error["__typename"], error["status"], error["advice"]) == ("NotBookable", "CLOSED", "CHOOSE_ANOTHER")


async def test_nobody_but_operators_hears_that_it_is_closed_for_good(agent):
    found, answer = await agent.book(selling.SHUT)
    assert (found["status"], answer["reserve"]["errors"][0]["status"]) == ("CLOSED", "CLOSED")
    agent.scopes |= {Scope.INTERNAL}
    assert (await agent.look(selling.SHUT))["status"] == "CLOSED_NOT_AMENDABLE"


@pytest.mark.parametrize("day", [selling.CLOSED, selling.SHUT, selling.ASKED])
async def test_nothing_is_due_for_what_cannot_be_held(agent, day):
    assert (await agent.look(day))["depositDueAt"] is None


async def test_places_that_can_be_asked_for_are_told_and_kept_by_nobody(agent):
    found, open_to_all = await agent.look(selling.ASKED), await agent.look(selling.OPEN)
    assert (found["placesLeft"], found["offer"]["offer"]["payBy"]) == (12, None)
    assert open_to_all["depositDueAt"] < open_to_all["offer"]["offer"]["payBy"]


async def test_what_is_on_request_is_asked_for(agent):
    found, answer = await agent.book(selling.ASKED)
    assert (found["status"], found["bookableOnline"], found["takesRequests"]) == ("ON_REQUEST", False, True)
    assert found["offer"]["offer"]["onRequest"]
    assert answer["reserve"]["booking"]["state"] == "REQUESTED"


@pytest.mark.parametrize(
    ("day", "requests", "held", "asked", "places"),
    [
        (selling.OPEN, True, True, False, 30),
        (selling.ASKED, True, False, True, 12),
        (selling.ASKED, False, False, False, 12),
        (selling.CLOSED, True, False, False, None),
    ],
)
async def test_a_time_to_pay_is_told_for_what_would_be_held_only(agent, day, requests, held, asked, places):
    agent.house.operator._availability._requests = requests
    found = await agent.look(day)
    offer = found["offer"]["offer"]
    assert (found["depositDueAt"] is not None, offer["payBy"] is not None) == (held, held)
    assert (offer["onRequest"], found["placesLeft"]) == (asked, places)


REFUSED = [
    (selling.CLOSED, SINGLE, "NOT_BOOKABLE"),
    (selling.SHUT, SINGLE, "NOT_BOOKABLE"),
    (selling.LAST_PLACE, FAMILY, "SOLD_OUT"),
    (selling.ASKED, SINGLE, "ON_REQUEST_ONLY"),
]


@pytest.mark.parametrize(("day", "rooms", "code"), REFUSED)
async def test_what_is_refused_says_which_departure_it_was_for(agent, day, rooms, code):
    agent.house.operator._availability._requests = False
    party = (called("Charles"), called("Ada"), called("Byron", "2016-11-02"))[: 1 if rooms is SINGLE else 3]
    _, answer = await agent.book(day, rooms, party)
    assert [error["code"] for error in answer["reserve"]["errors"]] == [code]
    (item,) = answer["reserve"]["booking"]["items"]
    assert (item["state"], item["stay"]["departureId"]) == ("REJECTED", f"{TOUR}:{selling.OPTION}:{day}")
    assert (item["stay"]["region"], item["stay"]["operatorName"]) == ("UK", "Aatkings")
    people = [person["givenName"] for room in item["stay"]["rooms"] for person in room["passengers"]]
    assert people == [each["givenName"] for each in party]


async def test_what_has_no_price_any_more_is_refused_all_the_same(agent, monkeypatch):
    offer = (await agent.look(selling.CLOSED))["offer"]["offer"]["token"]
    told = agent.house.operator._availability.of

    async def unpriced(region, keys):
        return {key: replace(found, rates=()) for key, found in (await told(region, keys)).items()}

    monkeypatch.setattr(agent.house.operator._availability, "of", unpriced)
    given = {"idempotencyKey": agent.key(), "offers": [offer], "passengers": [ADA]}
    answer = (await agent.data(RESERVE, partner=AGENT, input=given))["reserve"]
    assert [error["code"] for error in answer["errors"]] == ["NOT_BOOKABLE"]
    assert answer["booking"]["items"] == [{"state": "REJECTED", "stay": None}]


async def test_what_takes_no_requests_is_refused_with_whom_to_ask(agent):
    agent.house.operator._availability._requests = False
    found, answer = await agent.book(selling.ASKED)
    assert (found["status"], found["takesRequests"]) == ("ON_REQUEST", False)
    (error,) = answer["reserve"]["errors"]
    assert error["__typename"] == "OnRequestOnly"
    assert error["company"]["region"] == "UK" and "@" in error["company"]["contact"]["email"]
