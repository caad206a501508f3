"""Changes from the airline's side through Duffel: what can go wrong with accepting one, and what cannot be read."""

from datetime import timedelta

import pytest

from app.domain.aftersales import ChangeAction
from app.domain.errors import Trouble, Unknown
from app.domain.refusals import CarrierRefused, NotFound
from app.wire.facts import Incomplete
from carriers.contract import Verb
from carriers.duffel import airline_changes
from carriers.duffel.profile import SETTLE_DELAY
from carriers.sandbox.duffel.show_order import airline_change_json
from tests.carriers.change_contract import ChangeDesk
from tests.carriers.contract import SEND_WITHIN
from tests.carriers.test_duffel import ENDPOINTS, QUERY
from tests.carriers.test_duffel_faults import MAYBE
from tests.carriers.test_duffel_faults import Bench as Faults

ACCEPT = ENDPOINTS[Verb.ACCEPT]


class Bench(ChangeDesk, Faults):
    """A desk at Duffel that accepts changes, with the world behind it."""

    async def accept_newest(self, order):
        """One attempt at accepting what the airline changed last."""
        return await self.accept(order, (await self.changes(order))[0])


@pytest.fixture
def bench():
    return Bench()


@pytest.fixture
async def order(bench):
    """A bought order that the airline has moved."""
    bought = await bench.buy(await bench.offer(QUERY))
    bench.scene.move(bought.ref)
    return bought


@pytest.fixture
def told(bench, order):
    """The change as Duffel writes it."""
    (made,) = bench.world._core.facts.airline_changes.values()
    return airline_change_json(bench.world._core, made)


@pytest.mark.parametrize(("kind", "more"), MAYBE)
async def test_an_acceptance_that_may_have_happened_is_unknown_and_then_done_once(bench, order, kind, more):
    bench.scene.fault(ACCEPT, kind, **more)
    with pytest.raises(Unknown):
        await bench.accept_newest(order)
    bench.clock.advance(SEND_WITHIN + SETTLE_DELAY)
    assert (await bench.accept_newest(order)).ref == order.ref
    assert bench.scene.accepted() == 1


@pytest.mark.parametrize("kind", ["error_503", "rate_limited"])
async def test_an_acceptance_that_did_not_happen_is_trouble(bench, order, kind):
    bench.scene.fault(ACCEPT, kind, seconds=600)
    with pytest.raises(Trouble):
        await bench.accept_newest(order)
    assert bench.scene.accepted() == 0


async def test_an_acceptance_whose_order_cannot_be_read_afterwards_is_unknown(bench, order):
    bench.scene.fault("orders.get", "error_503", times=None)
    with pytest.raises(Unknown):
        await bench.accept_newest(order)
    assert bench.scene.accepted() == 1


async def test_a_change_that_another_followed_is_refused_by_its_reason(bench, order):
    first = (await bench.carrier.changes(order.ref))[0]
    bench.scene.move(order.ref, again=True)
    with pytest.raises(CarrierRefused) as refused:
        await bench.carrier.accept_change(order.ref, first.ref, bench.call("key-4"))
    assert refused.value.reason == "stale_airline_initiated_change_accept"


async def test_the_changes_of_an_unknown_order_are_not_found(bench):
    with pytest.raises(NotFound):
        await bench.carrier.changes("ord_of_nobody")


def test_the_departure_ends_the_choice(told):
    change = airline_changes.heard(told)
    assert change.deadline == change.added[0].departs_at == change.removed[0].departs_at + timedelta(minutes=90)
    cancelled = airline_changes.heard(told | {"added": []})
    assert cancelled.deadline == cancelled.removed[0].departs_at


@pytest.mark.parametrize(
    ("written", "meant"),
    [("accepted", ChangeAction.ACCEPT), ("changed", ChangeAction.EXCHANGE), ("cancelled", ChangeAction.REFUND)],
)
def test_what_was_done_is_heard(told, written, meant):
    assert airline_changes.heard(told | {"action_taken": written, "available_actions": []}).taken is meant


def test_what_is_settled_with_the_airline_itself_is_no_choice_here(told):
    assert airline_changes.heard(told | {"available_actions": ["update"]}).actions == ()


@pytest.mark.parametrize("damage", [{"removed": []}, {"action_taken": "ignored"}, {"id": None}, {"created_at": "now"}])
def test_what_lacks_a_fact_is_incomplete(told, damage):
    with pytest.raises(Incomplete):
        airline_changes.heard(told | damage)
