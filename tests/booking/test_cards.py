"""Paying by card: a form, what the payer does in it, and nothing taken that is not confirmed."""

from dataclasses import replace
from datetime import timedelta

import pytest

from app.domain.money import Money
from app.domain.refusals import CaptureRefused, PaymentTooLate, PaymentUnavailable, WrongState
from app.store.tables import OperationState, PaymentRow
from tests.booking.house import PARTNER, viewer
from tests.booking.judge import judge
from tests.booking.paying import (
    answer,
    charges,
    deliver,
    forms_end,
    open_form,
    paid_by_card,
    payment_of,
    payments,
    submit,
)
from tests.booking.scenes import FLEX, guaranteed, instant
from tests.payments.worlds import listen


@pytest.fixture
async def held(house):
    listen(house.bank)
    return (await house.reserve("r1", await guaranteed(house))).booking_id


async def statuses(house):
    return [payment.status for payment in await payments(house)]


class TestForm:
    async def test_it_opens_and_the_operation_ends(self, house, held):
        outcome = await open_form(house, held)
        payment = await payment_of(house, outcome)
        assert outcome.state == OperationState.DONE
        assert payment.form_url.startswith("http://payments.sandbox/pay/")
        assert payment.expires_at < (await house.booking(held)).pay_by
        assert (await house.booking(held)).state == "HELD"
        assert charges(house) == [("open", 0)]

    async def test_the_same_key_opens_one(self, house, held):
        assert await open_form(house, held) == await open_form(house, held)
        assert charges(house) == [("open", 0)]

    @pytest.mark.parametrize("kind", ["lost_reply", "time_out_before", "late_effect", "error_500"])
    async def test_a_lost_answer_opens_one(self, house, held, kind):
        house.fault("charges.open", kind)
        outcome = await open_form(house, held)
        await house.settle_operations()
        payment = await payment_of(house, outcome)
        assert (payment.status, bool(payment.form_url)) == ("PENDING", True)
        assert charges(house) == [("open", 0)]

    async def test_a_provider_that_cannot_be_reached_is_told(self, house, held):
        house.fault("charges.open", "error_503", times=9)
        outcome = await open_form(house, held)
        await house.quiet()
        assert isinstance((await house.desk.outcome(outcome.operation_id)).refusal, PaymentUnavailable)
        assert await statuses(house) == ["FAILED"]
        assert (await house.booking(held)).state == "HELD"

    async def test_it_ends_before_the_booking_has_to_be_paid(self, house, held):
        pay_by = (await house.booking(held)).pay_by
        house.clock.advance(pay_by - house.clock.now() - timedelta(minutes=10))
        payment = await payment_of(house, await open_form(house, held))
        assert payment.expires_at == pay_by - timedelta(minutes=2)

    async def test_with_no_time_left_there_is_none(self, house, held):
        pay_by = (await house.booking(held)).pay_by
        house.clock.advance(pay_by - house.clock.now() - timedelta(minutes=2))
        assert isinstance((await open_form(house, held)).refusal, PaymentTooLate)


class TestPaying:
    async def test_authorised_confirmed_captured_ticketed(self, house, held):
        payment = await paid_by_card(house, held)
        booking = await house.booking(held)
        assert (booking.state, payment.status, payment.card) == ("TICKETED", "CAPTURED", "Visa 4242")
        assert charges(house) == [("captured", booking.total_minor)]
        assert (await house.timeline(held))[3:] == [
            "PAYMENT_REQUESTED",
            "PAYMENT_AUTHORISED",
            "ITEM_CONFIRMED",
            "TICKETS_ISSUED",
            "PAYMENT_CAPTURED",
        ]
        await judge(house)

    async def test_without_any_callback_we_look_ourselves(self, house, held):
        payment = await payment_of(house, await open_form(house, held))
        submit(house, payment, "callback_lost")
        await house.later(timedelta(seconds=30))
        assert (await house.booking(held)).state == "TICKETED"
        await judge(house)

    async def test_a_declined_card_may_be_followed_by_another(self, house, held):
        payment = await payment_of(house, await open_form(house, held))
        assert submit(house, payment, "insufficient_funds") == {"state": "declined", "reason": "insufficient_funds"}
        await deliver(house)
        declined = (await payments(house))[0]
        assert (declined.status, declined.declined, declined.attempts) == ("PENDING", "INSUFFICIENT_FUNDS", 1)
        submit(house, payment)
        await deliver(house)
        assert (await house.booking(held)).state == "TICKETED"
        assert (await house.timeline(held))[4] == "PAYMENT_DECLINED"
        await judge(house)

    @pytest.mark.parametrize(("passed", "state"), [(True, "TICKETED"), (False, "HELD")])
    async def test_a_challenge(self, house, held, passed, state):
        payment = await payment_of(house, await open_form(house, held))
        asked = submit(house, payment, "challenge")
        assert asked["state"] == "challenge"
        answer(house, asked["challenge_url"], passed=passed)
        await deliver(house)
        assert (await house.booking(held)).state == state

    async def test_callbacks_twice_and_over_again_are_one_effect(self, house, held):
        payment = await payment_of(house, await open_form(house, held))
        submit(house, payment, "callback_twice")
        await deliver(house, times=3)
        await deliver(house, times=3)
        assert len(charges(house)) == 1
        assert (await house.timeline(held)).count("PAYMENT_CAPTURED") == 1
        await judge(house)

    async def test_a_callback_before_the_answer_of_our_own_opening(self, house, held):
        house.fault("charges.open", "lost_reply")
        outcome = await open_form(house, held)
        charge = next(iter(house.bank._core.facts.charges.values()))
        form = type("Form", (), {"form_url": f"http://payments.sandbox/pay/{charge.secret}"})
        submit(house, form)
        await deliver(house)
        await house.quiet()
        assert (await payment_of(house, outcome)).status == "CAPTURED"
        assert (await house.booking(held)).state == "TICKETED"
        await judge(house)

    @pytest.mark.parametrize("kind", ["lost_reply", "late_effect", "time_out_before", "error_500", "error_503"])
    @pytest.mark.parametrize("endpoint", ["charges.get", "charges.capture"])
    async def test_lost_answers_take_the_amount_once(self, house, held, endpoint, kind):
        payment = await payment_of(house, await open_form(house, held))
        submit(house, payment)
        house.fault(endpoint, kind)
        await deliver(house)
        await house.quiet()
        assert charges(house) == [("captured", (await house.booking(held)).total_minor)]
        await judge(house)


