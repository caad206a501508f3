"""How often operators are asked for the availability of a hundred departures: at the sandbox, spoken to in OCTO."""

from datetime import timedelta
from urllib.parse import urlsplit

import pytest

from app.domain.clock import ManualClock
from carriers.sandbox.octo.world import OctoWorld
from tests.carriers.worlds import PlainTransport, SandboxTransport, in_process_octo
from tests.tours.fakes import NOW

OPERATORS = ("brendanvacations", "insightvacations")
SEASONS = """{ tours(first: 100) {
    nodes { operator { code } options { seasons { departures(first: 4) { availability { status asOf } } } } } } }"""
LISTED = """query ($tour: ID!, $to: Date!) { departures(tour: $tour, to: $to, first: 100) {
    nodes { optionId availability { status bookableOnline } } operatorOutcomes { status } } }"""
TWO_REGIONS = """query ($tour: ID!) { departures(tour: $tour, first: 100) {
    nodes { here: availability { status } there: availability(region: US) { rates { price { currency } } } } } }"""


def is_of_availability(request):
    return urlsplit(request.url).path.rstrip("/").endswith("/availability")


class Counter:
    """Two operators of one world, and what each was asked for availability since."""

    def __init__(self, shop, transport):
        self.shop, shop.clock = shop, ManualClock(NOW)
        world = OctoWorld(shop.clock)
        self.wires = {code: transport(world) for code in OPERATORS}
        shop.open(
            *(in_process_octo(world, shop.clock, wire, operator=code) for code, wire in self.wires.items()),
        )

    def asked(self):
        """How often each was asked."""
        return {code: sum(map(is_of_availability, wire.sent)) for code, wire in self.wires.items()}


@pytest.fixture
def rich(shop):
    return Counter(shop, SandboxTransport)


@pytest.fixture
def plain(shop):
    return Counter(shop, PlainTransport)


def looked_at(answer):
    """Everything that was told of availability, by operator."""
    found = {}
    for tour in answer["tours"]["nodes"]:
        for option in tour["options"]:
            told = [each["availability"] for season in option["seasons"] for each in season["departures"]]
            found.setdefault(tour["operator"]["code"], []).extend(told)
    return found


async def test_one_call_to_each_operator_through_our_capability(shop, rich):
    found = looked_at(await shop.data(SEASONS))
    assert min(map(len, found.values())) >= 100
    assert all(each["status"] for told in found.values() for each in told)
    assert rich.asked() == dict.fromkeys(OPERATORS, 1)
    shop.clock.advance(timedelta(seconds=59))
    await shop.data(SEASONS)
    assert rich.asked() == dict.fromkeys(OPERATORS, 1)
    shop.clock.advance(timedelta(seconds=1))
    await shop.data(SEASONS)
    assert rich.asked() == dict.fromkeys(OPERATORS, 2)


async def test_one_call_for_each_region_that_is_compared(shop, rich):
    nodes = (await shop.data(TWO_REGIONS, tour="brendanvacations:dublin-and-the-west"))["departures"]["nodes"]
    assert len(nodes) == 100
    assert {rate["price"]["currency"] for node in nodes for rate in node["there"]["rates"]} == {"USD"}
    assert rich.asked()["brendanvacations"] == 2


@pytest.mark.parametrize(
    ("tour", "options"), [("brendanvacations:dublin-and-the-west", 1), ("insightvacations:best-of-greece", 2)]
)
async def test_one_call_for_each_option_in_plain_octo(shop, plain, tour, options):
    nodes = (await shop.data(LISTED, tour=tour, to="2027-10-31"))["departures"]["nodes"]
    assert len({node["optionId"] for node in nodes}) == options
    assert len(nodes) >= 50
    assert all(node["availability"] for node in nodes)
    assert plain.asked()[tour.partition(":")[0]] == options
