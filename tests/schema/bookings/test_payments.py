"""Payments as clients see them: the form while it can be used, and one outcome for each state, with its own facts."""

from datetime import timedelta

import pytest

from app.store.tables import PaymentMethod, PaymentRow
from tests.booking.house import OTHER, PARTNER
from tests.carriers.worlds import START
from tests.schema.gateway import ADA, impatient, operation, same_as_committed

FORM = "https://cards.example/pay/secret"
PAYMENT = operation("payment")
OUTCOMES = """query ($id: ID!) { booking(id: $id) { paymentState payments { status formUrl outcome { __typename
    ... on PaymentActionRequired { formUrl expiresAt }
    ... on PaymentProcessing { operation { id state } }
    ... on PaymentFailed { reason error { __typename code advice money } } } } } }"""
PAY = """mutation ($input: PayInput!) { pay(input: $input) { payment { id status } errors { __typename }
    operation { id } outcome { __typename
    ... on PaymentProcessing { payment { id } operation { id } }
    ... on PaymentSucceeded { payment { id } }
    ... on PaymentFailed { payment { id } error { __typename } } } } }"""
ON_ACCOUNT = {"method": {"onAccount": {}}}


async def card(gateway, booking_id, **facts):
    """The id of a card payment with these facts."""
    row = PaymentRow(
        **{
            "id": "py_card",
            "partner_id": PARTNER.id,
            "booking_id": booking_id,
            "operation_id": "op_nothing",
            "method": PaymentMethod.CARD,
            "status": "PENDING",
            "amount_minor": 3637,
            "currency": "GBP",
            "reference": "INV-7",
            "provider": "cards",
            "charge": "ch_1",
            "form_url": FORM,
            "expires_at": START + timedelta(minutes=30),
            "created_at": START,
        }
        | facts
    )
    await gateway.house.store.write(lambda session: session.add(row))
    return "py_card"


async def outcome(gateway, booking_id):
    (payment,) = (await gateway.data(OUTCOMES, id=booking_id))["booking"]["payments"]
    return payment["outcome"]


async def test_a_form_that_waits_for_its_payer(gateway):
    payment_id = await card(gateway, await gateway.held(), attempts=1, declined="INSUFFICIENT_FUNDS")
    same_as_committed("payment", await gateway.data(PAYMENT, id=payment_id))


ENDED = {"settled_at": START, "form_url": FORM}
STATES = {
    "being opened": (
        {"form_url": None, "expires_at": None},
        {"__typename": "PaymentProcessing", "operation": None},
    ),
    "waits for the rest": (
        {"status": "AUTHORISED", "card": "Visa 4242"},
        {"__typename": "PaymentProcessing", "operation": None},
    ),
    "taken": ({"status": "CAPTURED", "card": "Visa 4242"} | ENDED, {"__typename": "PaymentSucceeded"}),
    "not used": (
        {"status": "EXPIRED"} | ENDED,
        {"__typename": "PaymentFailed", "reason": None, "error": None},
    ),
    "given up": ({"status": "VOIDED"} | ENDED, {"__typename": "PaymentFailed", "reason": None, "error": None}),
    "given up after a second card": (
        {"status": "VOIDED", "declined": "EXPIRED_CARD", "card": "Visa 4242"} | ENDED,
        {"__typename": "PaymentFailed", "reason": None, "error": None},
    ),
    "declined to the end": (
        {"status": "EXPIRED", "declined": "EXPIRED_CARD"} | ENDED,
        {
            "__typename": "PaymentFailed",
            "reason": "EXPIRED_CARD",
            "error": {
                "__typename": "PaymentDeclined",
                "code": "PAYMENT_DECLINED",
                "advice": "CHOOSE_ANOTHER",
                "money": "NONE",
            },
        },
    ),
}


@pytest.mark.parametrize(("facts", "expected"), STATES.values(), ids=STATES)
async def test_each_state_has_its_outcome_and_no_form(gateway, facts, expected):
    booking_id = await gateway.held()
    await card(gateway, booking_id, **facts)
    (payment,) = (await gateway.data(OUTCOMES, id=booking_id))["booking"]["payments"]
    assert payment["formUrl"] is None
    assert payment["outcome"] == expected


