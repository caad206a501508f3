"""Each thing that can go wrong with each changing call to Duffel: the branch it takes, and that recovery leaves one.

Judged by the sandbox's own ledger. The last tests are the negative controls: without the settle delay, or retried
blindly, the same faults double the order.
"""

from datetime import timedelta

import pytest

from app.domain.clock import ManualClock
from app.domain.errors import Trouble, Unknown
from app.domain.refusals import CarrierRefused, NotFound, OfferExpired, PaymentTooLate, PriceChanged, SoldOut
from carriers.contract import OrderState, Verb
from carriers.duffel.profile import ACCEPTED_SETTLE_DELAY, SETTLE_DELAY
from carriers.sandbox.duffel.world import DuffelWorld
from tests.carriers.contract import SEND_WITHIN
from tests.carriers.exchange_contract import ChangeDesk
from tests.carriers.refund_contract import Counter
from tests.carriers.test_duffel import ENDPOINTS, QUERY, DuffelScene
from tests.carriers.worlds import START, SandboxTransport, in_process

ORDERS = ENDPOINTS[Verb.HOLD]
SENT = {
    Verb.HOLD: "/air/orders",
    Verb.BUY: "/air/orders",
    Verb.PAY: "/air/payments",
    Verb.CANCEL: "/actions/confirm",
    Verb.REFUND: "/actions/confirm",
    Verb.EXCHANGE: "/actions/confirm",
}


class Bench(Counter, ChangeDesk):
    """A desk at Duffel, with the world behind it. `look` tells what became of what is ready, where that has a way."""

    look = None

    def __init__(self):
        clock = ManualClock(START)
        self.world = DuffelWorld(clock)
        self.transport = SandboxTransport(self.world)
        carrier = in_process(self.world, clock, self.transport)
        super().__init__(carrier, clock)
        self.scene = DuffelScene(carrier, clock, self.world)

    async def ready(self, verb: Verb):
        """What to attempt, once everything before it is done."""
        offer = await self.offer(QUERY)
        if verb is Verb.HOLD:
            return lambda: self.hold(offer)
        if verb is Verb.BUY:
            return lambda: self.buy(offer)
        if verb is Verb.REFUND:
            terms = await self.terms(QUERY)
            return lambda: self.refund(terms)
        if verb is Verb.EXCHANGE:
            _, pending = await self.dearer(QUERY)
            self.look = lambda: self.carrier.exchanged(pending)
            return lambda: self.exchange(pending)
        order = await self.hold(offer)
        return (lambda: self.pay(order)) if verb is Verb.PAY else (lambda: self.cancel(order))

    def outcome(self) -> tuple[int, int, int]:
        """Standing orders, charges and confirmed cancellations in the ledger."""
        cancelled = [each for each in self.world.ledger()["cancellations"] if each["state"] == "confirmed"]
        return len(self.scene.orders()), self.scene.charges(), len(cancelled)

    def times_sent(self, verb: Verb) -> int:
        return sum(request.method == "POST" and request.url.endswith(SENT[verb]) for request in self.transport.sent)


ONCE = {
    Verb.HOLD: (1, 0, 0),
    Verb.BUY: (1, 1, 0),
    Verb.PAY: (1, 1, 0),
    Verb.CANCEL: (0, 0, 1),
    Verb.REFUND: (0, 1, 1),
    Verb.EXCHANGE: (1, 2, 0),
}
VERBS = pytest.mark.parametrize("verb", list(ONCE))


@pytest.fixture
def bench():
    return Bench()


MAYBE = [
    pytest.param("time_out_before", {}, id="timed out before the effect"),
    pytest.param("lost_reply", {}, id="effect, reply lost"),
    pytest.param("late_effect", {"seconds": 100}, id="effect after the time-out"),
    pytest.param("error_500", {"effect": False}, id="500 instead of the effect"),
    pytest.param("error_500", {"effect": True}, id="500 after the effect"),
    pytest.param("unclear_502", {"effect": False}, id="502 instead of the effect"),
    pytest.param("unclear_502", {"effect": True}, id="502 after the effect"),
]


@VERBS
@pytest.mark.parametrize(("kind", "more"), MAYBE)
async def test_what_may_have_happened_is_unknown_and_recovery_leaves_one(bench, verb, kind, more):
    attempt = await bench.ready(verb)
    bench.scene.fault(ENDPOINTS[verb], kind, **more)
    with pytest.raises(Unknown) as unknown:
        await attempt()
    assert unknown.value.settle_delay is None
    assert bench.times_sent(verb) == 1

    bench.clock.advance(SEND_WITHIN + SETTLE_DELAY)
    if verb in {Verb.HOLD, Verb.BUY} and await bench.carrier.find("key-1", since=START):
        assert bench.outcome() == ONCE[verb]
        return
    await attempt()
    assert bench.outcome() == ONCE[verb]


