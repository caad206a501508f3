"""Each thing that can go wrong with each changing call to the sandbox provider: asking again leaves one effect.

Judged by the world's own ledger. The last test is the negative control: under another key the same recovery doubles.
"""

from datetime import timedelta

import pytest

from app.domain.clock import ManualClock
from app.domain.errors import Trouble, Unknown
from app.domain.refusals import CaptureRefused, NotFound, RefundRefused
from app.payments.contract import ChargeState, PaymentVerb
from app.wire.messages import Response
from carriers.sandbox.payments.world import PaymentsWorld
from tests.carriers.worlds import START
from tests.payments.contract import PART, PRICE, Till
from tests.payments.test_sandbox import SandboxScene
from tests.payments.worlds import in_process_provider, listen

VERBS = pytest.mark.parametrize("verb", list(PaymentVerb))
MAYBE = [
    pytest.param("time_out_before", {}, id="timed out before the effect"),
    pytest.param("lost_reply", {}, id="effect, reply lost"),
    pytest.param("late_effect", {"seconds": 100}, id="effect after the time-out"),
    pytest.param("error_500", {"effect": False}, id="500 instead of the effect"),
    pytest.param("error_500", {"effect": True}, id="500 after the effect"),
    pytest.param("unclear_502", {"effect": False}, id="502 instead of the effect"),
    pytest.param("unclear_502", {"effect": True}, id="502 after the effect"),
]


class Bench(Till):
    """A till at the sandbox provider, with the world behind it."""

    def __init__(self):
        clock = ManualClock(START)
        self.world = PaymentsWorld(clock)
        listen(self.world)
        super().__init__(SandboxScene(in_process_provider(self.world, clock), clock, self.world))

    def fault(self, verb, kind, **more):
        wish = {"endpoint": f"charges.{verb.lower()}", "kind": kind, **more}
        self.world.faults.add(self.world.endpoints, wish)

    async def ready(self, verb):
        """What to attempt, under one key or another, once everything before it is done."""
        before = {
            PaymentVerb.CLOSE: self.open,
            PaymentVerb.AUTHORISE: self.open,
            PaymentVerb.CAPTURE: self.authorised,
            PaymentVerb.VOID: self.authorised,
            PaymentVerb.REFUND: self.captured,
        }
        if verb is PaymentVerb.OPEN:
            # The gateway asks again with the wish from its journal, whatever the time.
            wish = self.wish()
            return lambda key: self.provider.open(wish, self.call(key))
        charge = await before[verb]()
        return lambda key: getattr(self, verb.lower())(charge, key=key)

    def outcome(self):
        """All charges: state, captured, refunded, attempts."""
        return [
            (each["state"], each["captured_minor"], each["refunded_minor"], each["attempts"])
            for each in self.world.ledger()["charges"]
        ]


ONCE = {
    PaymentVerb.OPEN: [("open", 0, 0, 0)],
    PaymentVerb.CLOSE: [("closed", 0, 0, 0)],
    PaymentVerb.AUTHORISE: [("authorised", 0, 0, 1)],
    PaymentVerb.CAPTURE: [("captured", PRICE.minor, 0, 1)],
    PaymentVerb.VOID: [("closed", 0, 0, 1)],
    PaymentVerb.REFUND: [("captured", PRICE.minor, PART.minor, 1)],
}


@pytest.fixture
def bench():
    return Bench()


@VERBS
@pytest.mark.parametrize(("kind", "more"), MAYBE)
async def test_what_may_have_happened_is_unknown_and_asking_again_at_once_leaves_one(bench, verb, kind, more):
    attempt = await bench.ready(verb)
    bench.fault(verb, kind, **more)
    with pytest.raises(Unknown):
        await attempt("the key")
    await attempt("the key")
    bench.scene.clock.advance(timedelta(minutes=5))
    assert bench.outcome() == ONCE[verb]


@VERBS
@pytest.mark.parametrize(("kind", "more"), MAYBE)
async def test_asking_again_late_leaves_one_too(bench, verb, kind, more):
    attempt = await bench.ready(verb)
    bench.fault(verb, kind, **more)
    with pytest.raises(Unknown):
        await attempt("the key")
    bench.scene.clock.advance(timedelta(minutes=5))
    await attempt("the key")
    assert bench.outcome() == ONCE[verb]


@VERBS
@pytest.mark.parametrize(
    ("kind", "more"),
    [pytest.param("error_503", {}, id="503"), pytest.param("rate_limited", {"seconds": 600}, id="429 for long")],
)
async def test_what_did_not_happen_is_trouble_and_may_be_asked_again(bench, verb, kind, more):
    attempt = await bench.ready(verb)
    before = bench.outcome()
    bench.fault(verb, kind, **more)
    with pytest.raises(Trouble) as trouble:
        await attempt("the key")
    assert bench.outcome() == before
    bench.scene.clock.advance(trouble.value.retry_after or timedelta())
    await attempt("the key")
    assert bench.outcome() == ONCE[verb]


