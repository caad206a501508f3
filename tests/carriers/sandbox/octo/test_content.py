"""What is told depends on what was granted, and on the region."""

import pytest

from app.domain.tours import SellingRegion
from carriers.sandbox.exchange import Request
from carriers.sandbox.octo.world import OctoWorld
from tests.carriers.sandbox.octo.shop import ALL, ELSEWHERE, OPEN, PLAIN, TOUR, Client

SUPPLIER_FIELDS = {"id", "name", "endpoint", "contact"}


def test_capabilities_are_told_as_octo_tells_its_own(client):
    found = {each.pop("id"): each for each in client.ok("GET", "/capabilities/")}
    assert set(found) == {"octo/content", "octo/pricing", "faregate/departures"}
    ours = {"revision": 1, "required": False, "dependencies": ["octo/content", "octo/pricing"], "docs": None}
    assert found["faregate/departures"] == ours


@pytest.mark.parametrize(
    ("asked", "granted"),
    [
        ("", ""),
        ("octo/pricing,octo/content", PLAIN),
        ("octo/cart, octo/pricing", "octo/pricing"),
        ("faregate/departures", ""),
        ("faregate/departures, octo/pricing", "octo/pricing"),
        (ALL, ALL),
    ],
)
def test_what_exists_and_stands_on_its_feet_is_granted(world, asked, granted):
    reply = Client(world, capabilities=asked).send("GET", "/supplier/")
    assert reply.headers["octo-capabilities"] == granted
    assert ("content-language" in reply.headers) == ("octo/content" in granted)
    assert ("sellingCompanies" in reply.json()) == (granted == ALL)
    assert reply.json().keys() >= SUPPLIER_FIELDS


def test_fields_of_a_capability_come_with_it_alone(world):
    def keys(capabilities):
        (product,) = Client(world, capabilities=capabilities).ok("GET", "/products/")
        option = product["options"][0]
        return [set(each) for each in (product, option, option["units"][0])]

    bare, plain, ours = keys(""), keys(PLAIN), keys(ALL)
    for nothing, some in zip(bare, plain, strict=True):
        assert {"title", "pricingFrom", "defaultCurrency"}.isdisjoint(nothing)
        assert nothing < some
    added = [more - less for less, more in zip(plain, ours, strict=True)]
    assert added == [{"days"}, {"days", "seasons"}, {"room"}]


def test_a_season_is_told_as_it_is_sold_in_the_region(world):
    def season(region):
        found = Client(world, region=region).ok("GET", f"/products/{TOUR}")
        return found["title"], found["options"][0]["seasons"][0]

    uk, there = season("UK"), season("NZ")
    assert (uk[0], there[0]) == ("Colours of Greece", "Greek Colours")
    days = [{departure["localDate"] for departure in told[1]["departures"]} for told in (uk, there)]
    assert days[1] - days[0] == {ELSEWHERE}
    assert [told[1]["unitPricingFrom"][0]["currency"] for told in (uk, there)] == ["GBP", "NZD"]


@pytest.mark.parametrize("region", SellingRegion)
def test_a_season_that_is_not_sold_in_the_region_is_not_told(clock, region):
    world = OctoWorld(clock)
    told = [Client(world, operator, region).ok("GET", "/products/") for operator in ("brendanvacations", "luxurygold")]
    seasons = [one for part in told for tour in part for option in tour["options"] for one in option["seasons"]]
    assert len(seasons) > 40
    assert all(season["departures"] and season["unitPricingFrom"] for season in seasons)


def test_plain_octo_is_sold_in_the_rest_of_the_world(world):
    client = Client(world, region="UK", capabilities=PLAIN)
    (product,) = client.ok("GET", "/products/")
    assert (product["defaultCurrency"], product["availableCurrencies"]) == ("USD", ["USD"])
    assert client.check(OPEN)["unitPricing"][0]["currency"] == "USD"


def test_a_region_without_the_tour_does_not_know_it(world):
    client = Client(world, region="US")
    assert client.ok("GET", "/products/") == []
    assert client.error("GET", f"/products/{TOUR}") == "INVALID_PRODUCT_ID"
    assert Client(world, region="FR").error("GET", "/products/") == "BAD_REQUEST"


def test_each_operator_has_a_key_of_its_own(client):
    client.operator = "luxurygold"
    assert client.error("GET", "/supplier/") == "FORBIDDEN"
    del client.headers["authorization"]
    assert client.error("GET", "/supplier/") == "UNAUTHORIZED"
    client.operator = "nobody"
    assert client.send("GET", "/supplier/").status == 404


def test_a_trailing_slash_makes_no_difference(client):
    assert client.ok("GET", "/supplier") == client.ok("GET", "/supplier/")
    assert client.send("GET", "/nothing").status == client.send("DELETE", "/products/").status == 404


def test_the_picture_of_a_tour_is_where_its_content_says(clock):
    world = OctoWorld(clock, origin="http://127.0.0.1:8102")
    client = Client(world, "luxurygold")
    (media,) = client.ok("GET", "/products/")[0]["media"]
    path = media["src"].removeprefix("http://127.0.0.1:8102")
    reply = world.handle(Request("GET", path))
    assert (reply.status, reply.headers["content-type"]) == (200, media["type"])
    assert reply.body.startswith(b"\x89PNG")
    for wrong in (path.replace("luxurygold", "nobody"), path.replace(".png", "x.png")):
        assert world.handle(Request("GET", wrong)).status == 404