@VERBS
@pytest.mark.parametrize(("kind", "more"), MAYBE)
async def test_the_whole_recovery_ends_with_one(bench, verb, kind, more):
    attempt = await bench.ready(verb)
    bench.scene.fault(ENDPOINTS[verb], kind, times=2, **more)
    await bench.persist(verb, attempt, look=bench.look)
    bench.clock.advance(timedelta(hours=1))
    assert bench.outcome() == ONCE[verb]


@VERBS
@pytest.mark.parametrize(
    ("kind", "more"),
    [pytest.param("error_503", {}, id="503"), pytest.param("rate_limited", {"seconds": 600}, id="429 for long")],
)
async def test_what_did_not_happen_is_trouble_and_may_be_asked_again(bench, verb, kind, more):
    attempt = await bench.ready(verb)
    before = bench.outcome()
    bench.scene.fault(ENDPOINTS[verb], kind, **more)
    with pytest.raises(Trouble) as trouble:
        await attempt()
    assert bench.outcome() == before
    bench.clock.advance(trouble.value.retry_after or timedelta())
    await attempt()
    assert bench.outcome() == ONCE[verb]


async def test_a_long_rate_limit_names_its_pause(bench):
    attempt = await bench.ready(Verb.HOLD)
    bench.scene.fault(ORDERS, "rate_limited", seconds=600)
    with pytest.raises(Trouble) as trouble:
        await attempt()
    assert trouble.value.retry_after == timedelta(seconds=600)


@VERBS
async def test_a_short_rate_limit_is_waited_for(bench, verb):
    attempt = await bench.ready(verb)
    bench.scene.fault(ENDPOINTS[verb], "rate_limited", seconds=2)
    await attempt()
    assert bench.outcome() == ONCE[verb]


@pytest.mark.parametrize("verb", [Verb.HOLD, Verb.BUY])
class TestCreatingAnOrder:
    async def test_order_not_created_is_a_refusal(self, bench, verb):
        attempt = await bench.ready(verb)
        bench.scene.fault(ORDERS, "order_not_created")
        with pytest.raises(CarrierRefused) as refused:
            await attempt()
        assert refused.value.reason == "order_not_created"
        assert bench.outcome() == (0, 0, 0)

    async def test_accepted_and_then_created_is_found(self, bench, verb):
        attempt = await bench.ready(verb)
        bench.scene.fault(ORDERS, "accepted_202_created", seconds=1200)
        with pytest.raises(Unknown) as unknown:
            await attempt()
        assert unknown.value.settle_delay == ACCEPTED_SETTLE_DELAY
        bench.clock.advance(SEND_WITHIN + unknown.value.settle_delay)
        assert await bench.carrier.find("key-1", since=START)
        assert bench.outcome() == ONCE[verb]

    async def test_accepted_and_then_failed_is_not_found(self, bench, verb):
        attempt = await bench.ready(verb)
        bench.scene.fault(ORDERS, "accepted_202_failed", seconds=1200)
        with pytest.raises(Unknown) as unknown:
            await attempt()
        bench.clock.advance(SEND_WITHIN + unknown.value.settle_delay)
        assert await bench.carrier.find("key-1", since=START) is None
        # By now the offer has expired, so asking again is a clear no.
        with pytest.raises(OfferExpired):
            await attempt()
        assert bench.outcome() == (0, 0, 0)

    async def test_sold_out_is_a_refusal(self, bench, verb):
        attempt = await bench.ready(verb)
        bench.scene.fault(ORDERS, "sold_out")
        with pytest.raises(SoldOut):
            await attempt()
        assert bench.outcome() == (0, 0, 0)

    async def test_a_changed_price_is_a_refusal_with_both_totals(self, bench, verb):
        offer = await bench.offer(QUERY)
        bench.scene.fault(ORDERS, "price_changed", percent=10)
        with pytest.raises(PriceChanged) as changed:
            await (bench.hold(offer) if verb is Verb.HOLD else bench.buy(offer))
        assert changed.value.old_total == offer.total
        assert changed.value.new_total == (await bench.carrier.check(offer.ref)).total > offer.total
        assert bench.outcome() == (0, 0, 0)

    async def test_an_expired_offer_is_a_refusal(self, bench, verb):
        attempt = await bench.ready(verb)
        bench.clock.advance(timedelta(hours=2))
        with pytest.raises(OfferExpired):
            await attempt()
        assert bench.outcome() == (0, 0, 0)

    async def test_looking_up_too_early_doubles_it(self, bench, verb):
        """Negative control: the settle delay is what keeps it at one."""
        attempt = await bench.ready(verb)
        bench.scene.fault(ORDERS, "late_effect", seconds=100)
        with pytest.raises(Unknown):
            await attempt()
        bench.clock.advance(timedelta(seconds=50))
        assert await bench.carrier.find("key-1", since=START) is None
        await attempt()
        bench.clock.advance(SETTLE_DELAY)
        assert len(bench.scene.orders()) == 2

    async def test_retrying_blindly_doubles_it(self, bench, verb):
        """Negative control: looking first is what keeps it at one."""
        attempt = await bench.ready(verb)
        bench.scene.fault(ORDERS, "lost_reply")
        with pytest.raises(Unknown):
            await attempt()
        await attempt()
        assert len(bench.scene.orders()) == 2


