"""Asking what a refund would give back: by all of a booking, by items, by passengers, by tickets."""

from decimal import Decimal

import pytest

from tests.schema.bookings.aftersales import CHARLES, PARTS, QUOTE_REFUND, bought
from tests.schema.gateway import ADA

EVE = ADA | {"givenName": "Eve", "bornOn": "1989-01-01"}


async def test_all_of_a_booking_when_nothing_is_named(gateway):
    booking_id = await bought(gateway)
    payload = await gateway.act(QUOTE_REFUND, bookingId=booking_id)
    quote = payload["quote"]
    assert payload["errors"] == []
    assert payload["booking"] == {"id": booking_id, "state": "TICKETED"}
    assert (quote["state"], quote["expired"], quote["eligible"], quote["extent"]) == ("READY", False, True, "PARTIAL")
    assert quote["parts"][0]["rule"] == {"ground": "FARE_CONDITIONS", "allowed": True}
    gross, fee, net = (Decimal(quote["amount"][name]["amount"]) for name in ("gross", "fee", "net"))
    assert gross - fee == net > 0


async def test_the_same_key_answers_the_same_quote(gateway):
    given = {"idempotencyKey": "again", "bookingId": await bought(gateway)}
    first = await gateway.data(QUOTE_REFUND, input=given)
    assert first == await gateway.data(QUOTE_REFUND, input=given)


@pytest.mark.parametrize("field", ["items", "passengers", "tickets"])
async def test_what_is_named_is_asked_for_and_who_comes_with_it_is_told(gateway, field):
    booking_id = await bought(gateway, people=(ADA, CHARLES))
    known = (await gateway.data(PARTS, id=booking_id))["booking"]
    payload = await gateway.act(QUOTE_REFUND, bookingId=booking_id, **{field: [known[field][0]["id"]]})
    assert payload["errors"] == []
    (part,) = payload["quote"]["parts"]
    everybody = field == "items"
    assert len(part["askedFor"]) == (2 if everybody else 1)
    assert len(part["alsoCovers"]) == (0 if everybody else 1)


async def test_the_shares_of_three_tickets_add_up_each_and_together(gateway):
    payload = await gateway.act(QUOTE_REFUND, bookingId=await bought(gateway, people=(ADA, CHARLES, EVE)))
    (part,) = payload["quote"]["parts"]
    amounts = [
        [Decimal(share["amount"][name]["amount"]) for name in ("gross", "fee", "net")] for share in part["shares"]
    ]
    assert [gross - fee for gross, fee, _ in amounts] == [net for _, _, net in amounts]
    whole = [Decimal(payload["quote"]["amount"][name]["amount"]) for name in ("gross", "fee", "net")]
    assert [sum(column) for column in zip(*amounts, strict=True)] == whole


WRONG = {
    "nothing named": ({"items": []}, ["input", "items"], "leave this out"),
    "two lists": ({"items": ["it_1"], "tickets": ["tk_1"]}, ["input", "tickets"], "items and tickets are given"),
    "three lists": (
        {"items": ["it_1"], "passengers": ["tv_1"], "tickets": ["tk_1"]},
        ["input", "passengers"],
        "items and passengers and tickets",
    ),
    "a tab in an id": ({"items": ["it_\t"]}, ["input", "items", "0"], "cannot be written"),
}


@pytest.mark.parametrize(("given", "path", "sentence"), WRONG.values(), ids=WRONG)
async def test_what_cannot_be_meant_is_refused_with_its_path(gateway, given, path, sentence):
    payload = await gateway.act(QUOTE_REFUND, bookingId=await gateway.ticketed(), **given)
    (error,) = payload["errors"]
    assert (error["__typename"], error["path"]) == ("InvalidInput", path)
    assert sentence in error["message"]
    assert (payload["quote"], payload["operation"]) == (None, None)


@pytest.mark.parametrize("field", ["items", "passengers", "tickets"])
async def test_what_is_not_of_the_booking_is_not_found(gateway, field):
    payload = await gateway.act(QUOTE_REFUND, bookingId=await gateway.ticketed(), **{field: ["xx_1"]})
    (error,) = payload["errors"]
    assert (error["__typename"], error["path"]) == ("NotFound", ["input", field, "0"])
