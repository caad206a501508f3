"""What every carrier promises of its own changes: told with what was and what can be done, and accepted once."""

from datetime import timedelta
from typing import Protocol

import pytest

from app.domain.aftersales import ChangeAction
from app.domain.errors import CarrierRefused, Unknown
from carriers.contract import CarrierOrder, Verb
from tests.carriers.contract import Desk, Scene


class Airline(Scene, Protocol):
    """A scene whose carrier changes flights."""

    def move_flights(self, order: str, minutes: int) -> None:
        """Let the carrier move the order's first journey."""

    def cancel_flights(self, order: str) -> None:
        """Let the carrier no longer fly the order's first journey."""

    def accepted(self) -> int:
        """How many changes of its own stand as accepted in the world's ledger."""


class ChangeDesk(Desk):
    """A desk that also accepts what the carrier changed."""

    async def accept(self, order: CarrierOrder, key: str = "key-4") -> CarrierOrder:
        """One attempt at accepting the carrier's latest change of the order."""
        change = (await self.carrier.changes(order.ref))[0]
        return await self.carrier.accept_change(order.ref, change.ref, self.call(key))


class ChangeContract:
    """Subclasses give a fixture `scene`."""

    @pytest.fixture
    def agent(self, scene: Airline) -> ChangeDesk:
        return ChangeDesk(scene.carrier, scene.clock)

    async def test_an_order_that_nobody_changed_has_no_changes(self, scene: Airline, agent):
        assert list(await scene.carrier.changes((await agent.buy(await agent.offer(scene.query))).ref)) == []

    async def test_a_moved_flight_is_told_with_what_was_and_what_can_be_done(self, scene: Airline, agent):
        bought = await agent.buy(await agent.offer(scene.query))
        scene.move_flights(bought.ref, 90)
        (change,) = await scene.carrier.changes(bought.ref)
        assert (change.order, change.found_at, change.taken) == (bought.ref, scene.clock.now(), None)
        assert [old.departs_at for old in change.removed] == [bought.journeys[0].departs_at]
        assert [new.departs_at - old.departs_at for new, old in zip(change.added, change.removed, strict=True)] == [
            timedelta(minutes=90)
        ]
        assert set(change.actions) == set(ChangeAction)
        assert scene.clock.now() < change.deadline <= change.added[0].departs_at

    async def test_a_cancelled_flight_cannot_be_accepted(self, scene: Airline, agent):
        bought = await agent.buy(await agent.offer(scene.query))
        scene.cancel_flights(bought.ref)
        (change,) = await scene.carrier.changes(bought.ref)
        assert (change.added, set(change.actions)) == ((), {ChangeAction.EXCHANGE, ChangeAction.REFUND})
        with pytest.raises(CarrierRefused):
            await agent.accept(bought)
        assert scene.accepted() == 0

    async def test_accepting_a_change_twice_is_the_same_success(self, scene: Airline, agent):
        bought = await agent.buy(await agent.offer(scene.query))
        scene.move_flights(bought.ref, 90)
        (change,) = await scene.carrier.changes(bought.ref)
        once, twice = await agent.accept(bought), await agent.accept(bought)
        assert once == twice and once.journeys[0].departs_at == change.added[0].departs_at
        assert [each.taken for each in await scene.carrier.changes(bought.ref)] == [ChangeAction.ACCEPT]
        assert scene.accepted() == 1

    async def test_only_the_latest_change_can_be_accepted(self, scene: Airline, agent):
        bought = await agent.buy(await agent.offer(scene.query))
        scene.move_flights(bought.ref, 90)
        scene.clock.advance(timedelta(minutes=1))
        scene.move_flights(bought.ref, 30)
        latest, first = await scene.carrier.changes(bought.ref)
        with pytest.raises(CarrierRefused):
            await scene.carrier.accept_change(bought.ref, first.ref, agent.call("key-4"))
        await scene.carrier.accept_change(bought.ref, latest.ref, agent.call("key-5"))
        assert latest.found_at > first.found_at and scene.accepted() == 1

    async def test_a_lost_acceptance_is_unknown_and_done_once(self, scene: Airline, agent):
        bought = await agent.buy(await agent.offer(scene.query))
        scene.move_flights(bought.ref, 90)
        scene.lose_answer(Verb.ACCEPT)
        with pytest.raises(Unknown):
            await agent.accept(bought)
        assert (await agent.persist(Verb.ACCEPT, lambda: agent.accept(bought))).ref == bought.ref
        assert scene.accepted() == 1
