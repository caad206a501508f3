"""What every payment provider promises, whatever its API. A family subclasses `ProviderContract` and sets its scene."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import Enum
from typing import Protocol

import pytest

from app.domain.clock import ManualClock
from app.domain.errors import Access, Trouble, Unknown
from app.domain.money import Money
from app.domain.payment import BillingAddress, DeclineReason
from app.domain.recovery import Call
from app.domain.refusals import CaptureRefused, NotFound, PaymentDeclined, RefundRefused, WrongState
from app.payments.contract import Charge, ChargeState, PaymentProvider, PaymentVerb, ProviderRefund, SessionWish

SEND_WITHIN = timedelta(seconds=30)
FORM_OPEN = timedelta(minutes=30)
PRICE = Money.of("100.00", "GBP")
PART = Money.of("40.00", "GBP")
NOTHING = Money.zero("GBP")
HOME = BillingAddress(
    line1="1 Great George Street", line2="Flat 2", city="Bristol", country="GB", state="Avon", post_code="BS1 5RR"
)


class Card(Enum):
    """What a card's issuer does."""

    APPROVED = "approved"
    DECLINED = "declined"
    NO_FUNDS = "insufficient funds"
    CHALLENGED = "asks for a challenge"


class Scene(Protocol):
    """A provider and what is behind it, as the contract's tests need them."""

    provider: PaymentProvider
    clock: ManualClock

    def token(self, card: Card) -> str:
        """What `authorise` calls such a card."""

    async def submit(self, charge: Charge, card: Card, billing: BillingAddress | None = None) -> None:
        """Let the payer fill in the charge's form and send it."""

    async def answer_challenge(self, charge: Charge, *, passed: bool) -> None:
        """Let the payer answer what the card's issuer asks."""

    def lose_reply(self, verb: PaymentVerb) -> None:
        """Let the verb's next call have its effect, and its answer get lost."""

    def opened(self) -> int:
        """How many charges there are, by the provider's own books."""

    def net(self) -> Money:
        """What was captured and not given back, by the provider's own books."""

    async def stranger(self) -> None:
        """Let another system open a charge on the same account."""

    async def callback(self, charge: Charge) -> tuple[Mapping[str, str], bytes]:
        """The latest callback about the charge, as the provider sends it."""


@dataclass
class Till:
    """Asks a provider as the gateway does: with keys and a last instant to send."""

    scene: Scene
    counter: int = 0

    @property
    def provider(self) -> PaymentProvider:
        return self.scene.provider

    def call(self, key: str | None = None) -> Call:
        """One attempt, starting now; under a key of its own unless one is given."""
        self.counter += 1
        return Call(key=key or f"key-{self.counter}", send_by=self.scene.clock.now() + SEND_WITHIN)

    def wish(self) -> SessionWish:
        return SessionWish(
            payment="pm_000001",
            reference="B7K2Q9",
            amount=PRICE,
            expires_at=self.scene.clock.now() + FORM_OPEN,
            origins=("https://shop.example",),
            outcome_url="https://gateway.example/payments/outcomes/token",
            locale="en-GB",
        )

    async def open(self, key: str | None = None) -> Charge:
        return await self.provider.open(self.wish(), self.call(key))

    async def authorised(self) -> Charge:
        """A charge that a payer has paid in the form."""
        charge = await self.open()
        await self.scene.submit(charge, Card.APPROVED)
        return await self.provider.charge(charge.ref)

    async def captured(self, amount: Money = PRICE) -> Charge:
        return await self.capture(await self.authorised(), amount)

    async def authorise(self, charge: Charge, card: Card = Card.APPROVED, key: str | None = None) -> Charge:
        return await self.provider.authorise(charge.ref, self.scene.token(card), self.call(key))

    async def capture(self, charge: Charge, amount: Money = PRICE, key: str | None = None) -> Charge:
        return await self.provider.capture(charge.ref, amount, self.call(key))

    async def void(self, charge: Charge, key: str | None = None) -> Charge:
        return await self.provider.void(charge.ref, self.call(key))

    async def close(self, charge: Charge, key: str | None = None) -> Charge:
        return await self.provider.close(charge.ref, self.call(key))

    async def refund(self, charge: Charge, amount: Money = PART, key: str | None = None) -> ProviderRefund:
        return await self.provider.refund(charge.ref, amount, self.call(key))


def untried(charge: Charge) -> Charge:
    """The charge without its attempts, which a list may not tell."""
    return replace(charge, attempts=0)


