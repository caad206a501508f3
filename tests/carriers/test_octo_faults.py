"""Each thing that can go wrong with each changing call to an operator, and that recovery leaves its effect once.

Judged by the sandbox's own ledger. One is a negative control: without the settle delay, a confirmation that
takes effect late stands behind a refusal.
"""

from datetime import timedelta

import pytest

from app.domain.errors import Trouble, Unknown
from app.domain.refusals import CarrierRefused, PaymentTooLate
from carriers.contract import OrderState, Verb
from tests.carriers.contract import SEND_WITHIN
from tests.carriers.test_octo import ENDPOINTS
from tests.carriers.test_octo_bookings import Shop
from tests.carriers.test_octo_exchanges import wish

# Status, fees and the refund of the one booking that each leaves behind.
ONCE = {
    Verb.HOLD: ("ON_HOLD", "0.00", None),
    Verb.EXTEND: ("ON_HOLD", "0.00", None),
    Verb.PAY: ("CONFIRMED", "0.00", None),
    Verb.CANCEL: ("CANCELLED", "0.00", "NONE"),
    Verb.REFUND: ("CANCELLED", "0.00", "PARTIAL"),
    Verb.EXCHANGE: ("CONFIRMED", "50.00", None),
}
ENDPOINT = ENDPOINTS | {Verb.EXTEND: "bookings.extend"}
VERBS = pytest.mark.parametrize("verb", list(ONCE))
MAYBE = [
    pytest.param("time_out_before", {}, id="timed out before the effect"),
    pytest.param("lost_reply", {}, id="effect, reply lost"),
    pytest.param("late_effect", {"seconds": 40}, id="effect after the time-out"),
    pytest.param("error_500", {"effect": False}, id="500 instead of the effect"),
    pytest.param("error_500", {"effect": True}, id="500 after the effect"),
    pytest.param("unclear_502", {"effect": True}, id="502 after the effect"),
    pytest.param("error_503", {}, id="503"),
]


class Bench:
    """A shop with something ready to attempt, and how to look what became of it."""

    def __init__(self):
        self.shop = Shop.opened()
        self.look = None

    async def ready(self, verb: Verb):
        """What to attempt, once everything before it is done."""
        shop, offer = self.shop, await self.shop.stay()
        if verb is Verb.HOLD:
            return lambda: shop.hold(offer)
        held = await shop.hold(offer)
        if verb is Verb.EXTEND:
            return lambda: shop.carrier.extend(held.ref, shop.clock.now() + timedelta(hours=30), shop.call("key-9"))
        if verb in {Verb.PAY, Verb.CANCEL}:
            return (lambda: shop.pay(held)) if verb is Verb.PAY else (lambda: shop.cancel(held))
        return await self._after_sale(verb, await shop.pay(held))

    async def _after_sale(self, verb: Verb, order):
        shop = self.shop
        if verb is Verb.REFUND:
            terms = await shop.carrier.quote_refund(order.ref)
            return lambda: shop.carrier.refund(terms.ref, shop.call("key-4"))
        (offer,) = await shop.carrier.quote_exchange(wish(order))
        pending = await shop.carrier.prepare_exchange(offer.ref)
        self.look = lambda: shop.carrier.exchanged(pending)
        return lambda: shop.carrier.exchange(pending, shop.call("key-5"))

    def outcome(self):
        """What the one booking is in the operator's ledger."""
        (booking,) = self.shop.world.ledger()["bookings"]
        return booking["status"], booking["fees"], booking["cancellation"] and booking["cancellation"]["refund"]


@pytest.fixture
def bench():
    return Bench()


@VERBS
@pytest.mark.parametrize(("kind", "more"), MAYBE)
async def test_what_may_have_happened_is_unknown_and_recovery_leaves_one(bench, verb, kind, more):
    attempt = await bench.ready(verb)
    bench.shop.fault(ENDPOINT[verb], kind, **more)
    with pytest.raises(Unknown):
        await attempt()
    bench.shop.clock.advance(SEND_WITHIN + bench.shop.carrier.profile.recovery[verb].settle_delay)
    await bench.shop.persist(verb, attempt, look=bench.look)
    bench.shop.clock.advance(timedelta(minutes=10))
    assert bench.outcome() == ONCE[verb]


@VERBS
async def test_a_rate_limit_is_waited_for_and_the_effect_is_there_once(bench, verb):
    attempt = await bench.ready(verb)
    bench.shop.fault(ENDPOINT[verb], "rate_limited", seconds=5)
    await attempt()
    assert bench.outcome() == ONCE[verb]


@VERBS
async def test_a_rate_limit_that_takes_too_long_is_trouble(bench, verb):
    attempt = await bench.ready(verb)
    bench.shop.fault(ENDPOINT[verb], "rate_limited", seconds=600, times=None)
    with pytest.raises(Trouble) as trouble:
        await attempt()
    assert trouble.value.retry_after > timedelta(minutes=5)


@pytest.mark.parametrize("endpoint", ["products.list", "supplier.get", "availability.departures", "bookings.get"])
@pytest.mark.parametrize("kind", ["error_500", "time_out_before", "lost_reply"])
async def test_a_read_that_gets_no_answer_is_trouble(endpoint, kind):
    shop = Shop.opened()
    shop.fault(endpoint, kind, times=None)
    with pytest.raises(Trouble):
        await shop.carrier.order((await shop.hold(await shop.stay())).ref)


@pytest.mark.parametrize("waits", [True, False])
async def test_only_the_settle_delay_keeps_a_late_confirmation_from_standing_behind_a_refusal(bench, waits):
    attempt = await bench.ready(Verb.PAY)
    bench.shop.fault("bookings.confirm", "late_effect", seconds=40)
    with pytest.raises(Unknown):
        await attempt()
    bench.shop.fault("bookings.confirm", "refused")
    if waits:
        bench.shop.clock.advance(SEND_WITHIN + bench.shop.carrier.profile.recovery[Verb.PAY].settle_delay)
        assert (await attempt()).state is OrderState.CONFIRMED
    else:
        with pytest.raises(CarrierRefused):
            await attempt()
        bench.shop.clock.advance(timedelta(minutes=1))
    assert bench.outcome() == ONCE[Verb.PAY]


async def test_paying_too_late_is_a_refusal_and_stays_one(bench):
    shop = bench.shop
    held = await shop.hold(await shop.stay())
    shop.clock.advance(held.pay_by - shop.clock.now())
    for _ in range(2):
        with pytest.raises(PaymentTooLate):
            await shop.pay(held)
    assert bench.outcome() == ("EXPIRED", "0.00", None)
