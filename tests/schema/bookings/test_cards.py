"""Paying by card as a client sees it: the form, what the payer did in it, deposits, and what cannot be meant."""

from datetime import timedelta

import pytest

from app.store.tables import BookingRow
from tests.booking.house import OTHER, PARTNER
from tests.schema.cards import Cards
from tests.schema.gateway import PAY, impatient, open_gateway, operation, same_as_committed

BY_CARD = operation("pay_by_card")
CARD = {"card": {"locale": "de-CH", "reference": "INV-7"}}
BOOKING = """query ($id: ID!) { booking(id: $id) {
    state paymentState paid { amount } balance { amount } deposit { amount }
    payments { method status card outcome { __typename
        ... on PaymentProcessing { operation { id } }
        ... on PaymentFailed { reason error { code money } } } } } }"""


@pytest.fixture
def cards():
    return Cards()


@pytest.fixture
async def gateway(cards):
    return await open_gateway(cards=(cards,))


async def by_card(gateway, booking_id, **given):
    return await gateway.act(BY_CARD, bookingId=booking_id, **{"method": CARD} | given)


async def shown(gateway, booking_id):
    return (await gateway.data(BOOKING, id=booking_id))["booking"]


async def looked(gateway):
    """The gateway has looked at every form that it has to look at by now."""
    await gateway.house.later(timedelta(seconds=31))


def pounds(amount):
    return {"amount": amount, "currency": "GBP"}


async def test_a_form_is_answered_and_the_same_key_answers_what_became_of_it(gateway, cards):
    given = {"idempotencyKey": "card-1", "bookingId": await gateway.held(), "method": CARD}
    same_as_committed("pay_by_card", first := await gateway.data(BY_CARD, input=given))
    assert await gateway.data(BY_CARD, input=given) == first
    cards.pays()
    await looked(gateway)
    again = (await gateway.data(BY_CARD, input=given))["pay"]
    assert again["outcome"] == {"__typename": "PaymentSucceeded", "payment": {"card": "Visa 4242"}}
    assert (again["booking"]["state"], again["booking"]["paymentState"]) == ("TICKETED", "PAID")
    assert again["payment"]["formUrl"] is None
    assert len(cards.charges) == 1


async def test_what_the_form_is_told(gateway, cards):
    booking_id = await gateway.held()
    await by_card(gateway, booking_id, amount=pounds("10.00"))
    await by_card(gateway, booking_id, method={"card": {}})
    part, rest = cards.wishes.values()
    assert (part.locale, str(part.amount.amount)) == ("de-CH", "10.00")
    assert (rest.locale, str(rest.amount.amount)) == ("en", "36.37")
    assert part.expires_at == gateway.house.clock.now() + timedelta(minutes=30)


async def test_a_deposit_by_card_confirms_and_the_rest_is_paid_on_account(gateway, cards):
    booking_id = await gateway.held()
    await asks_for_deposit(gateway, booking_id, 1000)
    assert (await shown(gateway, booking_id))["deposit"] == {"amount": "10.00"}
    await by_card(gateway, booking_id, amount=pounds("10.00"))
    cards.pays()
    await looked(gateway)
    confirmed = await shown(gateway, booking_id)
    assert (confirmed["state"], confirmed["paymentState"]) == ("TICKETED", "PART_PAID")
    assert (confirmed["paid"], confirmed["balance"]) == ({"amount": "10.00"}, {"amount": "26.37"})
    await gateway.pay(booking_id)
    paid = await shown(gateway, booking_id)
    assert (paid["paymentState"], paid["balance"]) == ("PAID", {"amount": "0.00"})
    assert [payment["method"] for payment in paid["payments"]] == ["CARD", "ON_ACCOUNT"]
    assert [payment["outcome"]["__typename"] for payment in paid["payments"]] == ["PaymentSucceeded"] * 2


async def asks_for_deposit(gateway, booking_id, minor):
    def write(session):
        session.get_one(BookingRow, booking_id).deposit_minor = minor

    await gateway.house.store.write(write)


async def test_a_part_that_is_reserved_waits_for_the_rest(gateway, cards):
    booking_id = await gateway.held()
    await by_card(gateway, booking_id, amount=pounds("10.00"))
    cards.pays()
    await looked(gateway)
    waiting = await shown(gateway, booking_id)
    assert (waiting["state"], waiting["paymentState"]) == ("HELD", "AUTHORISED")
    assert waiting["payments"][0]["outcome"] == {"__typename": "PaymentProcessing", "operation": None}
    await gateway.pay(booking_id)
    assert {payment["status"] for payment in (await shown(gateway, booking_id))["payments"]} == {"CAPTURED"}


async def test_what_a_part_on_account_leaves_is_what_a_form_asks_for(gateway, cards):
    booking_id = await gateway.held()
    part = await gateway.act(BY_CARD, bookingId=booking_id, amount=pounds("10.00"), method={"onAccount": {}})
    assert part["outcome"] == {"__typename": "PaymentProcessing", "operation": None}
    assert (part["operation"]["state"], part["payment"]["status"]) == ("DONE", "AUTHORISED")
    form = await by_card(gateway, booking_id)
    assert form["payment"]["amount"] == pounds("26.37")
    cards.pays()
    await looked(gateway)
    assert (await shown(gateway, booking_id))["paymentState"] == "PAID"