class ProviderContract:
    """Subclasses give a fixture `scene`."""

    @pytest.fixture
    def till(self, scene: Scene) -> Till:
        return Till(scene)

    async def test_the_profile_says_how_every_lost_answer_is_resolved(self, scene: Scene):
        assert set(scene.provider.profile.recovery) == set(PaymentVerb)

    async def test_the_profile_says_by_when_a_refund_arrives(self, scene: Scene):
        assert scene.provider.profile.refund_arrival > timedelta()

    async def test_a_new_charge_is_open_and_has_a_form(self, scene: Scene, till: Till):
        charge = await till.open()
        assert (charge.state, charge.amount, charge.captured) == (ChargeState.OPEN, PRICE, NOTHING)
        assert charge.form_url and charge.expires_at == scene.clock.now() + FORM_OPEN
        assert (charge.card, charge.declined, charge.attempts, charge.refunds) == (None, None, 0, ())

    async def test_a_charge_can_be_read_and_found_by_the_key_that_opened_it(self, scene: Scene, till: Till):
        since = scene.clock.now()
        charge = await till.open("the key")
        await till.open("another key")
        assert await scene.provider.charge(charge.ref) == charge
        assert await scene.provider.find("the key", since=since) == charge
        assert await scene.provider.find("no key of ours", since=since) is None

    async def test_the_account_lists_its_charges_newest_first_whoever_made_them(self, scene: Scene, till: Till):
        await till.open()
        scene.clock.advance(timedelta(hours=1))
        since = scene.clock.now()
        refunded = await till.captured()
        await till.refund(refunded)
        scene.clock.advance(timedelta(hours=1))
        held = await till.authorised()
        await scene.stranger()
        listed = await scene.provider.charges(since=since)
        assert [each.payment for each in listed[1:]] == [till.wish().payment] * 2
        assert [each.created_at for each in listed] == [scene.clock.now()] * 2 + [since]
        now = [await scene.provider.charge(charge.ref) for charge in (held, refunded)]
        assert [untried(each.charge) for each in listed[1:]] == [untried(charge) for charge in now]

    async def test_a_long_list_of_charges_comes_in_pages(self, scene: Scene, till: Till):
        opened = [await till.open() for _ in range(101)]
        listed = await scene.provider.charges(since=scene.clock.now())
        assert [each.charge.ref for each in listed] == [charge.ref for charge in reversed(opened)]

    async def test_an_unknown_charge_is_not_found(self, scene: Scene, till: Till):
        nobody = "ch_of_nobody"
        for ask in (
            lambda: scene.provider.charge(nobody),
            lambda: scene.provider.billing(nobody),
            lambda: scene.provider.close(nobody, till.call()),
            lambda: scene.provider.capture(nobody, PRICE, till.call()),
            lambda: scene.provider.refund(nobody, PRICE, till.call()),
        ):
            with pytest.raises(NotFound):
                await ask()

    async def test_an_approved_card_reserves_the_amount_and_takes_nothing(self, scene: Scene, till: Till):
        charge = await till.authorised()
        assert (charge.state, charge.captured, charge.attempts) == (ChargeState.AUTHORISED, NOTHING, 1)
        assert charge.authorised_until > scene.clock.now()
        assert charge.card == "Visa 4242"
        assert scene.net() == NOTHING

    async def test_after_a_decline_another_card_may_follow(self, scene: Scene, till: Till):
        charge = await till.open()
        await scene.submit(charge, Card.NO_FUNDS)
        declined = await scene.provider.charge(charge.ref)
        assert (declined.state, declined.declined) == (ChargeState.OPEN, DeclineReason.INSUFFICIENT_FUNDS)
        await scene.submit(charge, Card.APPROVED)
        paid = await scene.provider.charge(charge.ref)
        assert (paid.state, paid.declined, paid.attempts) == (ChargeState.AUTHORISED, None, 2)

    async def test_a_challenge_that_is_passed_reserves_the_amount(self, scene: Scene, till: Till):
        charge = await till.open()
        await scene.submit(charge, Card.CHALLENGED)
        assert (await scene.provider.charge(charge.ref)).state is ChargeState.OPEN
        await scene.answer_challenge(charge, passed=True)
        assert (await scene.provider.charge(charge.ref)).state is ChargeState.AUTHORISED

    async def test_a_challenge_that_is_failed_is_a_decline(self, scene: Scene, till: Till):
        charge = await till.open()
        await scene.submit(charge, Card.CHALLENGED)
        await scene.answer_challenge(charge, passed=False)
        failed = await scene.provider.charge(charge.ref)
        assert (failed.state, failed.declined) == (ChargeState.OPEN, DeclineReason.AUTHENTICATION_FAILED)

    async def test_a_kept_card_is_authorised_without_the_form(self, till: Till):
        assert (await till.authorise(await till.open())).state is ChargeState.AUTHORISED

    async def test_a_kept_card_that_asks_for_a_challenge_leaves_the_charge_open(self, scene: Scene, till: Till):
        charge = await till.open()
        assert (await till.authorise(charge, Card.CHALLENGED)).state is ChargeState.OPEN
        await scene.answer_challenge(charge, passed=True)
        assert (await scene.provider.charge(charge.ref)).state is ChargeState.AUTHORISED

    async def test_a_declined_key_stays_declined_and_another_attempt_has_another_key(self, till: Till):
        charge = await till.open()
        for _ in range(2):
            with pytest.raises(PaymentDeclined) as declined:
                await till.authorise(charge, Card.NO_FUNDS, key="first")
            assert declined.value.reason is DeclineReason.INSUFFICIENT_FUNDS
        paid = await till.authorise(charge, Card.APPROVED, key="second")
        assert (paid.state, paid.attempts) == (ChargeState.AUTHORISED, 2)

    async def test_a_charge_that_is_authorised_takes_no_second_card(self, till: Till):
        charge = await till.authorised()
        with pytest.raises(WrongState):
            await till.authorise(charge)

    async def test_a_capture_takes_what_is_authorised(self, scene: Scene, till: Till):
        taken = await till.captured()
        assert (taken.state, taken.captured) == (ChargeState.CAPTURED, PRICE)
        assert scene.net() == PRICE

    async def test_a_part_may_be_captured_once_and_the_rest_is_released(self, scene: Scene, till: Till):
        taken = await till.captured(PART)
        assert (taken.state, taken.captured, taken.amount) == (ChargeState.CAPTURED, PART, PRICE)
        with pytest.raises(CaptureRefused):
            await till.capture(taken, PART)
        assert scene.net() == PART

    async def test_more_than_is_authorised_is_not_captured(self, scene: Scene, till: Till):
        charge = await till.authorised()
        with pytest.raises(CaptureRefused):
            await till.capture(charge, PRICE + PART)
        assert (await scene.provider.charge(charge.ref)).state is ChargeState.AUTHORISED

    async def test_what_nobody_authorised_is_not_captured(self, scene: Scene, till: Till):
        with pytest.raises(CaptureRefused):
            await till.capture(await till.open())
        assert scene.net() == NOTHING

    async def test_what_is_voided_is_closed_and_never_captured(self, scene: Scene, till: Till):
        charge = await till.authorised()
        assert (await till.void(charge)).state is ChargeState.CLOSED
        with pytest.raises(CaptureRefused):
            await till.capture(charge)
        assert scene.net() == NOTHING

    async def test_voiding_again_is_success(self, till: Till):
        charge = await till.authorised()
        assert await till.void(charge, "first") == await till.void(charge, "second")

    async def test_what_is_captured_cannot_be_voided(self, scene: Scene, till: Till):
        taken = await till.captured()
        with pytest.raises(WrongState):
            await till.void(taken)
        assert scene.net() == PRICE

    async def test_what_is_closed_takes_no_card(self, scene: Scene, till: Till):
        charge = await till.open()
        assert (await till.close(charge)).state is ChargeState.CLOSED
        await scene.submit(charge, Card.APPROVED)
        with pytest.raises(WrongState):
            await till.authorise(charge)
        assert (await scene.provider.charge(charge.ref)).state is ChargeState.CLOSED

    async def test_a_challenge_is_answered_in_vain_once_the_charge_is_closed(self, scene: Scene, till: Till):
        charge = await till.open()
        await scene.submit(charge, Card.CHALLENGED)
        await till.close(charge)
        await scene.answer_challenge(charge, passed=True)
        assert (await scene.provider.charge(charge.ref)).state is ChargeState.CLOSED

    async def test_closing_again_is_success(self, till: Till):
        charge = await till.open()
        assert await till.close(charge, "first") == await till.close(charge, "second")

    async def test_closing_leaves_what_is_authorised(self, scene: Scene, till: Till):
        charge = await till.authorised()
        assert (await till.close(charge)).state is ChargeState.AUTHORISED
        assert (await till.capture(charge)).state is ChargeState.CAPTURED
        assert (await till.close(charge)).state is ChargeState.CAPTURED

    async def test_refunds_give_back_part_after_part_and_no_more_than_was_captured(self, scene: Scene, till: Till):
        charge = await till.captured()
        first = await till.refund(charge, PART, "refund 1")
        second = await till.refund(charge, PART, "refund 2")
        assert (first.amount, first.key, second.key) == (PART, "refund 1", "refund 2")
        with pytest.raises(RefundRefused):
            await till.refund(charge, PART, "refund 3")
        now = await scene.provider.charge(charge.ref)
        assert set(now.refunds) == {first, second} and now.refunded == PART + PART
        assert scene.net() == PRICE - PART - PART

    async def test_what_was_not_captured_is_not_given_back(self, scene: Scene, till: Till):
        with pytest.raises(RefundRefused):
            await till.refund(await till.authorised())

    async def test_nothing_is_sent_after_the_last_instant(self, scene: Scene, till: Till):
        late = Call(key="late", send_by=scene.clock.now() - timedelta(seconds=1))
        with pytest.raises(Trouble):
            await scene.provider.open(till.wish(), late)
        assert scene.opened() == 0

    async def test_a_lost_open_is_unknown_and_opens_one_charge(self, scene: Scene, till: Till):
        since = scene.clock.now()
        scene.lose_reply(PaymentVerb.OPEN)
        with pytest.raises(Unknown):
            await till.open("the key")
        found = await scene.provider.find("the key", since=since)
        assert (await till.open("the key")).ref == found.ref
        assert scene.opened() == 1

    async def test_a_lost_close_is_unknown_and_final(self, scene: Scene, till: Till):
        charge = await till.open()
        scene.lose_reply(PaymentVerb.CLOSE)
        with pytest.raises(Unknown):
            await till.close(charge, "the key")
        assert (await till.close(charge, "the key")).state is ChargeState.CLOSED

    async def test_a_lost_authorisation_is_unknown_and_made_once(self, scene: Scene, till: Till):
        charge = await till.open()
        scene.lose_reply(PaymentVerb.AUTHORISE)
        with pytest.raises(Unknown):
            await till.authorise(charge, key="the key")
        paid = await till.authorise(charge, key="the key")
        assert (paid.state, paid.attempts) == (ChargeState.AUTHORISED, 1)

    async def test_a_lost_decline_is_unknown_and_then_a_decline(self, scene: Scene, till: Till):
        charge = await till.open()
        scene.lose_reply(PaymentVerb.AUTHORISE)
        with pytest.raises(Unknown):
            await till.authorise(charge, Card.DECLINED, key="the key")
        with pytest.raises(PaymentDeclined):
            await till.authorise(charge, Card.DECLINED, key="the key")
        assert (await scene.provider.charge(charge.ref)).attempts == 1

    async def test_a_lost_capture_is_unknown_and_taken_once(self, scene: Scene, till: Till):
        charge = await till.authorised()
        scene.lose_reply(PaymentVerb.CAPTURE)
        with pytest.raises(Unknown):
            await till.capture(charge, key="the key")
        assert (await till.capture(charge, key="the key")).captured == PRICE
        assert scene.net() == PRICE

    async def test_a_lost_void_is_unknown_and_done(self, scene: Scene, till: Till):
        charge = await till.authorised()
        scene.lose_reply(PaymentVerb.VOID)
        with pytest.raises(Unknown):
            await till.void(charge, "the key")
        assert (await till.void(charge, "the key")).state is ChargeState.CLOSED

    async def test_a_lost_refund_is_unknown_and_given_once(self, scene: Scene, till: Till):
        charge = await till.captured()
        scene.lose_reply(PaymentVerb.REFUND)
        with pytest.raises(Unknown):
            await till.refund(charge, key="the key")
        refund = await till.refund(charge, key="the key")
        assert (await scene.provider.charge(charge.ref)).refunds == (refund,)
        assert scene.net() == PRICE - PART

    async def test_the_payer_is_billed_where_the_form_was_told(self, scene: Scene, till: Till):
        charge = await till.open()
        await scene.submit(charge, Card.APPROVED, HOME)
        assert await scene.provider.billing(charge.ref) == HOME

    async def test_nobody_is_billed_before_a_card_is_given(self, scene: Scene, till: Till):
        assert await scene.provider.billing((await till.open()).ref) is None

    async def test_a_callback_names_the_charge_and_an_event_of_its_own(self, scene: Scene, till: Till):
        first, second = await till.authorised(), await till.authorised()
        (one,) = await scene.provider.hear(*await scene.callback(first))
        (two,) = await scene.provider.hear(*await scene.callback(second))
        assert (one.charge, two.charge) == (first.ref, second.ref)
        assert one.event != two.event
        assert one.kind == two.kind

    async def test_a_callback_repeated_is_the_same_event(self, scene: Scene, till: Till):
        headers, body = await scene.callback(await till.authorised())
        assert await scene.provider.hear(headers, body) == await scene.provider.hear(headers, body)

    async def test_a_changed_callback_is_turned_away(self, scene: Scene, till: Till):
        headers, body = await scene.callback(await till.authorised())
        with pytest.raises(Access):
            await scene.provider.hear(headers, body + b" ")

    async def test_an_unsigned_callback_is_turned_away(self, scene: Scene, till: Till):
        _, body = await scene.callback(await till.authorised())
        with pytest.raises(Access):
            await scene.provider.hear({}, body)
