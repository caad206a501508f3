"""What every carrier promises of refunds: a quote changes nothing, and exactly what was quoted is confirmed, once."""

from datetime import timedelta

import pytest

from app.domain.aftersales import RefundForm, RuleGround
from app.domain.errors import Trouble, Unknown
from app.domain.itinerary import CarrierOffer
from app.domain.refusals import NotRefundable, QuoteExpired, Unsupported
from carriers.contract import Ability, Cancelled, CarrierOrder, OrderState, RefundTerms, Verb
from tests.carriers.contract import SEND_WITHIN, Desk, Scene

EARLIER = timedelta(minutes=1)
# What was agreed when it was sold: an airline's fare, or a tour operator's scale.
TERMS = {RuleGround.FARE_CONDITIONS, RuleGround.CANCELLATION_SCALE}


class Counter(Desk):
    """A desk that also gives money back."""

    async def fare(self, query, *, refundable: bool = True) -> CarrierOffer:
        """The first offer whose conditions say that it can, or cannot, be refunded."""
        rules = ((offer, offer.conditions.refund) for offer in await self.shown(query))
        return next(offer for offer, rule in rules if rule and rule.allowed is refundable)

    async def sold(self, query, *, refundable: bool = True) -> tuple[CarrierOffer, CarrierOrder]:
        """Such an offer, bought."""
        offer = await self.fare(query, refundable=refundable)
        return offer, await self.sell(offer)

    async def terms(self, query) -> RefundTerms:
        """The quote for an order that can be refunded."""
        _, order = await self.sold(query)
        return await self.carrier.quote_refund(order.ref)

    async def refund(self, terms: RefundTerms, key: str = "key-4") -> Cancelled:
        """One attempt at confirming the quote."""
        return await self.carrier.refund(terms.ref, self.call(key))


async def ground(attempt) -> RuleGround:
    """On what ground this is not refundable."""
    with pytest.raises(NotRefundable) as no:
        await attempt
    assert no.value.rule.allowed is False
    return no.value.rule.ground


class RefundContract:
    """Subclasses give a fixture `scene`, whose query finds offers with both kinds of conditions."""

    @pytest.fixture
    def counter(self, scene: Scene) -> Counter:
        return Counter(scene.carrier, scene.clock)

    async def test_a_quote_says_what_comes_back_and_by_which_rule(self, scene: Scene, counter):
        offer, order = await counter.sold(scene.query)
        terms = await scene.carrier.quote_refund(order.ref)
        assert (terms.order, terms.form) == (order.ref, RefundForm.MONEY)
        assert terms.refund == order.total - offer.conditions.refund.fee
        assert terms.rule.ground in TERMS
        assert (terms.rule.allowed, terms.rule.fee) == (True, offer.conditions.refund.fee)
        assert scene.clock.now() < terms.rule.deadline <= offer.departs_at
        assert terms.passengers == tuple(seat.ref for seat in offer.passengers)
        assert terms.segments == tuple(segment.ref for each in order.journeys for segment in each.segments)
        assert terms.expires_at > scene.clock.now()

    async def test_a_quote_changes_nothing(self, scene: Scene, counter):
        terms = await counter.terms(scene.query)
        assert await scene.carrier.refunded(terms.ref) is None
        assert (await scene.carrier.order(terms.order)).state is OrderState.CONFIRMED
        assert (list(scene.orders()), scene.refunds()) == (["key-1"], 0)

    async def test_confirming_gives_back_what_was_quoted(self, scene: Scene, counter):
        terms = await counter.terms(scene.query)
        done = await counter.refund(terms)
        assert (done.ref, done.refund, done.form) == (terms.order, terms.refund, terms.form)
        assert await scene.carrier.refunded(terms.ref) == done
        assert (await scene.carrier.order(terms.order)).state is OrderState.CANCELLED
        assert (list(scene.orders()), scene.refunds()) == ([], 1)

    async def test_confirming_twice_is_the_same_success(self, scene: Scene, counter):
        terms = await counter.terms(scene.query)
        assert await counter.refund(terms) == await counter.refund(terms)
        assert scene.refunds() == 1

    async def test_a_lost_confirmation_is_unknown_and_then_looked_up(self, scene: Scene, counter):
        terms = await counter.terms(scene.query)
        scene.lose_answer(Verb.REFUND)
        with pytest.raises(Unknown):
            await counter.refund(terms)
        scene.clock.advance(SEND_WITHIN + scene.carrier.profile.recovery[Verb.REFUND].settle_delay)
        assert (await scene.carrier.refunded(terms.ref)).refund == terms.refund
        assert await counter.persist(Verb.REFUND, lambda: counter.refund(terms)) is not None
        assert scene.refunds() == 1

    async def test_a_quote_expires(self, scene: Scene, counter):
        terms = await counter.terms(scene.query)
        scene.clock.advance(terms.expires_at - scene.clock.now())
        with pytest.raises(QuoteExpired):
            await counter.refund(terms)
        assert (list(scene.orders()), scene.refunds()) == (["key-1"], 0)

    async def test_a_quote_of_an_order_that_another_quote_ended_is_no_success(self, scene: Scene, counter):
        first = await counter.terms(scene.query)
        scene.clock.advance(EARLIER)
        await counter.refund(await scene.carrier.quote_refund(first.order))
        assert await ground(counter.refund(first)) is RuleGround.ENDED
        assert await scene.carrier.refunded(first.ref) is None

    async def test_what_is_not_paid_is_not_refundable(self, scene: Scene, counter):
        held = await counter.hold(await counter.offer(scene.query))
        assert await ground(scene.carrier.quote_refund(held.ref)) is RuleGround.NOT_SOLD

    async def test_what_is_cancelled_is_not_refundable(self, scene: Scene, counter):
        _, order = await counter.sold(scene.query)
        await counter.cancel(order)
        assert await ground(scene.carrier.quote_refund(order.ref)) is RuleGround.ENDED

    async def test_a_fare_that_gives_nothing_back_is_not_refundable(self, scene: Scene, counter):
        _, order = await counter.sold(scene.query, refundable=False)
        assert await ground(scene.carrier.quote_refund(order.ref)) in TERMS
        assert list(scene.orders()) == ["key-1"]

    async def test_no_quote_outlives_its_rule(self, scene: Scene, counter):
        first = await counter.terms(scene.query)
        scene.clock.advance(first.rule.deadline - scene.clock.now() - EARLIER)
        terms = await scene.carrier.quote_refund(first.order)
        scene.clock.advance(2 * EARLIER)
        with pytest.raises((NotRefundable, QuoteExpired)):
            await counter.refund(terms)
        assert scene.refunds() == 0

    async def test_what_has_departed_is_not_refundable(self, scene: Scene, counter):
        offer, order = await counter.sold(scene.query)
        scene.clock.advance(offer.departs_at - scene.clock.now())
        assert await ground(scene.carrier.quote_refund(order.ref)) is RuleGround.DEPARTED

    async def test_no_confirmation_is_sent_after_the_last_instant(self, scene: Scene, counter):
        terms = await counter.terms(scene.query)
        late = counter.call("key-4")
        scene.clock.advance(SEND_WITHIN + EARLIER)
        with pytest.raises(Trouble):
            await scene.carrier.refund(terms.ref, late)
        assert scene.refunds() == 0

    async def test_who_cannot_cancel_cannot_refund(self, scene: Scene, counter):
        less = scene.without(Ability.CANCEL)
        with pytest.raises(Unsupported):
            await less.quote_refund("ord_1")
        with pytest.raises(Unsupported):
            await less.refund("ore_1", counter.call("key-4"))
