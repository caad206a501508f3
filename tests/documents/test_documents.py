"""The README and the tour of the API are true: every operation in them runs, and answers in the shape they show."""

import asyncio
import json
import re
from datetime import UTC, datetime, timedelta

import aiohttp
import pytest

from tests.documents.shown import ROOT, found, operations, same_shape
from tests.serving import serving

DOCUMENTS = ("README.md", "docs/api.md")
LINKED = ["README.md", "CHANGELOG.md", "DECISIONS.md", *(f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md"))]
_CODE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r'\]\(([^)]+)\)|src="([^"]+)"')
# The day of travel in the documents, far enough ahead to be pasted for years.
_SHOWN_DAY, _LATER_DAY = "2028-05-20", "2028-05-23"
_CHANGED = "{ bookings(first: 1) { nodes { changes { id } } } }"
# What a reader copies from an answer into the next operation.
_COPIED = {
    "OFFER": ("search", "itineraries", 0, "offer"),
    "BOOKING": ("reserve", "booking", "id"),
    "REFERENCE": ("reserve", "booking", "reference"),
    "DEPARTURE": ("departures", "nodes", 0, "id"),
    "DEPARTURE_OFFER": ("departures", "nodes", 0, "availability", "offer", "offer", "token"),
    "PAYMENT": ("pay", "payment", "id"),
    "ITEM": ("reserve", "booking", "items", 0, "id"),
    "JOURNEY": ("reserve", "booking", "items", 0, "journeys", 0, "ref"),
    "BAG": ("offerServices", "services", 0, "id"),
    "LATER_BAG": ("pay", "booking", "items", 0, "availableServices", "services", 0, "id"),
    "SERVICES_QUOTE": ("quoteServices", "quote", "id"),
    "EXCHANGE_QUOTE": ("quoteExchange", "quotes", -1, "id"),
    "REFUND_QUOTE": ("quoteRefund", "quote", "id"),
    "CHANGE": ("booking", "changes", 0, "id"),
    "TRAVELLER": ("reserve", "booking", "passengers", 0, "id"),
}


def pasted(operation, copied):
    """The operation as a reader sends it: with what was copied, and two months before the journey."""
    day = datetime.now(UTC).date() + timedelta(days=60)
    operation = operation.replace(_SHOWN_DAY, str(day)).replace(_LATER_DAY, str(day + timedelta(days=3)))
    for name, value in copied.items():
        operation = operation.replace(f'"{name}"', json.dumps(value))
    return operation


@pytest.mark.proof
@pytest.mark.parametrize("document", DOCUMENTS)
async def test_every_operation_runs_and_answers_as_it_is_shown(document, tmp_path):
    copied = {}
    async with serving(tmp_path) as gateway:
        for operation, shown in operations(document):
            if "CHANGE" in _shown_there(shown):
                await _fly_later(gateway)
            answer = await gateway.ask(pasted(operation, copied))
            copied |= {name: value for name, path in _COPIED.items() if (value := found(answer, path))}
            copied |= zip(("SEAT",), _seats(answer), strict=False)
            assert shown is None or same_shape(shown, answer), json.dumps(answer, indent=2)
    assert "OFFER" in copied and "BOOKING" in copied


def _seats(answer):
    """What each free seat of a map is chosen by."""
    for plan in answer.get("offerSeatMaps", {}).get("seatMaps", []):
        seats = (seat for row in plan["rows"] for group in row["groups"] for seat in group if seat)
        yield from (seat["services"][0]["id"] for seat in seats if seat["available"])


def _shown_there(shown):
    return {name for name, path in _COPIED.items() if shown and found(shown, path)}


async def _fly_later(gateway):
    """Let the airlines move whatever is paid, and the gateway hear of it."""
    async with aiohttp.ClientSession(gateway.world) as http, asyncio.timeout(20):
        ledger = await (await http.get("/_sandbox/ledger")).json()
        for order in (order for order in ledger["orders"] if order["state"] == "paid"):
            wish = {"booking_reference": order["booking_reference"], "kind": "moved", "minutes": 90}
            await http.post("/_sandbox/airline_changes", json=wish)
        while not (await gateway.ask(_CHANGED))["bookings"]["nodes"][0]["changes"]:
            await asyncio.sleep(0.05)


def links(document):
    """Where its text leads; what its code loads is no link of it."""
    text = _CODE.sub("", (ROOT / document).read_text())
    return [target.partition("#")[0] for pair in _LINK.findall(text) for target in pair if target]


@pytest.mark.parametrize("document", LINKED)
def test_every_link_leads_somewhere(document):
    here = (ROOT / document).parent
    lost = [target for target in links(document) if "://" not in target and not (here / target).exists()]
    assert lost == []


def test_every_document_is_found_from_the_readme():
    assert {document for document in LINKED if document != "README.md"} <= set(links("README.md"))


@pytest.mark.parametrize("picture", ["graphiql.png", "ticket.png", "voucher.png"])
def test_pictures_are_small_enough_to_load(picture):
    content = (ROOT / "docs" / "images" / picture).read_bytes()
    assert content.startswith(b"\x89PNG") and len(content) < 300_000
