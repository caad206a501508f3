"""Refunding what was quoted, as a client sees it: exactly that, once, and the fee stays paid."""

from datetime import timedelta
from decimal import Decimal

import pytest

from tests.booking.house import OTHER
from tests.schema.bookings.aftersales import EXCHANGE, QUOTE_REFUND, REFUND, bought
from tests.schema.bookings.aftersales import quoted as exchanges
from tests.schema.gateway import impatient, operation, same_as_committed


async def quoted(gateway, booking_id):
    return (await gateway.act(QUOTE_REFUND, bookingId=booking_id))["quote"]


async def test_a_refund_from_its_quote_to_the_money(gateway):
    booking_id = await bought(gateway)
    quote = await quoted(gateway, booking_id)
    given = {"idempotencyKey": "refund-1", "quoteId": quote["id"]}
    same_as_committed("refund", await gateway.data(operation("refund"), input=given))


async def test_what_came_back_and_what_was_kept_are_what_the_quote_said(gateway):
    booking_id = await bought(gateway)
    quote = await quoted(gateway, booking_id)
    payload = await gateway.act(REFUND, quoteId=quote["id"])
    booking = payload["booking"]
    assert payload["errors"] == []
    assert (booking["state"], booking["paymentState"]) == ("REFUNDED", "PARTLY_REFUNDED")
    assert booking["refunded"] == quote["amount"]["net"]
    assert booking["kept"] == quote["amount"]["fee"]
    assert Decimal(booking["balance"]["amount"]) == 0
    assert payload["quote"] == {"id": quote["id"], "state": "USED", "confirmedBy": {"id": payload["operation"]["id"]}}


async def test_a_quote_is_confirmed_once(gateway):
    quote = await quoted(gateway, await bought(gateway))
    first = await gateway.act(REFUND, quoteId=quote["id"])
    second = await gateway.act(REFUND, quoteId=quote["id"])
    (error,) = second["errors"]
    assert (error["__typename"], error["path"]) == ("QuoteUsed", ["input", "quoteId"])
    assert first["booking"]["refunded"] == quote["amount"]["net"]


async def test_a_quote_whose_time_is_over_is_asked_for_again(gateway):
    quote = await quoted(gateway, await bought(gateway))
    gateway.house.clock.advance(timedelta(days=3))
    (error,) = (await gateway.act(REFUND, quoteId=quote["id"]))["errors"]
    assert (error["__typename"], error["advice"], error["money"]) == ("QuoteExpired", "QUOTE_AGAIN", "NONE")


@pytest.mark.parametrize("quote_id", ["qt_nothing", "nonsense", "qt_\0"])
async def test_no_such_quote(gateway, quote_id):
    (error,) = (await gateway.act(REFUND, quoteId=quote_id))["errors"]
    assert error["path"] == ["input", "quoteId"]
    assert error["__typename"] in {"NotFound", "InvalidInput"}


async def test_another_partners_quote_does_not_exist(gateway):
    quote = await quoted(gateway, await bought(gateway))
    foreign = await gateway.act(REFUND, partner=OTHER, quoteId=quote["id"])
    assert foreign == await gateway.act(REFUND, partner=OTHER, quoteId="qt_nothing")
    assert (foreign["booking"], foreign["operation"], foreign["quote"]) == (None, None, None)
    assert foreign["errors"][0]["__typename"] == "NotFound"
    assert (await gateway.act(REFUND, quoteId=quote["id"]))["errors"] == []


QUOTE = """query ($id: ID!) { node(id: $id) { ... on RefundQuote { state expired eligible amountUnknown
    amount { net { amount } } parts { pending rule { ground } } } } }"""


async def test_a_carrier_that_does_not_answer_leaves_the_quote_pending_and_is_asked_again(gateway):
    booking_id = await bought(gateway)
    gateway.house.fault("cancellations.create", "error_503", times=20)
    patient, gateway.services = gateway.services, impatient(gateway.services)
    quote = await quoted(gateway, booking_id)
    assert (quote["state"], quote["eligible"], quote["amountUnknown"]) == ("PENDING", None, True)
    assert quote["parts"][0]["rule"] is None
    await gateway.house.settle_operations()
    gateway.services = patient
    (error,) = (await gateway.act(REFUND, quoteId=quote["id"]))["errors"]
    assert (error["__typename"], error["advice"]) == ("QuotePending", "WAIT")
    gateway.house.world.faults.remove()
    await gateway.house.later(timedelta(hours=1))
    shown = (await gateway.data(QUOTE, id=quote["id"]))["node"]
    assert (shown["state"], shown["expired"], shown["eligible"]) == ("READY", False, True)
    payload = await gateway.act(REFUND, quoteId=quote["id"])
    assert (payload["errors"], payload["booking"]["refunded"]) == ([], shown["amount"]["net"])


async def test_while_a_carrier_is_asked_the_booking_is_busy_with_that(gateway):
    booking_id = await bought(gateway)
    gateway.house.fault("cancellations.create", "quote_later")
    gateway.services = impatient(gateway.services)
    payload = await gateway.act(QUOTE_REFUND, bookingId=booking_id)
    assert (payload["quote"]["state"], payload["operation"]["state"]) == ("PENDING", "OPEN")
    (error,) = (await gateway.act(REFUND, quoteId=payload["quote"]["id"]))["errors"]
    assert (error["__typename"], error["advice"]) == ("BookingBusy", "WAIT")


async def test_a_refund_while_an_exchange_waits_for_its_payer_is_refused(gateway):
    booking_id = await bought(gateway)
    exchange = (await exchanges(gateway, booking_id))["quotes"][-1]
    card = {"method": {"card": {}}}
    refund = await quoted(gateway, booking_id)
    payment = (await gateway.act(EXCHANGE, quoteId=exchange["id"], **card))["payment"]
    assert payment["status"] == "PENDING"
    for payload in (
        await gateway.act(REFUND, quoteId=refund["id"]),
        await gateway.act(QUOTE_REFUND, bookingId=booking_id),
    ):
        (error,) = payload["errors"]
        assert (error["__typename"], error["advice"]) == ("ChangeUnpaid", "WAIT")