async def test_a_declined_card_may_be_followed_by_another_until_the_form_expires(gateway, cards):
    booking_id = await gateway.held()
    await by_card(gateway, booking_id)
    cards.tries()
    await looked(gateway)
    assert (await shown(gateway, booking_id))["payments"][0]["outcome"] == {"__typename": "PaymentActionRequired"}
    await gateway.house.later(timedelta(minutes=31))
    (payment,) = (await shown(gateway, booking_id))["payments"]
    assert payment["status"] == "EXPIRED"
    assert payment["outcome"] == {
        "__typename": "PaymentFailed",
        "reason": "INSUFFICIENT_FUNDS",
        "error": {"code": "PAYMENT_DECLINED", "money": "NONE"},
    }


async def test_why_an_authorised_card_was_not_charged_is_told_with_its_payment(gateway, cards):
    booking_id = await gateway.held()
    await by_card(gateway, booking_id)
    cards.pays()
    gateway.house.declines("/air/payments", "payment_declined")
    await looked(gateway)
    (payment,) = (await shown(gateway, booking_id))["payments"]
    assert (payment["status"], payment["card"]) == ("VOIDED", "Visa 4242")
    assert payment["outcome"]["error"] == {"code": "CARRIER_REFUSED", "money": "NONE"}
    assert (await shown(gateway, booking_id))["paymentState"] == "UNPAID"


async def test_a_provider_that_cannot_be_reached_is_an_honest_answer(gateway, cards):
    given = {"idempotencyKey": "card-1", "bookingId": await gateway.held(), "method": CARD}
    gateway.services, cards.down = impatient(gateway.services), True
    waiting = (await gateway.data(BY_CARD, input=given))["pay"]
    assert (waiting["errors"], waiting["operation"]["state"]) == ([], "OPEN")
    assert waiting["outcome"] == {
        "__typename": "PaymentProcessing",
        "operation": {"verb": "OPEN_SESSION", "state": "OPEN"},
    }
    await gateway.house.quiet()
    failed = (await gateway.data(BY_CARD, input=given))["pay"]
    (error,) = failed["errors"]
    assert (error["__typename"], error["advice"], error["money"]) == ("PaymentUnavailable", "WAIT", "NONE")
    assert failed["outcome"] == {
        "__typename": "PaymentFailed",
        "reason": None,
        "error": {"code": "PAYMENT_UNAVAILABLE", "message": error["message"]},
    }
    assert failed["payment"]["status"] == "FAILED"


async def test_a_gateway_without_a_provider_takes_no_cards(cards):
    gateway = await open_gateway(cards=())
    payload = await by_card(gateway, await gateway.held())
    (error,) = payload["errors"]
    assert (error["__typename"], error["path"]) == ("PaymentUnavailable", ["input", "method"])
    assert payload["payment"] is payload["outcome"] is None


WRONG = {
    "nothing": ({"amount": pounds("0.00")}, ["input", "amount"], "more than nothing"),
    "less than nothing": ({"amount": pounds("-1.00")}, ["input", "amount"], "more than nothing"),
    "too much": ({"amount": pounds("36.38")}, ["input", "amount"], "36.37 GBP left"),
    "another currency": (
        {"amount": {"amount": "1", "currency": "EUR"}},
        ["input", "amount", "currency"],
        "paid in GBP",
    ),
    "half a penny": ({"amount": pounds("1.005")}, ["input", "amount", "amount"], "1.005 has more decimals than GBP"),
    "a price that may move": ({"acceptUpTo": pounds("40.00")}, ["input", "acceptUpTo"], "one exact amount"),
    "endless reference": (
        {"method": {"card": {"reference": "x" * 256}}},
        ["input", "method", "card", "reference"],
        "255 characters at most",
    ),
}


@pytest.mark.parametrize(("given", "path", "words"), WRONG.values(), ids=WRONG)
async def test_what_cannot_be_paid_as_written(gateway, cards, given, path, words):
    payload = await by_card(gateway, await gateway.held(), **given)
    (error,) = payload["errors"]
    assert words in error["message"]
    assert (error["code"], error["path"], error["advice"]) == ("INVALID_INPUT", path, "CORRECT_INPUT")
    assert payload["payment"] is payload["outcome"] is payload["operation"] is None
    assert cards.charges == {}


@pytest.mark.parametrize("locale", ["en_GB", "", "e", "en-", "english please", f"en-{'x' * 9}", "en" + "-abcdefgh" * 4])
async def test_a_language_that_is_none(gateway, locale):
    given = {"idempotencyKey": "k", "bookingId": "bk_1", "method": {"card": {"locale": locale}}}
    (error,) = (await gateway.ask(PAY, input=given)).errors
    assert "is not a Locale" in error.message
    assert error.extensions == {"code": "BAD_USER_INPUT", "path": ["input", "method", "card", "locale"]}


async def test_one_way_to_pay_at_a_time(gateway):
    given = {"idempotencyKey": "k", "bookingId": "bk_1", "method": {"card": {}, "onAccount": {}}}
    (error,) = (await gateway.ask(PAY, input=given)).errors
    assert "exactly one key" in error.message


async def test_a_key_of_one_way_to_pay_is_not_anothers(gateway):
    given = {"idempotencyKey": "once", "bookingId": await gateway.held()}
    await gateway.data(BY_CARD, input=given | {"method": {"card": {}}})
    other = (await gateway.data(BY_CARD, input=given | {"method": {"onAccount": {}}}))["pay"]
    assert (other["errors"][0]["code"], other["errors"][0]["path"]) == ("KEY_REUSED", ["input", "idempotencyKey"])


async def test_another_partner_opens_no_form_for_a_booking_that_is_not_its_own(gateway, cards):
    payload = await by_card(gateway, await gateway.held(), partner=OTHER)
    assert [error["code"] for error in payload["errors"]] == ["NOT_FOUND"]
    assert payload["payment"] is payload["outcome"] is None
    assert cards.charges == {}
    assert PARTNER.id != OTHER.id
