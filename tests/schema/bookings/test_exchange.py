"""Exchanging what was quoted, as a client sees it: paid on account, by card, with money back, and before it is paid."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlmodel import select

from app.store.aftersales_tables import QuoteRow
from tests.booking.house import OTHER
from tests.schema.bookings.aftersales import EXCHANGE, LATER, QUOTE_REFUND, REFUND, bought, quoted, with_a_fee
from tests.schema.cards import Cards
from tests.schema.gateway import open_gateway, operation, same_as_committed

ON_ACCOUNT = {"method": {"onAccount": {"reference": "INV-8"}}}
CARD = {"method": {"card": {"locale": "en-GB"}}}


async def dearest(gateway, booking_id, **facts):
    return (await quoted(gateway, booking_id, **facts))["quotes"][-1]


async def cheapest(gateway, booking_id, **facts):
    return (await quoted(gateway, booking_id, **facts))["quotes"][0]


def amount(money):
    return Decimal(money["amount"])


async def test_an_exchange_from_its_quote_to_the_new_tickets(gateway):
    quote = await dearest(gateway, await bought(gateway))
    given = {"idempotencyKey": "exchange-1", "quoteId": quote["id"], **ON_ACCOUNT}
    same_as_committed("exchange", await gateway.data(operation("exchange"), input=given))


async def test_what_was_paid_is_the_balance_that_the_quote_said(gateway):
    quote = await dearest(gateway, await bought(gateway))
    payload = await gateway.act(EXCHANGE, quoteId=quote["id"], **ON_ACCOUNT)
    booking = payload["booking"]
    assert payload["errors"] == []
    assert payload["payment"] == {"status": "CAPTURED", "amount": quote["balance"]}
    assert payload["outcome"] == {"__typename": "PaymentSucceeded"}
    assert (booking["state"], booking["paymentState"], amount(booking["balance"])) == ("TICKETED", "PAID", 0)
    assert [item["state"] for item in booking["items"]] == ["EXCHANGED", "TICKETED"]
    assert [ticket["status"] for ticket in booking["tickets"]] == ["EXCHANGED", "VALID"]


async def test_money_that_is_due_needs_a_way_to_pay_it(gateway):
    booking_id = await bought(gateway)
    quote = await dearest(gateway, booking_id)
    assert amount(quote["balance"]) > 0
    payload = await gateway.act(EXCHANGE, quoteId=quote["id"])
    (error,) = payload["errors"]
    assert (error["__typename"], error["path"]) == ("InvalidInput", ["input", "method"])
    assert (await gateway.act(EXCHANGE, quoteId=quote["id"], **ON_ACCOUNT))["errors"] == []


@pytest.mark.parametrize("method", [{}, ON_ACCOUNT, CARD], ids=["no method", "on account", "card"])
async def test_money_back_needs_no_payment_and_takes_none(gateway, method):
    offers = await gateway.house.offers()
    flexible = max((offer for offer in offers if offer.holdable), key=lambda offer: offer.total.minor)
    quote = await cheapest(gateway, await bought(gateway, flexible))
    assert amount(quote["balance"]) < 0
    payload = await gateway.act(EXCHANGE, quoteId=quote["id"], **method)
    assert payload["errors"] == []
    assert (payload["payment"], payload["outcome"]) == (None, None)
    assert (payload["booking"]["state"], amount(payload["booking"]["balance"])) == ("TICKETED", 0)
    assert payload["booking"]["paymentState"] == "PARTLY_REFUNDED"


async def test_by_card_the_exchange_waits_for_its_payer_and_the_original_stays(gateway):
    quote = await dearest(gateway, await bought(gateway))
    payload = await gateway.act(EXCHANGE, quoteId=quote["id"], **CARD)
    assert payload["errors"] == []
    assert payload["outcome"] == {"__typename": "PaymentActionRequired"}
    assert payload["payment"] == {"status": "PENDING", "amount": quote["balance"]}
    assert [item["state"] for item in payload["booking"]["items"]] == ["TICKETED"]
    (error,) = (await quoted(gateway, payload["booking"]["id"]))["errors"]
    assert error["__typename"] == "ChangeUnpaid"


async def test_once_its_form_is_paid_the_exchange_is_made():
    cards = Cards()
    gateway = await open_gateway(cards=(cards,))
    quote = await dearest(gateway, await bought(gateway))
    given = {"idempotencyKey": "by card", "quoteId": quote["id"], **CARD}
    await gateway.data(EXCHANGE, input=given)
    cards.pays()
    await gateway.house.later(timedelta(seconds=31))
    payload = (await gateway.data(EXCHANGE, input=given))["exchange"]
    assert payload["outcome"] == {"__typename": "PaymentSucceeded"}
    assert payload["payment"] == {"status": "CAPTURED", "amount": quote["balance"]}
    assert [item["state"] for item in payload["booking"]["items"]] == ["EXCHANGED", "TICKETED"]


async def test_a_form_that_is_not_used_leaves_the_original_and_lets_it_be_quoted_anew(gateway):
    booking_id = await bought(gateway)
    await gateway.act(EXCHANGE, quoteId=(await dearest(gateway, booking_id))["id"], **CARD)
    await gateway.house.quiet()
    payload = await quoted(gateway, booking_id)
    assert payload["errors"] == []
    assert payload["booking"]["state"] == "TICKETED"


async def test_a_quote_of_a_refund_is_none_of_an_exchange_and_the_other_way_round(gateway):
    booking_id = await bought(gateway)
    exchange = await dearest(gateway, booking_id)
    refund = (await gateway.act(QUOTE_REFUND, bookingId=booking_id))["quote"]
    for mutation, quote, given in ((EXCHANGE, refund, ON_ACCOUNT), (EXCHANGE, refund, CARD), (REFUND, exchange, {})):
        (error,) = (await gateway.act(mutation, quoteId=quote["id"], **given))["errors"]
        assert (error["__typename"], error["path"]) == ("NotFound", ["input", "quoteId"])


async def test_a_hold_is_exchanged_without_a_payment(gateway):
    booking_id = (await gateway.reserve(await with_a_fee(gateway)))["booking"]["id"]
    quote = await cheapest(gateway, booking_id)
    payload = await gateway.act(EXCHANGE, quoteId=quote["id"])
    assert payload["errors"] == []
    assert (payload["payment"], payload["booking"]["state"]) == (None, "HELD")
    old, new = payload["booking"]["items"]
    assert (old["state"], old["replacedBy"], new["state"]) == ("EXCHANGED", {"id": new["id"]}, "HELD")


async def test_a_refused_payment_leaves_the_original_whole(gateway):
    booking_id = await bought(gateway)
    quote = await dearest(gateway, booking_id)
    await gateway.house.terms(replace(gateway.context().viewer.partner, credit={}))
    poor = replace(gateway.context().viewer.partner, credit={})
    payload = await gateway.act(EXCHANGE, partner=poor, quoteId=quote["id"], **ON_ACCOUNT)
    (error,) = payload["errors"]
    assert (error["__typename"], error["money"]) == ("CreditExceeded", "NONE")
    (row,) = await gateway.house.rows(select(QuoteRow).where(QuoteRow.id == quote["id"]))
    assert (row.state, row.used_by) == ("READY", None)


async def test_another_partners_quote_does_not_exist(gateway):
    quote = await dearest(gateway, await bought(gateway))
    foreign = await gateway.act(EXCHANGE, partner=OTHER, quoteId=quote["id"], **ON_ACCOUNT)
    assert foreign == await gateway.act(EXCHANGE, partner=OTHER, quoteId="qt_nothing", **ON_ACCOUNT)
    assert foreign["errors"][0]["__typename"] == "NotFound"


async def test_a_quote_that_ended_is_asked_for_again(gateway):
    quote = await dearest(gateway, await bought(gateway))
    gateway.house.clock.advance(timedelta(days=1))
    (error,) = (await gateway.act(EXCHANGE, quoteId=quote["id"], **ON_ACCOUNT))["errors"]
    assert (error["__typename"], error["advice"]) == ("QuoteExpired", "QUOTE_AGAIN")


async def test_what_was_exchanged_can_be_exchanged_again(gateway):
    booking_id = await bought(gateway)
    for day in (LATER, "2026-06-05"):
        quote = await dearest(gateway, booking_id, date=day)
        payload = await gateway.act(EXCHANGE, quoteId=quote["id"], **ON_ACCOUNT)
        assert payload["errors"] == []
    assert [item["state"] for item in payload["booking"]["items"]] == ["EXCHANGED", "EXCHANGED", "TICKETED"]
