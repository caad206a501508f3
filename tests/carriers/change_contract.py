"""What every carrier promises of its own changes: told with what was and what can be done, and accepted once."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol

import pytest

from app.domain.aftersales import CarrierChange, ChangeAction
from app.domain.errors import Unknown
from app.domain.itinerary import Journey
from app.domain.refusals import CarrierRefused
from app.domain.tours import TourStay
from carriers.contract import CarrierOrder, Verb
from tests.carriers.contract import Desk, Scene


class Changing(Scene, Protocol):
    """A scene whose carrier changes what it has sold."""

    def move(self, order: str, *, again: bool = False) -> None:
        """Let the carrier move what the order is for; `again`, elsewhere than the first time."""

    def ground(self, order: str) -> None:
        """Let the carrier no longer run what the order is for."""

    def accepted(self) -> int:
        """How many changes of its own stand as accepted in the world's ledger."""


class ChangeDesk(Desk):
    """A desk that also accepts what the carrier changed."""

    async def bought(self, scene: Scene) -> CarrierOrder:
        """What the query finds first, paid."""
        return await self.sell(await self.offer(scene.query))

    async def changes(self, order: CarrierOrder) -> Sequence[CarrierChange]:
        """The changes of an order that was sold like this."""
        return await self.carrier.changes(order.ref, order.stay)

    async def accept(self, order: CarrierOrder, change: CarrierChange, key: str = "key-4") -> CarrierOrder:
        """One attempt at accepting the change."""
        return await self.carrier.accept_change(order.ref, change.ref, self.call(key))


def leaves(journeys: Sequence[Journey], stay: TourStay | None) -> list[datetime]:
    """When the journeys or the tour leave."""
    return [stay.departs_at] if stay else [journey.departs_at for journey in journeys]


class ChangeContract:
    """Subclasses give a fixture `scene`; `heard` is 0 where nobody can be told of an acceptance.

    `left_of_cancelled` is what can be done about what the carrier runs no more.
    """

    heard = 1
    left_of_cancelled = frozenset({ChangeAction.EXCHANGE, ChangeAction.REFUND})

    @pytest.fixture
    def agent(self, scene: Changing) -> ChangeDesk:
        return ChangeDesk(scene.carrier, scene.clock)

    async def test_an_order_that_nobody_changed_has_no_changes(self, scene: Changing, agent):
        assert list(await agent.changes(await agent.bought(scene))) == []

    async def test_a_move_is_told_with_what_was_and_what_can_be_done(self, scene: Changing, agent):
        bought = await agent.bought(scene)
        scene.move(bought.ref)
        (change,), now_is = await agent.changes(bought), await scene.carrier.order(bought.ref)
        assert (change.order, change.found_at, change.taken) == (bought.ref, scene.clock.now(), None)
        assert leaves(change.removed, change.replaced) == leaves(bought.journeys, bought.stay)
        assert leaves(change.added, change.stay) == leaves(now_is.journeys, now_is.stay)
        assert leaves(change.added, change.stay) != leaves(change.removed, change.replaced)
        assert set(change.actions) == set(ChangeAction)
        assert scene.clock.now() < change.deadline <= leaves(change.added, change.stay)[0]

    async def test_what_was_cancelled_cannot_be_accepted(self, scene: Changing, agent):
        bought = await agent.bought(scene)
        scene.ground(bought.ref)
        (change,) = await agent.changes(bought)
        assert (change.cancelled, set(change.actions)) == (True, self.left_of_cancelled)
        with pytest.raises(CarrierRefused):
            await agent.accept(bought, change)
        assert scene.accepted() == 0

    async def test_accepting_a_change_twice_is_the_same_success(self, scene: Changing, agent):
        bought = await agent.bought(scene)
        scene.move(bought.ref)
        (change,) = await agent.changes(bought)
        once, twice = await agent.accept(bought, change), await agent.accept(bought, change)
        assert once == twice
        assert leaves(once.journeys, once.stay) == leaves(change.added, change.stay)
        assert {each.taken for each in await agent.changes(once)} <= {ChangeAction.ACCEPT}
        assert scene.accepted() == self.heard

    async def test_only_the_latest_change_can_be_accepted(self, scene: Changing, agent):
        bought = await agent.bought(scene)
        scene.move(bought.ref)
        first = (await agent.changes(bought))[0]
        scene.clock.advance(timedelta(minutes=1))
        scene.move(bought.ref, again=True)
        latest = (await agent.changes(bought))[0]
        with pytest.raises(CarrierRefused):
            await agent.accept(bought, first)
        await agent.accept(bought, latest, "key-5")
        assert latest.found_at > first.found_at
        assert scene.accepted() == self.heard

    async def test_a_lost_acceptance_is_unknown_and_done_once(self, scene: Changing, agent):
        bought = await agent.bought(scene)
        scene.move(bought.ref)
        (change,) = await agent.changes(bought)
        scene.lose_answer(Verb.ACCEPT)
        with pytest.raises(Unknown):
            await agent.accept(bought, change)
        assert (await agent.persist(Verb.ACCEPT, lambda: agent.accept(bought, change))).ref == bought.ref
        assert scene.accepted() == 1
