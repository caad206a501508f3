"""What every carrier promises of exchanges: offers first, then exactly one of them, made and settled once."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol

import pytest

from app.domain.aftersales import ReplacedJourney, RuleGround
from app.domain.errors import Trouble, Unknown
from app.domain.itinerary import Journey
from app.domain.money import Money
from app.domain.refusals import NotExchangeable, QuoteExpired, SoldOut, Unsupported
from app.domain.search import SearchQuery
from carriers.contract import Ability, CarrierOrder, ExchangeOffer, ExchangeWish, PendingExchange, Verb
from tests.carriers.contract import SEND_WITHIN, Desk, Query, Scene

LATER = timedelta(days=3)
KEY = "key-5"


def wish(order: CarrierOrder, *journeys: int) -> ExchangeWish:
    """The same journeys (all, or those of these numbers), some days later."""
    chosen = [order.journeys[index] for index in journeys] if journeys else order.journeys
    replaced = [
        ReplacedJourney(
            journey=journey.ref,
            origin=journey.origin,
            destination=journey.destination,
            date=journey.departs_at.date() + LATER,
        )
        for journey in chosen
    ]
    return ExchangeWish(order=order.ref, replaced=tuple(replaced))


def wishes(query: Query, order: CarrierOrder) -> list[ExchangeWish]:
    """What the order is to be exchanged for: its journeys some days later, or each of the other departures."""
    if isinstance(query, SearchQuery):
        return [wish(order)]
    return [ExchangeWish(order=order.ref, departure=key) for key in query.departures if key != order.stay.key]


class Exchanging(Scene, Protocol):
    """A scene whose orders can be exchanged."""

    def settled(self) -> Money:
        """What the world took for its orders, less what it gave back."""


class ChangeDesk(Desk):
    """A desk that also exchanges."""

    async def changeable(self, query) -> CarrierOrder:
        """An order that can be exchanged, for what its carrier says."""
        return await self._bought(query, lambda rule: rule.allowed and rule.fee is not None)

    async def unchangeable(self, query) -> CarrierOrder:
        """An order whose fare allows no exchange."""
        return await self._bought(query, lambda rule: not rule.allowed)

    async def offers(self, query: Query) -> list[ExchangeOffer]:
        """What such an order could be exchanged for."""
        order = await self.changeable(query)
        return [offer for asked in wishes(query, order) for offer in await self.carrier.quote_exchange(asked)]

    async def dearer(self, query: Query) -> tuple[ExchangeOffer, PendingExchange]:
        """An offer that costs something, selected."""
        return await self._selected(query, lambda balance: balance > Money.zero(balance.currency))

    async def cheaper(self, query: Query) -> tuple[ExchangeOffer, PendingExchange]:
        """An offer that gives something back, selected."""
        return await self._selected(query, lambda balance: balance < Money.zero(balance.currency))

    async def exchange(self, pending: PendingExchange, key: str = KEY) -> CarrierOrder:
        """One attempt at making the exchange."""
        return await self.carrier.exchange(pending, self.call(key))

    async def _bought(self, query, fits) -> CarrierOrder:
        rules = ((offer, offer.conditions.change) for offer in await self.shown(query))
        return await self.sell(next(offer for offer, rule in rules if rule and fits(rule)))

    async def _selected(self, query: Query, fits) -> tuple[ExchangeOffer, PendingExchange]:
        offer = next(offer for offer in await self.offers(query) if fits(offer.balance))
        return offer, await self.carrier.prepare_exchange(offer.ref)


async def ground(attempt) -> RuleGround:
    """On what ground this is not exchangeable."""
    with pytest.raises(NotExchangeable) as no:
        await attempt
    assert no.value.rule.allowed is False
    return no.value.rule.ground


def flown(journeys: Sequence[Journey]) -> list:
    return [(segment.flight_number, segment.departs_at) for each in journeys for segment in each.segments]


def departure(order: CarrierOrder) -> datetime:
    """When the order's travel begins."""
    return order.stay.departs_at if order.stay else order.journeys[0].departs_at


