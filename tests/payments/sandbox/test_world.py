"""The world as a whole: the same in every run, kept and restored to the last key."""

from datetime import timedelta

import pytest

from app.domain.clock import ManualClock
from carriers.sandbox.payments.world import PaymentsWorld
from tests.carriers.worlds import START
from tests.payments.sandbox.talk import act, kinds, opened, seen
from tests.payments.worlds import CHALLENGED, Payer, listen


def story(seed="faregate", order=("a", "b")):
    """A world with something of everything."""
    clock = ManualClock(START)
    world = PaymentsWorld(clock, seed)
    listen(world)
    payer = Payer(world)
    charges = {key: opened(world, key, reference=key) for key in order}
    payer.submit(charges["a"]["form_url"])
    act(world, charges["a"], "capture", "capture", amount_minor=5_000)
    act(world, charges["a"], "refunds", "refund", amount_minor=1_000)
    payer.submit(charges["b"]["form_url"], CHALLENGED)
    return world, clock, charges


def test_the_same_story_has_the_same_ids():
    assert story()[0].ledger() == story()[0].ledger()
    assert story()[0].ledger() != story("another seed")[0].ledger()


def test_a_snapshot_holds_everything():
    world, clock, charges = story()
    saved, ledger, print_, due = world.snapshot(), world.ledger(), world.fingerprint(), len(world.pending_webhooks())
    act(world, charges["b"], "close")
    assert world.fingerprint() != print_
    again = PaymentsWorld(clock, "another seed")
    again.restore(saved)
    assert (again.ledger(), again.fingerprint(), len(again.pending_webhooks())) == (ledger, print_, due)
    assert act(again, charges["a"], "capture", "capture", amount_minor=5_000)[0] == 200
    assert seen(again, charges["a"])["captured_minor"] == 5_000


CHANGES = {
    "a closed charge": lambda world, charges: act(world, charges["b"], "close"),
    "a fault": lambda world, charges: world.faults.add(world.endpoints, {"endpoint": "*", "kind": "slow"}),
    "callbacks taken": lambda world, charges: kinds(world),
    "a key answered": lambda world, charges: act(world, charges["a"], "capture", "another", amount_minor=1),
    "an answered challenge": lambda world, charges: Payer(world).answer(
        Payer(world).state(charges["b"]["form_url"])["challenge_url"], passed=True
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_fingerprint_ignores_ids_and_order_and_nothing_else(change):
    world, _, charges = story("another seed", ("b", "a"))
    print_ = story()[0].fingerprint()
    assert world.fingerprint() == print_
    CHANGES[change](world, charges)
    assert world.fingerprint() != print_


def test_its_time_can_be_moved_forward_only():
    world, _, charges = story()
    world.advance(timedelta(hours=1))
    assert world.now() == START + timedelta(hours=1)
    assert seen(world, charges["b"])["state"] == "closed"
    with pytest.raises(ValueError, match="back"):
        world.advance(timedelta(seconds=-1))
