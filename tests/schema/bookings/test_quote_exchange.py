"""Asking what an item could be exchanged for: what cannot be meant is told with its path before a carrier is asked."""

from decimal import Decimal

import pytest

from tests.schema.bookings.aftersales import (
    EXCHANGE,
    LATER,
    PARTS,
    QUOTE_EXCHANGE,
    bought,
    moved,
    quoted,
    wanted,
    with_a_fee,
)
from tests.schema.gateway import EveryPlace

DAY = "2026-06-01"
WRONG = {
    "no item": ([], ["input", "items"], "at least one"),
    "an item twice": (
        [{"item": "it_1", "journeys": [{"journey": "a", "date": LATER}]}] * 2,
        ["input", "items", "1", "item"],
        "twice",
    ),
    "no journey": ([{"item": "it_1", "journeys": []}], ["input", "items", "0", "journeys"], "at least one"),
    "a journey twice": (
        [{"item": "it_1", "journeys": [{"journey": "a", "date": LATER}, {"journey": "a", "date": DAY}]}],
        ["input", "items", "0", "journeys", "1", "journey"],
        "twice",
    ),
    "a tab in an id": (
        [{"item": "it_\t", "journeys": [{"journey": "a", "date": LATER}]}],
        ["input", "items", "0", "item"],
        "cannot be written",
    ),
}


@pytest.mark.parametrize(("items", "path", "sentence"), WRONG.values(), ids=WRONG)
async def test_what_cannot_be_meant_is_refused_with_its_path(gateway, items, path, sentence):
    payload = await gateway.act(QUOTE_EXCHANGE, bookingId=await gateway.ticketed(), items=items)
    (error,) = payload["errors"]
    assert (error["__typename"], error["path"]) == ("InvalidInput", path)
    assert sentence in error["message"]
    assert (payload["quotes"], payload["operation"]) == ([], None)


@pytest.mark.parametrize("field", ["origin", "destination"])
async def test_a_place_nobody_knows_is_told_with_its_path(gateway, monkeypatch, field):
    monkeypatch.setattr(EveryPlace, "find", lambda _places, _code: None)
    journey = {"journey": "a", "date": LATER, field: "xqz"}
    payload = await gateway.act(QUOTE_EXCHANGE, bookingId="bk_1", items=[{"item": "it_1", "journeys": [journey]}])
    (error,) = payload["errors"]
    assert (error["__typename"], error["path"]) == (
        "UnknownPlace",
        ["input", "items", "0", "journeys", "0", field],
    )
    assert "'XQZ'" in error["message"]


async def test_each_offer_is_a_quote_of_its_own(gateway):
    payload = await quoted(gateway, await bought(gateway))
    assert payload["errors"] == []
    assert len({quote["id"] for quote in payload["quotes"]}) == len(payload["quotes"]) > 1
    assert {quote["added"][0]["departsAt"][:10] for quote in payload["quotes"]} == {LATER}
    balances = [Decimal(quote["balance"]["amount"]) for quote in payload["quotes"]]
    assert balances == sorted(balances)
    for quote in payload["quotes"]:
        balance, fee, difference = (Decimal(quote[name]["amount"]) for name in ("balance", "fee", "difference"))
        assert balance == fee + difference


async def test_what_one_carrier_refuses_is_told_beside_what_another_offers(gateway):
    fixed = next(offer for offer in await gateway.house.offers("EWR", "JFK") if not offer.conditions.change.allowed)
    booking_id = await bought(gateway, await with_a_fee(gateway), fixed)
    items = (await gateway.data(PARTS, id=booking_id))["booking"]["items"]
    payload = await gateway.act(QUOTE_EXCHANGE, bookingId=booking_id, items=[moved(item) for item in items])
    (error,) = payload["errors"]
    assert (error["__typename"], error["path"]) == ("NotExchangeable", ["input", "items", "1"])
    assert {quote["state"] for quote in payload["quotes"]} == {"READY"}
    chosen = {"quoteId": payload["quotes"][-1]["id"], "method": {"onAccount": {}}}
    assert (await gateway.act(EXCHANGE, **chosen))["errors"] == []


async def test_the_same_key_answers_the_same_quotes(gateway):
    given = await wanted(gateway, await bought(gateway)) | {"idempotencyKey": "again"}
    first = await gateway.data(QUOTE_EXCHANGE, input=given)
    assert first == await gateway.data(QUOTE_EXCHANGE, input=given)


async def test_a_day_that_is_over_is_told_with_its_path(gateway):
    payload = await quoted(gateway, await bought(gateway), date="2026-02-27")
    (error,) = payload["errors"]
    assert (error["__typename"], error["path"]) == ("InvalidInput", ["input", "items", "0", "journeys", "0", "date"])


async def test_what_the_fare_does_not_allow_is_refused_by_its_rule(gateway):
    payload = await quoted(gateway, await gateway.ticketed())
    (error,) = payload["errors"]
    assert (error["__typename"], error["rule"]["ground"]) == ("NotExchangeable", "FARE_CONDITIONS")
    assert (error["rule"]["allowed"], payload["quotes"]) == (False, [])


@pytest.mark.parametrize(("places", "field"), [({"origin": "ewr"}, "origin"), ({"destination": "jfk"}, "destination")])
async def test_a_journey_to_where_it_begins_is_told_before_a_carrier_is_asked(gateway, places, field):
    payload = await quoted(gateway, await bought(gateway), **places)
    (error,) = payload["errors"]
    assert (error["__typename"], error["path"]) == ("InvalidInput", ["input", "items", "0", "journeys", "0", field])
    assert "same place" in error["message"]


async def test_what_was_exchanged_already_is_over(gateway):
    booking_id = await bought(gateway)
    given = await wanted(gateway, booking_id)
    quote = (await gateway.act(QUOTE_EXCHANGE, **given))["quotes"][-1]
    done = await gateway.act(EXCHANGE, quoteId=quote["id"], method={"onAccount": {}})
    assert done["errors"] == []
    (error,) = (await gateway.act(QUOTE_EXCHANGE, **given))["errors"]
    assert (error["__typename"], error["rule"]["ground"]) == ("NotExchangeable", "ENDED")