class TestPaying:
    async def test_accepted_is_unknown_for_hours_and_paid_once(self, bench):
        attempt = await bench.ready(Verb.PAY)
        bench.scene.fault("payments.create", "accepted_202_created", seconds=1200)
        with pytest.raises(Unknown) as unknown:
            await attempt()
        bench.clock.advance(SEND_WITHIN + unknown.value.settle_delay)
        assert (await attempt()).state is OrderState.CONFIRMED
        assert bench.scene.charges() == 1

    async def test_a_changed_price_is_a_refusal_with_both_totals(self, bench):
        order = await bench.hold(await bench.offer(QUERY))
        bench.scene.fault("payments.create", "price_changed", percent=10)
        with pytest.raises(PriceChanged) as changed:
            await bench.pay(order)
        assert changed.value.old_total == order.total
        assert changed.value.new_total == (await bench.carrier.order(order.ref)).total > order.total
        assert bench.scene.charges() == 0

    async def test_too_late_is_a_refusal(self, bench):
        order = await bench.hold(await bench.offer(QUERY))
        bench.clock.advance(timedelta(days=4))
        with pytest.raises(PaymentTooLate):
            await bench.pay(order)
        assert (await bench.carrier.order(order.ref)).state is OrderState.CANCELLED
        assert bench.scene.charges() == 0

    async def test_a_cancelled_order_cannot_be_paid(self, bench):
        order = await bench.hold(await bench.offer(QUERY))
        await bench.cancel(order)
        with pytest.raises(CarrierRefused) as refused:
            await bench.pay(order)
        assert refused.value.reason == "already_cancelled"

    async def test_an_unknown_order_is_not_found(self, bench):
        order = await bench.hold(await bench.offer(QUERY))
        with pytest.raises(NotFound):
            await bench.carrier.pay("ord_of_nobody", order.total, bench.call("key-2"))

    async def test_success_stays_success_when_the_order_cannot_be_read_afterwards(self, bench):
        attempt = await bench.ready(Verb.PAY)
        bench.scene.fault("orders.get", "error_500", times=1)
        with pytest.raises(Unknown):
            await attempt()
        assert bench.scene.charges() == 1
        assert (await attempt()).state is OrderState.CONFIRMED
        assert bench.scene.charges() == 1

    async def test_tickets_may_come_later(self, bench):
        order = await bench.hold(await bench.offer(QUERY))
        bench.scene.fault("payments.create", "documents_later", hours=2)
        assert (await bench.pay(order)).tickets == ()
        bench.clock.advance(timedelta(hours=3))
        assert len((await bench.carrier.order(order.ref)).tickets) == 1


class TestCancelling:
    async def test_a_lapsed_hold_is_cancelled_already(self, bench):
        order = await bench.hold(await bench.offer(QUERY))
        bench.clock.advance(timedelta(days=4))
        assert (await bench.cancel(order)).refund is None

    async def test_a_bought_order_gives_back_what_its_conditions_say(self, bench):
        offers = (await bench.carrier.search(QUERY, deadline=timedelta(seconds=10))).offers
        offer = next(each for each in offers if each.conditions.refund and each.conditions.refund.allowed)
        cancelled = await bench.cancel(await bench.buy(offer))
        assert cancelled.refund == offer.total - offer.conditions.refund.fee
        assert bench.scene.refunds() == 1

    async def test_another_quote_in_between_makes_ours_stale_and_is_overcome(self, bench):
        order = await bench.hold(await bench.offer(QUERY))
        meddler = Meddler(bench.world, order.ref)
        carrier = in_process(bench.world, bench.clock, meddler)
        await carrier.cancel(order.ref, bench.call("key-3"))
        assert meddler.meddled
        assert bench.outcome() == ONCE[Verb.CANCEL]


class Meddler(SandboxTransport):
    """Somebody else who asks for a quote just before ours is confirmed, once."""

    def __init__(self, world, order):
        super().__init__(world)
        self.order = order
        self.meddled = False

    async def send(self, request, timeout):
        if request.url.endswith("/actions/confirm") and not self.meddled:
            self.meddled = True
            quote = next(each for each in self.sent if each.url.endswith("/air/order_cancellations"))
            await super().send(quote, timeout)
        return await super().send(request, timeout)
