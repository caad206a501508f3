"""What the gateway itself sends to operators, and hears from the sandbox's, is as OCTO publishes it.

OCTO's own schemas (npm `@octocloud/types`) read every request and response of a booking's life.
"""

import asyncio
import json
import re
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from app.domain.refusals import SoldOut
from app.domain.tours import SellingRegion
from carriers.contract import ExchangeWish
from tests.carriers.sandbox.octo.shop import ASKED, LATER, OPTION, START, TOUR
from tests.carriers.sandbox.octo.test_published_types import HERE, NODE, pytestmark  # noqa: F401 - the same condition
from tests.carriers.test_octo_bookings import FAMILY, TWO, Shop, key
from tests.carriers.worlds import PlainTransport, SandboxTransport

DOCUMENT = Path(__file__).parents[2] / "docs" / "octo-departures.md"
OURS = "/departures/availability"
BOOKED = {
    "GET /bookings/{uuid} 200",
    "GET /products/ 200",
    "GET /supplier/ 200",
    "PATCH /bookings/{uuid} 200",
    "POST /bookings/ 200",
    "POST /bookings/ UNPROCESSABLE_ENTITY",
    "POST /bookings/{uuid}/cancel 200",
    "POST /bookings/{uuid}/confirm 200",
    "POST /bookings/{uuid}/extend 200",
}


@dataclass
class Noted:
    """Keeps every exchange, without our own capability's question: OCTO publishes nothing of that."""

    noted: list = field(default_factory=list, kw_only=True)

    async def send(self, request, timeout):
        answer = await super().send(request, timeout)
        path = urlsplit(request.url).path.removeprefix("/insightvacations")
        about = {"method": request.method, "path": path, "body": request.json}
        if path != OURS:
            self.noted.append(about | {"status": answer.status, "answer": json.loads(answer.body)})
        return answer


@dataclass
class Rich(Noted, SandboxTransport):
    """An operator with our capability."""


@dataclass
class Plain(Noted, PlainTransport):
    """One without."""


def added():
    """The fields that our capability adds, as its document lists them."""
    rows = (line.split("|") for line in DOCUMENT.read_text().splitlines() if line.startswith("| `"))
    return [name for row in rows for name in re.findall(r"`(\w+)`", row[2])]


async def read_by_octo(exchanges):
    """What was read, by endpoint and answer; AssertionError with what OCTO's schemas say of what they cannot read."""
    process = await asyncio.create_subprocess_exec(
        *(str(NODE), str(HERE / "exchanges.cjs"), *added()),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    told, complaints = await asyncio.wait_for(process.communicate(json.dumps(exchanges).encode()), 30)
    assert not complaints, complaints.decode()
    return set(json.loads(told))


async def lived(shop, *rooms, region=SellingRegion.UK):
    """All that is asked of an operator in a booking's life: looked at, held, kept, paid, moved and given back."""
    await shop.carrier.departures(region, TOUR, OPTION, date(2027, 5, 1), date(2027, 5, 31))
    offer = await shop.stay(*rooms, region=region)
    held = await shop.hold(await shop.carrier.check(offer.ref))
    await shop.carrier.extend(held.ref, START.replace(day=2, hour=8), shop.call("key-2"))
    paid = await shop.pay(held)
    assert await shop.carrier.find("key-1", since=START) == await shop.carrier.order(held.ref) == paid
    (instead,) = await shop.carrier.quote_exchange(ExchangeWish(order=paid.ref, departure=key(LATER)))
    await shop.carrier.exchange(await shop.carrier.prepare_exchange(instead.ref), shop.call("key-3"))
    terms = await shop.carrier.quote_refund(paid.ref)
    await shop.carrier.refund(terms.ref, shop.call("key-4"))
    return offer


async def refused(shop, offer):
    """What an operator refuses: places that somebody else took."""
    shop.fault("bookings.create", "sold_out")
    with pytest.raises(SoldOut):
        await shop.hold(offer, "key-5")


@pytest.mark.parametrize("rooms", [FAMILY, (replace(FAMILY[0], adults=1),)])
async def test_whatever_is_exchanged_with_our_capability_is_read_by_the_published_schemas(rooms):
    shop = Shop.opened(Rich)
    await refused(shop, await lived(shop, *rooms))
    await shop.cancel(await shop.hold(await shop.stay(day=ASKED), "key-6"))
    await shop.carrier.orders(since=START)
    assert await read_by_octo(shop.wire.noted) == BOOKED | {"GET /bookings/ 200"}


async def test_whatever_is_exchanged_in_plain_octo_is_read_by_the_published_schemas():
    shop = Shop.opened(Plain)
    await refused(shop, await lived(shop, replace(TWO, child_ages=(9,)), region=SellingRegion.ZZ))
    looked_at = {"POST /availability/ 200", "POST /availability/calendar 200"}
    assert await read_by_octo(shop.wire.noted) == BOOKED | looked_at


@pytest.mark.parametrize(
    ("part", "wrong", "complaint"),
    [("body", {"availabilityId": None}, "availabilityId"), ("answer", {"status": "MAYBE"}, "status")],
)
async def test_what_octo_does_not_know_is_noticed(part, wrong, complaint):
    shop = Shop.opened(Rich)
    await shop.hold(await shop.stay())
    (made,) = [each for each in shop.wire.noted if each["method"] == "POST"]
    made[part] |= wrong
    with pytest.raises(AssertionError, match=complaint):
        await read_by_octo([made])