class TestNothingTaken:
    async def test_a_carrier_that_refuses_releases_the_card(self, house):
        listen(house.bank)
        held = (await house.reserve("r1", await instant(house))).booking_id
        house.fault("orders.create", "sold_out")
        payment = await paid_by_card(house, held)
        assert (payment.status, charges(house)) == ("VOIDED", [("closed", 0)])
        assert (await house.booking(held)).state == "CANCELLED"
        await judge(house)

    @pytest.mark.parametrize("kind", ["lost_reply", "late_effect", "error_500"])
    async def test_a_lost_release_is_made_sure_of(self, house, kind):
        listen(house.bank)
        held = (await house.reserve("r1", await instant(house))).booking_id
        house.fault("orders.create", "sold_out")
        house.fault("charges.void", kind)
        await paid_by_card(house, held)
        await house.quiet()
        assert charges(house) == [("closed", 0)]
        await judge(house)

    async def test_a_form_nobody_used_is_closed_at_its_end(self, house, held):
        payment = await payment_of(house, await open_form(house, held))
        forms_end(house, payment)
        await house.runner.drain()
        assert (await statuses(house), charges(house)) == (["EXPIRED"], [("closed", 0)])
        assert submit(house, payment) == {"state": "expired"}
        assert (await house.booking(held)).state == "HELD"

    async def test_a_form_that_its_provider_has_lost_takes_nothing_and_is_not_waited_for(self, house, held):
        payment = await payment_of(house, await open_form(house, held))
        facts = house.bank._core.facts
        facts.charges.clear()
        facts.schedule.clear()
        forms_end(house, payment)
        await house.runner.drain()
        assert await statuses(house) == ["FAILED"]
        await house.pay(held)
        assert (await house.booking(held)).state == "TICKETED"

    async def test_cancelling_closes_the_form_first(self, house, held):
        payment = await payment_of(house, await open_form(house, held))
        await house.cancel(held)
        assert (await statuses(house), charges(house)) == (["EXPIRED"], [("closed", 0)])
        assert submit(house, payment) == {"state": "expired"}
        await judge(house)

    async def test_a_card_that_came_before_the_cancellation_is_released(self, house, held):
        payment = await payment_of(house, await open_form(house, held))
        submit(house, payment)
        await house.cancel(held)
        assert (await statuses(house), charges(house)) == (["VOIDED"], [("closed", 0)])
        assert (await house.booking(held)).state == "CANCELLED"
        await judge(house)

    async def test_two_forms_paid_for_one_booking_take_it_once(self, house, held):
        first = await payment_of(house, await open_form(house, held, "s1"))
        second = await payment_of(house, await open_form(house, held, "s2"))
        submit(house, first)
        submit(house, second)
        await deliver(house)
        total = (await house.booking(held)).total_minor
        assert sorted(charges(house)) == [("captured", total), ("closed", 0)]
        assert sorted(await statuses(house)) == ["CAPTURED", "VOIDED"]
        await judge(house)

    async def test_a_form_that_is_open_when_the_booking_is_paid_is_closed(self, house, held):
        payment = await payment_of(house, await open_form(house, held))
        await house.pay(held)
        await house.runner.drain()
        assert (await payments(house))[0].status == "EXPIRED"
        assert submit(house, payment) == {"state": "expired"}
        await judge(house)


