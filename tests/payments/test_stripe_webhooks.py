"""Stripe's webhooks: nothing is believed before the signature on the raw body is."""

import json
from datetime import timedelta

import pytest
import stripe

from app.domain.errors import Access, AccessCode
from app.payments.stripe import webhooks
from tests.payments.fake_stripe import WEBHOOK_SECRET as SECRET
from tests.payments.fake_stripe import signed
from tests.payments.stripe_scenes import START, Till

NOW = int(START.timestamp())
INTENT = {"id": "pi_1", "object": "payment_intent"}


def hear(headers, body, secret=SECRET, now=START):
    return webhooks.heard(headers, body, secret=secret, now=now)


def delivery(event, at=NOW, secret=SECRET):
    body = json.dumps(event).encode()
    return {"Stripe-Signature": signed(body, at, secret)}, body


def event(kind, subject):
    return {"id": "evt_1", "object": "event", "type": kind, "data": {"object": subject}}


@pytest.mark.parametrize(
    ("kind", "subject", "meant"),
    [
        ("payment_intent.amount_capturable_updated", INTENT, "payment.authorised"),
        ("payment_intent.payment_failed", INTENT, "payment.declined"),
        ("payment_intent.succeeded", INTENT, "payment.captured"),
        ("payment_intent.canceled", INTENT, "payment.closed"),
        ("charge.refunded", {"id": "ch_1", "object": "charge", "payment_intent": "pi_1"}, "payment.refunded"),
        ("refund.created", {"id": "re_1", "object": "refund", "payment_intent": "pi_1"}, "payment.refunded"),
        ("refund.updated", {"id": "re_1", "object": "refund", "payment_intent": "pi_1"}, "payment.refunded"),
        ("refund.failed", {"id": "re_1", "object": "refund", "payment_intent": "pi_1"}, "payment.refunded"),
    ],
)
def test_an_event_names_the_charge_to_look_at(kind, subject, meant):
    (heard,) = hear(*delivery(event(kind, subject)))
    assert (heard.event, heard.kind, heard.charge) == ("evt_1", meant, "pi_1")


@pytest.mark.parametrize(
    "ignored",
    [
        event("payment_intent.created", INTENT),
        event("customer.created", {"id": "cus_1"}),
        event("a.type.of.tomorrow", None),
        event("charge.refunded", {"id": "ch_1", "object": "charge", "payment_intent": None}),
    ],
    ids=lambda value: value["type"],
)
def test_what_says_nothing_to_us_is_ignored(ignored):
    assert hear(*delivery(ignored)) == ()


HEADERS, BODY = delivery(event("payment_intent.succeeded", INTENT))
SIGNATURE = HEADERS["Stripe-Signature"]
DIGEST = SIGNATURE.partition("v1=")[2]


def test_the_signature_is_the_one_stripes_library_makes():
    made = stripe.WebhookSignature.generate_signature_header(BODY.decode(), SECRET, NOW)
    assert made == SIGNATURE


def test_the_headers_name_may_be_written_in_any_case():
    assert hear({"stripe-signature": SIGNATURE}, BODY)
    assert hear({"STRIPE-SIGNATURE": SIGNATURE}, BODY)


def test_one_good_signature_among_several_is_enough():
    assert hear({"Stripe-Signature": f"t={NOW},v1={'0' * 64},v1={DIGEST},v0={'1' * 64}"}, BODY)


@pytest.mark.parametrize(
    ("headers", "body", "secret"),
    [
        ({}, BODY, SECRET),
        ({"Stripe-Signature": ""}, BODY, SECRET),
        (HEADERS, BODY + b"\n", SECRET),
        (HEADERS, b"\xff\xfe", SECRET),
        (HEADERS, BODY, "whsec_another"),
        (HEADERS, BODY, ""),
        (HEADERS, BODY, " \t"),
        ({"Stripe-Signature": SIGNATURE[:-1]}, BODY, SECRET),
        ({"Stripe-Signature": SIGNATURE[:-1] + "é"}, BODY, SECRET),
        ({"Stripe-Signature": f"t={NOW + 1},v1={DIGEST}"}, BODY, SECRET),
        ({"Stripe-Signature": f"t={'9' * 30},v1={DIGEST}"}, BODY, SECRET),
        ({"Stripe-Signature": f"t=soon,v1={DIGEST}"}, BODY, SECRET),
        ({"Stripe-Signature": f"t={NOW},t={NOW},v1={DIGEST}"}, BODY, SECRET),
        ({"Stripe-Signature": f"v1={DIGEST}"}, BODY, SECRET),
        ({"Stripe-Signature": f"t={NOW}"}, BODY, SECRET),
        ({"Stripe-Signature": f"t={NOW},v0={DIGEST}"}, BODY, SECRET),
        ({"Stripe-Signature": f"t={NOW},v1"}, BODY, SECRET),
    ],
)
def test_whatever_is_not_stripes_is_turned_away(headers, body, secret):
    with pytest.raises(Access) as refused:
        hear(headers, body, secret)
    assert refused.value.code is AccessCode.UNAUTHENTICATED
    assert "whsec" not in str(refused.value)


def test_an_empty_secret_verifies_nothing_even_when_it_signed():
    with pytest.raises(Access):
        hear(*delivery(event("payment_intent.succeeded", INTENT), secret=""), secret="")


@pytest.mark.parametrize("age", [timedelta(minutes=-5), timedelta(0), timedelta(minutes=5)], ids=str)
def test_clocks_may_differ_by_minutes(age):
    at = int((START + age).timestamp())
    assert hear(*delivery(event("payment_intent.succeeded", INTENT), at))


@pytest.mark.parametrize("age", [timedelta(minutes=-6), timedelta(days=-3), timedelta(minutes=6)], ids=str)
def test_an_older_one_or_one_from_the_future_is_turned_away(age):
    at = int((START + age).timestamp())
    with pytest.raises(Access):
        hear(*delivery(event("payment_intent.succeeded", INTENT), at))


@pytest.mark.parametrize(
    "body",
    [
        [],
        {},
        None,
        "text",
        {"type": "payment_intent.succeeded"},
        event("payment_intent.succeeded", 1),
        event("payment_intent.succeeded", {"object": "payment_intent"}),
        event("payment_intent.succeeded", {"object": "payment_intent", "id": {"a": 1}}),
        event("payment_intent.succeeded", INTENT) | {"id": 7},
        event(["a list"], INTENT),
    ],
)
def test_a_signed_event_that_cannot_be_read_is_turned_away(body):
    with pytest.raises(Access):
        hear(*delivery(body))


async def test_what_happens_to_a_charge_is_told():
    till = Till()
    taken = await till.captured()
    await till.stripe.refund(taken.ref, taken.captured, till.call("refund"))
    told = [await till.stripe.hear(*till.world.callback(event)) for event in till.world.events]
    assert [(heard.kind, heard.charge) for (heard,) in told] == [
        ("payment.authorised", taken.ref),
        ("payment.captured", taken.ref),
        ("payment.refunded", taken.ref),
    ]
