"""Stripe behind the provider contract, judged by a Stripe of our own that replays keys as the real one does."""

import logging
from datetime import timedelta

import pytest

from app.domain.errors import Trouble, Unknown
from app.domain.money import Money
from app.domain.payment import BillingAddress, DeclineReason
from app.domain.refusals import (
    CaptureRefused,
    InvalidInput,
    NotFound,
    PaymentDeclined,
    PaymentTooLate,
    RefundRefused,
    WrongState,
)
from app.payments.contract import ChargeState
from app.payments.stripe.errors import KeyMisusedError
from tests.payments.fake_stripe import CHALLENGED, DECLINES, GOOD
from tests.payments.stripe_scenes import EUROS, GATEWAY, START, Till, settings


@pytest.fixture
def till():
    return Till()


async def test_a_session_opens_with_a_form_of_ours(till):
    charge = await till.open()
    assert (charge.state, charge.amount, charge.captured) == (ChargeState.OPEN, EUROS, Money.zero("EUR"))
    assert charge.form_url.startswith(f"{GATEWAY}/payments/stripe/forms/stripe.{charge.ref}.")
    assert charge.expires_at == START + timedelta(minutes=30)
    (intent,) = till.world.intents.values()
    assert intent["metadata"]["faregate_key"] == "open"
    assert (intent["metadata"]["payment"], intent["metadata"]["reference"]) == ("pay_1", "FG7K2M")


async def test_the_same_key_opens_the_same_charge(till):
    assert await till.open() == await till.open()
    assert len(till.world.intents) == 1


async def test_another_input_under_the_same_key_is_our_bug(till):
    await till.open()
    with pytest.raises(KeyMisusedError):
        await till.open(Money(99, "EUR"))


async def test_a_charge_is_read_and_found_as_it_was_opened(till):
    opened = await till.open()
    assert await till.stripe.charge(opened.ref) == opened
    assert await till.stripe.find("open", since=START) == opened
    assert await till.stripe.find("another", since=START) is None
    with pytest.raises(NotFound):
        await till.stripe.charge("pi_of_nobody")


async def test_it_is_found_behind_many_others_and_not_before_its_time(till):
    opened = await till.open()
    for number in range(150):
        await till.open(key=f"other-{number}")
    assert await till.stripe.find("open", since=START) == opened
    assert await till.stripe.find("open", since=START + timedelta(minutes=6)) is None


@pytest.mark.parametrize("token", ["form", GOOD])
async def test_a_card_is_authorised(till, token):
    opened = await till.open()
    held = await till.stripe.authorise(opened.ref, till.world.token() if token == "form" else token, till.call())
    assert (held.state, held.card, held.declined) == (ChargeState.AUTHORISED, "Visa 4242", None)
    assert held.authorised_until == START + timedelta(days=7)
    assert await till.stripe.charge(opened.ref) == held


@pytest.mark.parametrize(
    ("card", "reason"),
    [
        ("pm_card_visa_chargeDeclined", DeclineReason.DECLINED),
        ("pm_card_visa_chargeDeclinedInsufficientFunds", DeclineReason.INSUFFICIENT_FUNDS),
        ("pm_card_visa_chargeDeclinedLostCard", DeclineReason.LOST_OR_STOLEN),
        ("pm_card_chargeDeclinedFraudulent", DeclineReason.SUSPECTED_FRAUD),
        ("pm_card_chargeDeclinedExpiredCard", DeclineReason.EXPIRED_CARD),
        ("pm_card_chargeDeclinedIncorrectCvc", DeclineReason.INCORRECT_SECURITY_CODE),
        ("pm_card_chargeDeclinedProcessingError", DeclineReason.PROCESSING_ERROR),
    ],
)
async def test_a_decline_says_why_and_leaves_the_charge_open(till, card, reason):
    opened = await till.open()
    with pytest.raises(PaymentDeclined) as no:
        await till.stripe.authorise(opened.ref, card, till.call())
    charge = await till.stripe.charge(opened.ref)
    assert (no.value.reason, charge.declined, charge.state, charge.card) == (reason, reason, ChargeState.OPEN, None)


def test_every_test_card_that_declines_is_tried():
    assert len(DECLINES) == 7