class TestExpiry:
    @pytest.fixture
    async def held(self, house):
        """To be paid within the hour, while its price is still guaranteed."""
        listen(house.bank)
        hasty = viewer(replace(PARTNER, payment_limit=timedelta(hours=1)))
        return (await house.reserve("r1", await guaranteed(house), viewer=hasty)).booking_id

    async def test_a_card_in_time_turns_the_expiry_into_a_payment(self, house, held):
        booking = await house.booking(held)
        payment = await payment_of(house, await open_form(house, held))
        submit(house, payment, "callback_lost")
        await house.store.write(lambda session: _unlooked(session, payment.id))
        await house.later(booking.pay_by - house.clock.now())
        assert (await house.booking(held)).state == "TICKETED"
        assert charges(house) == [("captured", booking.total_minor)]
        await judge(house)

    async def test_a_card_too_late_finds_the_form_closed(self, house, held):
        booking = await house.booking(held)
        payment = await payment_of(house, await open_form(house, held))
        await house.later(booking.pay_by - house.clock.now())
        assert submit(house, payment) == {"state": "expired"}
        assert (await house.booking(held)).state == "EXPIRED"
        await judge(house)

    async def test_what_the_carrier_refuses_at_the_last_moment_ends_and_the_card_is_released(self, house, held):
        booking = await house.booking(held)
        payment = await payment_of(house, await open_form(house, held))
        submit(house, payment, "callback_lost")
        await house.store.write(lambda session: _unlooked(session, payment.id))
        house.fault("payments.create", "error_503", times=9)
        await house.later(booking.pay_by - house.clock.now())
        await house.quiet()
        assert (await house.booking(held)).state == "EXPIRED"
        assert charges(house) == [("closed", 0)]
        await judge(house)


def _unlooked(session, payment_id):
    """Nobody looks at the form before the booking's own limit."""
    session.get_one(PaymentRow, payment_id).check_at = None


class TestSeveral:
    async def test_a_card_and_the_account_together(self, house, held):
        total = (await house.booking(held)).total_minor
        await house.pay(held, amount=Money.of("10.00", "GBP"))
        await paid_by_card(house, held)
        assert (await house.booking(held)).state == "TICKETED"
        assert charges(house) == [("captured", total - 1000)]
        await judge(house)

    async def test_two_cards_share_a_booking(self, house, held):
        total = (await house.booking(held)).total_minor
        first = await paid_by_card(house, held, key="s1", amount=Money.of("10.00", "GBP"))
        assert (first.status, (await house.booking(held)).state) == ("AUTHORISED", "HELD")
        await paid_by_card(house, held, "approved_amex", key="s2")
        assert charges(house) == [("captured", 1000), ("captured", total - 1000)]
        await judge(house)

    async def test_a_part_by_card_is_released_when_the_rest_does_not_come(self, house, held):
        booking = await house.booking(held)
        await paid_by_card(house, held, amount=Money.of("10.00", "GBP"))
        await house.later(booking.pay_by - house.clock.now())
        await house.quiet()
        assert (await house.booking(held)).state == "EXPIRED"
        assert charges(house) == [("closed", 0)]
        await judge(house)

    async def test_what_is_paid_needs_no_form(self, house, held):
        await paid_by_card(house, held)
        assert isinstance((await open_form(house, held, "s2")).refusal, WrongState)


class TestCaptureRefused:
    """Authorised, confirmed by the carrier, and then the provider does not let us take it."""

    async def test_what_can_be_cancelled_freely_is_cancelled_and_given_back(self, house):
        listen(house.bank)
        held = (await house.reserve("r1", await guaranteed(house, FLEX))).booking_id
        await house.pay(held, amount=Money.of("10.00", "GBP"))
        await paid_by_card(house, held, "approved_amex", key="s0", amount=Money.of("20.00", "GBP"))
        await paid_by_card(house, held, "capture_refused", key="s1")
        await house.quiet()
        assert (await house.booking(held)).state == "CANCELLED"
        assert sorted(charges(house)) == [("captured", 0), ("closed", 0)]
        assert sorted(await statuses(house)) == ["CAPTURED", "CAPTURED", "FAILED"]
        await judge(house)

    @pytest.mark.parametrize("kind", ["lost_reply", "late_effect", "time_out_before", "error_500", "error_503"])
    async def test_a_lost_refund_is_given_once(self, house, kind):
        listen(house.bank)
        held = (await house.reserve("r1", await guaranteed(house, FLEX))).booking_id
        await paid_by_card(house, held, key="s0", amount=Money.of("20.00", "GBP"))
        house.fault("charges.refund", kind)
        await paid_by_card(house, held, "capture_refused", key="s1")
        await house.quiet()
        refunds = [refund for charge in house.bank.ledger()["charges"] for refund in charge["refunds"]]
        assert [refund["amount_minor"] for refund in refunds] == [2000]
        await judge(house)

    async def test_what_cannot_be_cancelled_freely_stays_to_be_paid_and_can_be(self, house):
        listen(house.bank)
        held = (await house.reserve("r1", await guaranteed(house, 0))).booking_id
        await paid_by_card(house, held, "capture_refused")
        booking = await house.booking(held)
        assert (booking.state, await statuses(house)) == ("TICKETED", ["FAILED"])
        completing = (await house.operations("complete@1"))[-1]
        assert isinstance((await house.desk.outcome(completing.id)).refusal, CaptureRefused)
        await paid_by_card(house, held, key="s2")
        assert charges(house)[-1] == ("captured", booking.total_minor)
        await judge(house)