class ExchangeContract:
    """Subclasses give a fixture `scene`, whose query finds what can be exchanged, and what cannot.

    For what can be, there is something cheaper, and there are two things that are dearer.
    """

    @pytest.fixture
    def change_desk(self, scene: Exchanging) -> ChangeDesk:
        return ChangeDesk(scene.carrier, scene.clock)

    async def test_an_exchange_offer_says_what_goes_what_comes_and_what_it_costs(self, scene: Exchanging, change_desk):
        order = await change_desk.changeable(scene.query)
        for asked in wishes(scene.query, order):
            for offer in await scene.carrier.quote_exchange(asked):
                assert (offer.order, offer.removed) == (order.ref, order.journeys)
                assert offer.journeys == offer.added
                assert [one.departs_at.date() for one in offer.added] == [piece.date for piece in asked.replaced]
                assert (offer.stay and offer.stay.key) == asked.departure
                assert offer.balance == offer.total - order.total + offer.fee
                assert offer.fee >= Money.zero(offer.fee.currency)
                assert offer.expires_at > scene.clock.now()

    async def test_asking_and_selecting_changes_nothing(self, scene: Exchanging, change_desk):
        offer, pending = await change_desk.dearer(scene.query)
        assert pending.balance == offer.balance
        assert await scene.carrier.exchanged(pending) is None
        order = await scene.carrier.order(offer.order)
        assert (order.journeys, order.stay == offer.stay) == (offer.removed, order.stay is None)
        assert scene.settled() == order.total

    async def test_selecting_twice_is_the_same_exchange(self, scene: Exchanging, change_desk):
        offer, pending = await change_desk.dearer(scene.query)
        assert await scene.carrier.prepare_exchange(offer.ref) == pending

    async def test_an_exchange_that_costs_something_is_paid(self, scene: Exchanging, change_desk):
        offer, pending = await change_desk.dearer(scene.query)
        before = await scene.carrier.order(offer.order)
        after = await change_desk.exchange(pending)
        assert (after.ref, after.total) == (offer.order, offer.total)
        assert (flown(after.journeys), after.stay) == (flown(offer.added), offer.stay)
        assert await scene.carrier.order(offer.order) == await scene.carrier.exchanged(pending) == after
        assert {ticket.number for ticket in after.tickets}.isdisjoint(ticket.number for ticket in before.tickets)
        assert [ticket.passenger for ticket in after.tickets] == [ticket.passenger for ticket in before.tickets]
        assert (list(scene.orders()), scene.settled()) == (["key-1"], offer.total + offer.fee)

    async def test_an_exchange_that_gives_money_back(self, scene: Exchanging, change_desk):
        offer, pending = await change_desk.cheaper(scene.query)
        after = await change_desk.exchange(pending)
        assert after.total == offer.total
        assert (list(scene.orders()), scene.settled()) == (["key-1"], offer.total + offer.fee)

    @pytest.mark.parametrize("price", ["dearer", "cheaper"])
    async def test_exchanging_twice_is_the_same_success(self, scene: Exchanging, change_desk, price):
        _, pending = await getattr(change_desk, price)(scene.query)
        once = await change_desk.exchange(pending)
        settled = scene.settled()
        assert await change_desk.exchange(pending) == once
        assert scene.settled() == settled

    @pytest.mark.parametrize("price", ["dearer", "cheaper"])
    async def test_a_lost_exchange_is_unknown_and_then_looked_up(self, scene: Exchanging, change_desk, price):
        offer, pending = await getattr(change_desk, price)(scene.query)
        scene.lose_answer(Verb.EXCHANGE)
        with pytest.raises(Unknown):
            await change_desk.exchange(pending)
        settled = scene.settled()
        scene.clock.advance(SEND_WITHIN + scene.carrier.profile.recovery[Verb.EXCHANGE].settle_delay)
        found = await scene.carrier.exchanged(pending)
        assert (found.total, found) == (offer.total, await scene.carrier.order(offer.order))
        assert await change_desk.exchange(pending) == found
        assert scene.settled() == settled == offer.total + offer.fee

    async def test_an_exchange_expires(self, scene: Exchanging, change_desk):
        offer, pending = await change_desk.dearer(scene.query)
        scene.clock.advance(offer.expires_at - scene.clock.now())
        with pytest.raises(QuoteExpired):
            await change_desk.exchange(pending)
        with pytest.raises(QuoteExpired):
            await scene.carrier.prepare_exchange("oco_0000000000000000000000")
        assert scene.settled() == (await scene.carrier.order(offer.order)).total

    async def test_an_exchange_that_was_made_stays_made_after_its_time(self, scene: Exchanging, change_desk):
        offer, pending = await change_desk.dearer(scene.query)
        after = await change_desk.exchange(pending)
        scene.clock.advance(offer.expires_at - scene.clock.now())
        assert await change_desk.exchange(pending) == await scene.carrier.exchanged(pending) == after

    async def test_only_one_of_two_exchanges_is_made(self, scene: Exchanging, change_desk):
        first, second = [each for each in await change_desk.offers(scene.query) if each.balance.minor > 0][:2]
        one, other = await scene.carrier.prepare_exchange(first.ref), await scene.carrier.prepare_exchange(second.ref)
        await change_desk.exchange(one)
        with pytest.raises((QuoteExpired, SoldOut)):
            await change_desk.exchange(other)
        assert await scene.carrier.exchanged(other) is None
        assert scene.settled() == first.total + first.fee

    async def test_what_is_exchanged_can_be_exchanged_again_or_cancelled(self, scene: Exchanging, change_desk):
        _, pending = await change_desk.dearer(scene.query)
        after = await change_desk.exchange(pending)
        assert await scene.carrier.quote_exchange(wishes(scene.query, after)[0])
        await change_desk.cancel(after)
        assert list(scene.orders()) == []

    async def test_what_is_not_paid_is_not_exchangeable(self, scene: Exchanging, change_desk):
        held = await change_desk.hold(await change_desk.offer(scene.query))
        assert await ground(scene.carrier.quote_exchange(wishes(scene.query, held)[0])) is RuleGround.NOT_SOLD

    async def test_what_is_cancelled_is_not_exchangeable(self, scene: Exchanging, change_desk):
        offer, pending = await change_desk.dearer(scene.query)
        order = await scene.carrier.order(offer.order)
        await change_desk.cancel(order)
        assert await ground(scene.carrier.quote_exchange(wishes(scene.query, order)[0])) is RuleGround.ENDED
        assert await ground(change_desk.exchange(pending)) is RuleGround.ENDED
        assert await scene.carrier.exchanged(pending) is None

    async def test_a_fare_that_allows_no_change_is_not_exchangeable(self, scene: Exchanging, change_desk):
        order = await change_desk.unchangeable(scene.query)
        assert await ground(scene.carrier.quote_exchange(wishes(scene.query, order)[0])) is RuleGround.FARE_CONDITIONS

    async def test_what_has_departed_is_not_exchangeable(self, scene: Exchanging, change_desk):
        order = await change_desk.changeable(scene.query)
        scene.clock.advance(departure(order) - scene.clock.now())
        assert await ground(scene.carrier.quote_exchange(wishes(scene.query, order)[0])) is RuleGround.DEPARTED

    async def test_no_exchange_is_made_after_the_last_instant(self, scene: Exchanging, change_desk):
        _, pending = await change_desk.dearer(scene.query)
        late = change_desk.call(KEY)
        scene.clock.advance(SEND_WITHIN + timedelta(minutes=1))
        with pytest.raises(Trouble):
            await scene.carrier.exchange(pending, late)
        assert await scene.carrier.exchanged(pending) is None

    async def test_who_cannot_exchange_says_so(self, scene: Exchanging, change_desk):
        less = scene.without(Ability.EXCHANGE)
        attempts = (
            less.quote_exchange(ExchangeWish(order="ord_1", replaced=())),
            less.prepare_exchange("oco_1"),
            less.exchange(PendingExchange(ref="oce_1", balance=Money.zero("EUR")), change_desk.call(KEY)),
        )
        for attempt in attempts:
            with pytest.raises(Unsupported):
                await attempt
