"""What Stripe's answers are taken for: lost, refused, faulty, unreadable; and what asking again makes of them."""

from dataclasses import replace
from datetime import timedelta

import pytest

from app.domain.errors import Trouble, Unknown
from app.domain.recovery import Call, Lost
from app.domain.refusals import CaptureRefused
from app.payments.contract import ChargeState, PaymentVerb
from tests.payments.fake_stripe import GOOD
from tests.payments.stripe_scenes import EUROS, PATHS, START, Till, wish


@pytest.fixture
def till():
    return Till()


ENDS = {
    PaymentVerb.CLOSE: ChargeState.CLOSED,
    PaymentVerb.AUTHORISE: ChargeState.AUTHORISED,
    PaymentVerb.CAPTURE: ChargeState.CAPTURED,
    PaymentVerb.VOID: ChargeState.CLOSED,
}


async def ask(till, verb):
    """The verb on a charge that is ready for it, as a function that asks once."""
    ready = {
        PaymentVerb.CLOSE: till.open,
        PaymentVerb.AUTHORISE: till.open,
        PaymentVerb.CAPTURE: till.authorised,
        PaymentVerb.VOID: till.authorised,
        PaymentVerb.REFUND: till.captured,
    }
    ref = (await ready[verb]()).ref if verb in ready else ""
    session = wish(till.clock)
    asks = {
        PaymentVerb.OPEN: lambda call: till.stripe.open(session, call),
        PaymentVerb.CLOSE: lambda call: till.stripe.close(ref, call),
        PaymentVerb.AUTHORISE: lambda call: till.stripe.authorise(ref, GOOD, call),
        PaymentVerb.CAPTURE: lambda call: till.stripe.capture(ref, EUROS, call),
        PaymentVerb.VOID: lambda call: till.stripe.void(ref, call),
        PaymentVerb.REFUND: lambda call: till.stripe.refund(ref, EUROS, call),
    }
    return lambda key="the key", **call: asks[verb](Call(key=key, **call) if call else till.call(key))


def judge(till, verb, answer):
    """Whatever was lost on the way, it happened exactly once."""
    assert len(till.world.intents) == 1
    assert len(till.world.refunds) == (1 if verb is PaymentVerb.REFUND else 0)
    if verb in ENDS:
        assert answer.state is ENDS[verb]


@pytest.mark.parametrize("verb", PaymentVerb)
async def test_a_lost_answer_is_unknown_and_asking_again_finds_it_done_once(till, verb):
    asked = await ask(till, verb)
    till.world.faults.append((PATHS[verb], "lost"))
    with pytest.raises(Unknown):
        await asked()
    judge(till, verb, await asked())
    assert till.stripe.profile.recovery[verb].lost is Lost.IDEMPOTENT


@pytest.mark.parametrize("verb", PaymentVerb)
async def test_a_connection_that_is_refused_is_trouble(till, verb):
    asked = await ask(till, verb)
    till.world.faults.append((PATHS[verb], "refused"))
    with pytest.raises(Trouble):
        await asked()
    judge(till, verb, await asked())


@pytest.mark.parametrize("verb", PaymentVerb)
async def test_a_rate_limit_is_trouble(till, verb):
    asked = await ask(till, verb)
    till.world.faults.append((PATHS[verb], 429))
    with pytest.raises(Trouble):
        await asked()
    till.clock.advance(timedelta(seconds=61))
    judge(till, verb, await asked())


@pytest.mark.parametrize("verb", PaymentVerb)
@pytest.mark.parametrize("status", [500, 502, 503, 409, 424])
async def test_a_fault_after_the_effect_is_unknown_and_then_found_done_once(till, verb, status):
    asked = await ask(till, verb)
    till.world.faults.append((PATHS[verb], (status,)))
    with pytest.raises(Unknown):
        await asked()
    judge(till, verb, await asked())


