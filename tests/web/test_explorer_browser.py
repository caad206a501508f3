"""GraphiQL as a person meets it: in a real browser, over the gateway and sandbox that `make run` starts."""

import asyncio
import json
from urllib.parse import urlsplit

import aiohttp
import pytest

from app.cli.demo.browser import MISSING, browser, find_browser
from tests.newcomer import TITLES, Story, open_graphiql, run_tab, written
from tests.serving import serving

CHROMIUM = find_browser()
TABS = [
    "Places",
    "Search",
    "Reserve",
    "Pay",
    "PayByCard",
    "Seats",
    "Tours",
    "Departures",
    "ReserveDeparture",
    "Booking",
    "Bookings",
    "QuoteExchange",
    "Exchange",
    "AcceptChange",
    "QuoteRefund",
    "Refund",
    "Cancel",
    "UpdatePassenger",
    "Viewer",
]


@pytest.mark.skipif(CHROMIUM is None, reason=MISSING)  # outside CI Python alone is enough; CI fails without Chromium
@pytest.mark.proof
async def test_a_newcomer_opens_graphiql_and_runs_the_search(tmp_path):
    async with serving(tmp_path / "data") as gateway, browser(CHROMIUM, tmp_path / "browser") as page:
        await open_graphiql(page, gateway.origin)
        assert await page.value(TITLES) == TABS
        assert await page.value(f"{written('.graphiql-editor-tool .hidden')}.includes('Bearer ey')")
        found = json.loads(await run_tab(page, TABS.index("Search")))["data"]["search"]
        assert (found["errors"], len(found["itineraries"])) == ([], 5)
        assert page.complaints == []
        hosts = {urlsplit(url).netloc for url in page.requests if not url.startswith("data:")}
        assert hosts == {urlsplit(gateway.origin).netloc}


async def changed_by_the_airline(gateway, story, booking):
    """Let the airline move the flight of the booking, and ask until the gateway has heard of it."""
    moved = {"booking_reference": booking["items"][0]["carrierReference"], "kind": "moved", "minutes": 90}
    address = f"{gateway.world}/_sandbox/airline_changes"
    async with aiohttp.ClientSession() as http, http.post(address, json=moved) as answer:
        assert answer.ok
    async with asyncio.timeout(20):
        while not booking["changes"]:
            booking = await story.run("Booking", reference=booking["reference"])
    return booking


@pytest.mark.proof
async def test_seats_and_bags_are_chosen_in_one_tab_and_reserved_in_another(tmp_path):
    async with serving(tmp_path) as gateway:
        story = Story(gateway)
        offer = (await story.run("Search"))["itineraries"][0]["offer"]
        shown = await story.run("Seats", offer=offer)
        free = [
            service
            for seat_map in shown["offerSeatMaps"]["seatMaps"]
            for row in seat_map["rows"]
            for group in row["groups"]
            for seat in group
            for service in seat["services"]
        ]
        chosen = [free[0], shown["offerServices"]["services"][0]]
        services = [{"id": service["id"], "passenger": 0} for service in chosen]
        booking = (await story.run("Reserve", offers=[offer], services=services))["booking"]
        assert [item["inventoryHeld"] for item in booking["items"]] == [False]


@pytest.mark.proof
async def test_the_tabs_tell_the_whole_story_in_order(tmp_path):
    async with serving(tmp_path) as gateway:
        story = Story(gateway)
        found = await story.run("Search")
        held = (await story.run("Reserve", offers=[found["itineraries"][0]["offer"]]))["booking"]
        assert held["state"] == "HELD"
        paid = (await story.run("Pay", bookingId=held["id"]))["booking"]
        assert (paid["state"], paid["balance"]["amount"], len(paid["tickets"])) == ("TICKETED", "0.00", 1)
        greece = (await story.run("Tours"))["nodes"]
        assert all(tour["priceFrom"] and tour["inTheUnitedStates"] for tour in greece)
        (departure, *_) = (await story.run("Departures"))["nodes"]
        room = departure["availability"]["offer"]["offer"]
        tour = (await story.run("ReserveDeparture", offers=[room["token"]]))["booking"]
        assert (tour["state"], tour["total"], tour["deposit"]) == ("HELD", room["price"]["total"], room["deposit"])
        paid = await story.run("Pay", idempotencyKey="deposit", bookingId=tour["id"], amount=tour["deposit"])
        assert (paid["booking"]["state"], paid["booking"]["paymentState"]) == ("CONFIRMED", "PART_PAID")
        told = await story.run("Booking", reference=held["reference"])
        assert told["timeline"][-1]["message"] == "The amount was taken."
        told = await changed_by_the_airline(gateway, story, told)
        accepted = await story.run("AcceptChange", changeId=told["changes"][0]["id"])
        assert accepted["change"]["state"] == "ACCEPTED"
        told = await story.run("Booking", reference=held["reference"])
        listed = await story.run("Bookings")
        assert [booking["reference"] for booking in listed["nodes"]] == [tour["reference"], held["reference"]]
        offers = [found["itineraries"][1]["offer"]]
        another = (await story.run("Reserve", idempotencyKey="another", offers=offers))["booking"]
        form = await story.run("PayByCard", bookingId=another["id"])
        assert (form["payment"]["status"], form["outcome"]["formUrl"][:4]) == ("PENDING", "http")
        cancelled = (await story.run("Cancel", bookingId=another["id"]))["booking"]
        assert cancelled["state"] == "CANCELLED"
        item, journey = told["items"][0]["id"], told["journeys"][0]["ref"]
        journeys = [{"journey": journey, "date": told["journeys"][0]["departsAt"][:10]}]
        wanted = {"bookingId": held["id"], "items": [{"item": item, "journeys": journeys}]}
        quotes = (await story.run("QuoteExchange", **wanted))["quotes"]
        dearer = max(quotes, key=lambda quote: float(quote["balance"]["amount"]))
        exchanged = (await story.run("Exchange", quoteId=dearer["id"]))["booking"]
        assert (exchanged["state"], exchanged["balance"]["amount"]) == ("TICKETED", "0.00")
        quote = (await story.run("QuoteRefund", bookingId=held["id"]))["quote"]
        refunded = (await story.run("Refund", quoteId=quote["id"]))["booking"]
        assert refunded["state"] == "REFUNDED"
        assert refunded["refunded"]["amount"] == quote["amount"]["net"]["amount"]