async def test_a_declined_key_stays_declined_and_another_attempt_succeeds(till):
    opened = await till.open()
    for _ in range(2):
        with pytest.raises(PaymentDeclined):
            await till.stripe.authorise(opened.ref, "pm_card_visa_chargeDeclined", till.call("first"))
    assert len([event for event in till.world.events if event["type"] == "payment_intent.payment_failed"]) == 1
    held = await till.stripe.authorise(opened.ref, GOOD, till.call("second"))
    assert (held.state, held.declined) == (ChargeState.AUTHORISED, None)


@pytest.mark.parametrize(("passed", "state"), [(True, ChargeState.AUTHORISED), (False, ChargeState.OPEN)])
async def test_a_challenge_leaves_the_charge_open_until_it_is_answered(till, passed, state):
    asked = await till.authorised(card=CHALLENGED)
    assert (asked.state, asked.declined) == (ChargeState.OPEN, None)
    assert (await till.stripe.challenge(asked.ref)).startswith(f"{asked.ref}_secret_")
    till.world.challenge(asked.ref, passed=passed)
    charge = await till.stripe.charge(asked.ref)
    declined = None if passed else DeclineReason.AUTHENTICATION_FAILED
    assert (charge.state, charge.declined) == (state, declined)
    assert await till.stripe.challenge(asked.ref) is None


@pytest.mark.parametrize("token", ["ctoken_unknown", "pm_unknown", "4242424242424242", ""])
async def test_what_is_no_cards_token_is_refused(till, token):
    opened = await till.open()
    with pytest.raises(InvalidInput) as no:
        await till.stripe.authorise(opened.ref, token, till.call())
    assert no.value.path == ("card",)
    assert "4242" not in str(no.value)


async def test_no_card_is_taken_after_the_sessions_end(till):
    opened = await till.open()
    till.clock.advance(timedelta(minutes=30))
    with pytest.raises(PaymentTooLate) as no:
        await till.stripe.authorise(opened.ref, GOOD, till.call())
    assert no.value.pay_by == opened.expires_at
    assert (await till.stripe.charge(opened.ref)).state is ChargeState.OPEN


async def test_an_authorisation_whose_answer_was_lost_is_heard_after_the_sessions_end_too(till):
    opened = await till.open()
    till.world.faults.append(("/confirm", "lost"))
    with pytest.raises(Unknown):
        await till.stripe.authorise(opened.ref, GOOD, till.call())
    till.clock.advance(timedelta(hours=1))
    assert (await till.stripe.authorise(opened.ref, GOOD, till.call())).state is ChargeState.AUTHORISED


async def test_closing_ends_an_open_charge_and_leaves_one_that_a_card_came_to(till):
    opened = await till.open()
    closed = await till.stripe.close(opened.ref, till.call("close"))
    assert closed.state is ChargeState.CLOSED
    assert await till.stripe.close(opened.ref, till.call("close")) == closed
    with pytest.raises(WrongState):
        await till.stripe.authorise(opened.ref, GOOD, till.call())
    held = await till.stripe.authorise((await till.open(key="again")).ref, GOOD, till.call("a"))
    assert await till.stripe.close(held.ref, till.call("close")) == held
    taken = await till.stripe.capture(held.ref, EUROS, till.call("c"))
    assert await till.stripe.close(held.ref, till.call("close")) == taken


@pytest.mark.parametrize("amount", [EUROS, Money(10_000, "EUR")])
async def test_a_capture_takes_what_is_asked_and_releases_the_rest(till, amount):
    held = await till.authorised()
    taken = await till.stripe.capture(held.ref, amount, till.call("capture"))
    assert (taken.state, taken.captured, taken.amount) == (ChargeState.CAPTURED, amount, EUROS)
    assert await till.stripe.charge(held.ref) == taken
    assert await till.stripe.capture(held.ref, amount, till.call("capture")) == taken


async def test_a_capture_of_what_is_not_there_is_refused(till):
    opened = await till.open()
    with pytest.raises(CaptureRefused) as no:
        await till.stripe.capture(opened.ref, EUROS, till.call("capture"))
    assert no.value.reason == "open"
    held = await till.stripe.authorise(opened.ref, GOOD, till.call())
    with pytest.raises(CaptureRefused) as no:
        await till.stripe.capture(held.ref, EUROS + Money(1, "EUR"), till.call("capture"))
    assert no.value.reason == "amount_too_large"
    till.world.lapse(held.ref)
    with pytest.raises(CaptureRefused) as no:
        await till.stripe.capture(held.ref, EUROS, till.call("capture"))
    assert no.value.reason == "closed"