async def test_a_form_is_shown_until_it_expires_and_not_a_moment_longer(gateway):
    booking_id = await gateway.held()
    await card(gateway, booking_id)
    gateway.house.clock.advance(timedelta(minutes=30) - timedelta(microseconds=1))
    assert await outcome(gateway, booking_id) == {
        "__typename": "PaymentActionRequired",
        "formUrl": FORM,
        "expiresAt": "2026-03-01T09:30:00Z",
    }
    gateway.house.clock.advance(timedelta(microseconds=1))
    assert await outcome(gateway, booking_id) == {"__typename": "PaymentProcessing", "operation": None}


async def test_what_is_at_work_on_the_booking_is_named_while_a_payment_is_undecided(gateway):
    booking_id = await gateway.held(passengers=[ADA | {"familyName": "Paylost"}])
    gateway.services = impatient(gateway.services)
    payload = await gateway.act(PAY, bookingId=booking_id, **ON_ACCOUNT)
    await gateway.house.runner.drain()
    at_work = payload["operation"]["id"]
    assert (payload["outcome"]["__typename"], payload["outcome"]["operation"]) == (
        "PaymentProcessing",
        {"id": at_work},
    )
    assert await outcome(gateway, booking_id) == {
        "__typename": "PaymentProcessing",
        "operation": {"id": at_work, "state": "OPEN"},
    }
    await gateway.house.quiet()
    assert await outcome(gateway, booking_id) == {"__typename": "PaymentSucceeded"}


async def test_the_payload_tells_the_payment_and_how_it_went(gateway):
    payload = await gateway.act(PAY, bookingId=await gateway.held(), **ON_ACCOUNT)
    payment = payload["payment"]
    assert payment["status"] == "CAPTURED"
    assert payload["outcome"] == {"__typename": "PaymentSucceeded", "payment": {"id": payment["id"]}}


async def test_a_refused_payment_tells_why_in_its_own_outcome(gateway):
    booking_id = await gateway.held()
    gateway.house.declines("/air/payments", "payment_declined")
    first = await gateway.act(PAY, bookingId=booking_id, **ON_ACCOUNT)
    assert first["errors"] == [{"__typename": "CarrierRefused"}]
    assert first["payment"]["status"] == "VOIDED"
    assert first["outcome"] == {
        "__typename": "PaymentFailed",
        "payment": {"id": first["payment"]["id"]},
        "error": {"__typename": "CarrierRefused"},
    }


async def test_each_of_several_failed_payments_tells_its_own_reason(gateway):
    booking_id = await gateway.held()
    gateway.house.fault("payments.create", "price_changed")
    await gateway.act(PAY, bookingId=booking_id, **ON_ACCOUNT)
    gateway.house.declines("/air/payments", "payment_declined")
    most = {"amount": "9999.00", "currency": "GBP"}
    await gateway.act(PAY, bookingId=booking_id, acceptUpTo=most, **ON_ACCOUNT)
    told = (await gateway.data(OUTCOMES, id=booking_id))["booking"]["payments"]
    assert [each["outcome"]["error"]["code"] for each in told] == ["PRICE_CHANGED", "CARRIER_REFUSED"]


async def test_what_was_never_opened_has_no_payment_and_no_outcome(gateway):
    payload = await gateway.act(PAY, bookingId="bk_nothing", **ON_ACCOUNT)
    assert payload == {"payment": None, "errors": [{"__typename": "NotFound"}], "operation": None, "outcome": None}


async def test_another_partners_form_is_nobodys(gateway):
    payment_id = await card(gateway, await gateway.held())
    assert await gateway.data(PAYMENT, partner=OTHER, id=payment_id) == {"node": None}


async def test_ten_payments_cost_the_statements_of_two(gateway, statements):
    booking_id = await gateway.held()
    for number in range(5):
        await card(gateway, booking_id, id=f"py_{number}", charge=f"ch_{number}", status="VOIDED", **ENDED)
        await card(gateway, booking_id, id=f"py_{number}x", charge=f"ch_{number}x", status="AUTHORISED")
        statements.clear()
        payments = (await gateway.data(OUTCOMES, id=booking_id))["booking"]["payments"]
        assert len(payments) == 2 * number + 2
        # The booking, its balance in two, its payments, and what was refused and what is open on it.
        assert len(statements) == 6