@pytest.mark.parametrize("verb", PaymentVerb)
async def test_a_fault_before_the_effect_is_unknown_and_ends_with_the_life_of_the_key_at_the_latest(till, verb):
    asked = await ask(till, verb)
    till.world.faults.append((PATHS[verb], 500))
    with pytest.raises(Unknown):
        await asked()
    if verb in {PaymentVerb.AUTHORISE, PaymentVerb.REFUND}:
        # Stripe answers with the fault again; what it means for the money is not known before.
        with pytest.raises(Unknown):
            await asked()
    if verb is PaymentVerb.REFUND:
        till.clock.advance(timedelta(days=1))
    judge(till, verb, await asked("another attempt" if verb is PaymentVerb.AUTHORISE else "the key"))


@pytest.mark.parametrize("verb", PaymentVerb)
async def test_nothing_is_sent_after_the_last_instant(till, verb):
    asked = await ask(till, verb)
    before = len([request for request in till.world.sent if request.method == "POST"])
    with pytest.raises(Trouble):
        await asked(send_by=till.clock.now() - timedelta(seconds=1))
    assert len([request for request in till.world.sent if request.method == "POST"]) == before


@pytest.mark.parametrize("verb", PaymentVerb)
@pytest.mark.parametrize(
    "body", [b"<html>", b"[]", b"{}", b"null", b"\xff", b'{"id": "pi_1", "object": "payment_intent"}']
)
async def test_an_answer_to_a_write_that_cannot_be_read_is_unknown(till, verb, body):
    asked = await ask(till, verb)
    till.world.faults.append((PATHS[verb], body))
    with pytest.raises(Unknown):
        await asked()
    judge(till, verb, await asked())


@pytest.mark.parametrize(
    "fault", [b"<html>", b"[]", b"{}", b'{"object": "list"}', b'{"id": "pi_1"}', 500, 401, "lost", "refused"]
)
async def test_a_read_that_comes_to_nothing_is_trouble(till, fault):
    taken = await till.captured()
    reads = {
        f"GET/{taken.ref}": lambda: till.stripe.charge(taken.ref),
        "GET/payment_intents": lambda: till.stripe.find("open", since=START),
        "GET/refunds": lambda: till.stripe.charge(taken.ref),
        "GET/charges": lambda: till.stripe.charge(taken.ref),
    }
    for path, asked in reads.items():
        # The wire asks a read again as long as there is time.
        till.world.faults += [(path, fault)] * 40
        with pytest.raises(Trouble):
            await asked()
        till.world.faults.clear()


async def test_what_was_done_and_cannot_be_read_afterwards_is_unknown(till):
    held = await till.authorised()
    till.world.faults += [("GET/charges", 500)]
    with pytest.raises(Unknown):
        await till.stripe.capture(held.ref, EUROS, till.call("capture"))
    assert (await till.stripe.capture(held.ref, EUROS, till.call("capture"))).captured == EUROS


@pytest.mark.parametrize("body", [b'{"error": "invalid_grant"}', b'{"error": null}', b"{}"])
@pytest.mark.parametrize("status", [400, 402, 404])
async def test_an_error_that_is_not_written_as_stripes_decides_nothing(till, status, body):
    opened = await till.open()
    sent = till.world.send

    async def strange(request, timeout):
        response = await sent(request, timeout)
        return replace(response, status=status, body=body) if request.url.endswith("/confirm") else response

    till.world.send = strange
    with pytest.raises(Unknown):
        await till.stripe.authorise(opened.ref, GOOD, till.call())


async def test_an_issuer_that_lets_nothing_be_taken_refuses_the_capture(till):
    held = await till.authorised()
    till.world.declines_captures = True
    with pytest.raises(CaptureRefused) as no:
        await till.stripe.capture(held.ref, EUROS, till.call("capture"))
    assert no.value.reason == "card_declined"


async def test_an_answer_to_a_read_that_cannot_be_read_is_trouble(till):
    opened = await till.open()
    till.world.intents[opened.ref]["status"] = "a state of tomorrow"
    for asked in (till.stripe.charge(opened.ref), till.stripe.find("open", since=START)):
        with pytest.raises(Trouble):
            await asked


async def test_a_charge_that_cannot_be_read_hides_no_other_of_the_list(till, caplog):
    strange, opened = await till.open(), await till.open(key="another")
    till.world.intents[strange.ref]["status"] = "a state of tomorrow"
    assert [each.charge.ref for each in await till.stripe.charges(since=START)] == [opened.ref]
    assert "left out" in caplog.text