async def test_another_amount_than_the_captured_is_refused(till):
    taken = await till.captured()
    with pytest.raises(CaptureRefused):
        await till.stripe.capture(taken.ref, Money(1, "EUR"), till.call("more"))
    assert (await till.stripe.charge(taken.ref)).captured == EUROS


async def test_voiding_releases_what_was_reserved_and_is_no_refund(till):
    held = await till.authorised()
    for _ in range(2):
        assert (await till.stripe.void(held.ref, till.call("void"))).state is ChargeState.CLOSED


async def test_what_was_captured_cannot_be_voided(till):
    taken = await till.captured()
    with pytest.raises(WrongState):
        await till.stripe.void(taken.ref, till.call("void"))
    assert await till.stripe.charge(taken.ref) == taken


async def test_refunds_go_back_in_parts_each_under_its_key(till):
    taken = await till.captured()
    part = Money(5_000, "EUR")
    first = await till.stripe.refund(taken.ref, part, till.call("refund-1"))
    assert await till.stripe.refund(taken.ref, part, till.call("refund-1")) == first
    second = await till.stripe.refund(taken.ref, part, till.call("refund-2"))
    charge = await till.stripe.charge(taken.ref)
    assert {(refund.key, refund.amount) for refund in charge.refunds} == {("refund-1", part), ("refund-2", part)}
    assert (first.ref != second.ref, charge.refunded) == (True, Money(10_000, "EUR"))


async def test_more_than_is_left_is_not_refunded(till):
    taken = await till.captured()
    till.world.give_back(taken.ref, 12_000)
    with pytest.raises(RefundRefused) as no:
        await till.stripe.refund(taken.ref, Money(1_000, "EUR"), till.call("refund"))
    assert no.value.reason == "amount_too_large"
    opened = await till.open(key="other")
    with pytest.raises(RefundRefused) as no:
        await till.stripe.refund(opened.ref, Money(1, "EUR"), till.call("other refund"))
    assert no.value.reason == "open"


async def test_a_key_that_stripe_has_forgotten_gives_nothing_back_twice(till):
    taken = await till.captured()
    first = await till.stripe.refund(taken.ref, Money(100, "EUR"), till.call("refund"))
    till.clock.advance(timedelta(days=2))
    assert await till.stripe.refund(taken.ref, Money(100, "EUR"), till.call("refund")) == first
    assert len(till.world.refunds) == 1


async def test_a_refund_that_came_to_nothing_is_refused_and_no_money_of_the_charge(till):
    taken = await till.captured()
    refund = await till.stripe.refund(taken.ref, Money(100, "EUR"), till.call("refund"))
    till.world.refunds[refund.ref] |= {"status": "failed", "failure_reason": "expired_or_canceled_card"}
    assert (await till.stripe.charge(taken.ref)).refunds == ()
    with pytest.raises(RefundRefused) as no:
        await till.stripe.refund(taken.ref, Money(100, "EUR"), till.call("refund"))
    assert no.value.reason == "expired_or_canceled_card"


async def test_the_billing_address_is_asked_for_and_in_no_repr(till):
    held = await till.authorised()
    address = BillingAddress(line1="1 High Street", city="London", country="GB", post_code="N1 9GU")
    assert await till.stripe.billing(held.ref) == address
    assert "High Street" not in repr(held)
    assert await till.stripe.billing((await till.open(key="other")).ref) is None


async def test_a_key_that_stripe_does_not_accept_is_trouble_and_never_told(till):
    other = Till(settings(key="sk_test_another"))
    for asked in (other.open(), other.stripe.charge("pi_1"), other.stripe.find("open", since=START)):
        with pytest.raises(Trouble) as trouble:
            await asked
        assert "sk_test" not in str(trouble.value)


@pytest.mark.parametrize("amount", [Money(29, "EUR"), Money(100, "UGX"), Money(1_234, "KWD"), Money(150, "MGA")])
async def test_an_amount_that_stripe_does_not_take_is_refused(till, amount):
    with pytest.raises(InvalidInput) as no:
        await till.open(amount)
    assert no.value.path == ("input", "amount")
    assert till.world.intents == {}


async def test_nothing_personal_or_secret_is_logged(till, caplog):
    caplog.set_level(logging.DEBUG)
    taken = await till.captured()
    await till.stripe.billing(taken.ref)
    assert "High Street" not in caplog.text
    assert "_secret_" not in caplog.text
    assert "sk_test" not in caplog.text