async def test_a_refused_capture_leaves_the_authorisation_to_be_voided(bench):
    charge = await bench.authorised()
    bench.fault(PaymentVerb.CAPTURE, "refused")
    for _ in range(2):
        with pytest.raises(CaptureRefused) as refused:
            await bench.capture(charge, key="the key")
        assert refused.value.reason == "card_declined"
    assert (await bench.void(charge)).state is ChargeState.CLOSED


async def test_a_refused_refund_leaves_the_money_where_it_is(bench):
    charge = await bench.captured()
    bench.fault(PaymentVerb.REFUND, "refused")
    with pytest.raises(RefundRefused) as refused:
        await bench.refund(charge)
    assert refused.value.reason == "card_declined"
    assert bench.scene.net() == PRICE


async def test_a_charge_that_was_captured_late_is_refused(bench):
    charge = await bench.authorised()
    bench.scene.clock.advance(timedelta(days=8))
    with pytest.raises(CaptureRefused) as refused:
        await bench.capture(charge)
    assert refused.value.reason == "wrong_state"


@pytest.mark.parametrize("kind", ["lost_reply", "error_500", "error_503"])
async def test_a_read_that_goes_wrong_for_good_is_trouble(bench, kind):
    charge = await bench.open()
    bench.world.faults.add(bench.world.endpoints, {"endpoint": "*", "kind": kind, "times": None})
    for read in (
        lambda: bench.provider.charge(charge.ref),
        lambda: bench.provider.find("key-1", since=START),
        lambda: bench.provider.billing(charge.ref),
    ):
        with pytest.raises(Trouble):
            await read()


async def test_asking_again_under_another_key_doubles_it(bench):
    """Negative control: the key is what keeps it at one."""
    for verb in (PaymentVerb.OPEN, PaymentVerb.REFUND):
        attempt = await bench.ready(verb)
        bench.fault(verb, "lost_reply")
        with pytest.raises(Unknown):
            await attempt(f"{verb} 1")
        await attempt(f"{verb} 2")
    charges = bench.world.ledger()["charges"]
    assert len(charges) == 3 and charges[-1]["refunded_minor"] == 2 * PART.minor


class Canned:
    """Answers every request the same."""

    def __init__(self, status, body):
        self.answer = Response(status=status, body=body)

    async def send(self, request, timeout):
        return self.answer


def telling(status, body):
    bench = Bench()
    bench.scene.provider = in_process_provider(bench.world, bench.scene.clock, Canned(status, body))
    return bench


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (401, b'{"error": {"code": "unauthenticated"}}'),
        (409, b'{"error": {"code": "key_reused"}}'),
        (422, b'{"error": {"code": "invalid"}}'),
        (404, b"<html>no such page</html>"),
        (402, b'{"error": "card_declined"}'),
        (418, b'{"error": {"code": "teapot"}}'),
    ],
)
async def test_a_no_that_is_not_documented_is_our_trouble(status, body):
    bench = telling(status, body)
    with pytest.raises(Trouble):
        await bench.provider.capture("ch_1", PRICE, bench.call())
    with pytest.raises(Trouble):
        await bench.provider.charge("ch_1")


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (500, b'{"error": {"code": "card_declined"}}'),
        (502, b""),
        (200, b"<html>"),
        (200, b"[]"),
        (200, b'{"id": "ch_1"}'),
        (201, b'{"id": "ch_1", "state": "melted", "currency": "GBP", "amount_minor": 1}'),
        (204, b""),
        (302, b""),
    ],
)
async def test_an_answer_that_cannot_be_understood_may_have_had_its_effect(status, body):
    bench = telling(status, body)
    for write in (
        lambda: bench.provider.capture("ch_1", PRICE, bench.call()),
        lambda: bench.provider.open(bench.wish(), bench.call()),
    ):
        with pytest.raises(Unknown):
            await write()
    with pytest.raises(Trouble):
        await bench.provider.charge("ch_1")


async def test_an_unreadable_refund_may_have_been_given_and_an_unreadable_list_is_trouble():
    bench = telling(201, b'{"id": "rf_1"}')
    with pytest.raises(Unknown):
        await bench.provider.refund("ch_1", PART, bench.call())
    with pytest.raises(Trouble):
        await telling(200, b'{"charges": [{"id": "ch_1"}]}').provider.find("key", since=START)
    with pytest.raises(Trouble):
        await telling(200, b'{"charges": [{"id": "ch_1"}], "after": null}').provider.charges(since=START)


async def test_a_reason_we_do_not_know_is_a_plain_decline():
    bench = telling(402, b'{"error": {"code": "card_declined", "reason": "mood"}}')
    with pytest.raises(Exception, match="declined") as declined:
        await bench.provider.authorise("ch_1", "tok_1", bench.call())
    assert declined.value.reason == "DECLINED"


async def test_what_was_opened_long_before_is_not_found(bench):
    await bench.open("the key")
    assert await bench.provider.find("the key", since=START + timedelta(hours=1)) is None


async def test_a_charge_unknown_to_the_provider_is_not_found_for_every_verb(bench):
    for attempt in (
        lambda: bench.provider.authorise("ch_nobody", "tok_approved", bench.call()),
        lambda: bench.provider.void("ch_nobody", bench.call()),
    ):
        with pytest.raises(NotFound):
            await attempt()
