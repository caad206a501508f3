"""What every carrier promises, whatever its protocol.

A family subclasses `CarrierContract`, and the contract of each ability that it has, and sets its scene.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Protocol

import pytest

from app.domain.aftersales import Service, ServiceChoice
from app.domain.clock import ManualClock
from app.domain.errors import Access, Trouble, Unknown
from app.domain.itinerary import CarrierOffer, PassengerType
from app.domain.money import Money, total
from app.domain.recovery import Call, Lost
from app.domain.refusals import NotFound, SoldOut, Unsupported
from app.domain.search import SearchQuery
from app.domain.tours import DepartureKey, Room, SellingRegion
from app.domain.travellers import Gender, Title, Traveller
from carriers.contract import (
    Ability,
    Cancelled,
    Carrier,
    CarrierOrder,
    ExchangeWish,
    HeardKind,
    OrderState,
    PendingExchange,
    Purchase,
    Verb,
)

SEARCH_DEADLINE = timedelta(seconds=10)
SEND_WITHIN = timedelta(seconds=30)


def traveller(passenger: str, number: int = 0, **facts) -> Traveller:
    """Somebody without any wishes."""
    return Traveller(
        **{
            "id": f"trv_{number}",
            "type": PassengerType.ADULT,
            "passenger": passenger,
            "given_name": "Amelia" + "abcdefghi"[number],
            "family_name": "Earhart",
            "born_on": date(1987, 7, 24),
            "title": Title.MS,
            "gender": Gender.FEMALE,
            "email": "amelia@example.com",
            "phone": "+442080160509",
        }
        | facts
    )


def party(offer: CarrierOffer, services: Sequence[Service] = (), **facts) -> tuple[Purchase, list[Traveller]]:
    """The offer and one of each service at their price, and somebody on each of its seats; `facts` change the first."""
    people = [
        traveller(seat.ref, number, **(facts if number == 0 else {})) for number, seat in enumerate(offer.passengers)
    ]
    seats = {person.id: person.passenger for person in people}
    price = total((offer.total, *(service.price for service in services)), offer.total.currency)
    chosen = tuple(ServiceChoice(ref=service.ref) for service in services)
    return Purchase(offer=offer.ref, price=price, passengers=seats, services=chosen), people


@dataclass(frozen=True, kw_only=True)
class Departing:
    """Rooms of departures, as they are sold in a region."""

    region: SellingRegion
    departures: tuple[DepartureKey, ...]
    rooms: tuple[Room, ...]

    @property
    def people(self) -> int:
        """How many sleep in the rooms."""
        return sum(room.adults + len(room.child_ages) for room in self.rooms)


Query = SearchQuery | Departing


class Scene(Protocol):
    """A carrier and the world behind it, as the contract's tests need them."""

    carrier: Carrier
    clock: ManualClock
    # Finds at least one offer that can be held.
    query: Query
    # Finds offers of airlines that show their seats and sell bags.
    seated: SearchQuery

    def without(self, ability: Ability) -> Carrier:
        """The same company, unable to do this."""

    def lose_answer(self, verb: Verb) -> None:
        """Let the verb's next call have its effect, and its answer get lost."""

    def sell_out(self) -> None:
        """Let the next order find no seats left."""

    def take_service(self, verb: Verb) -> None:
        """Let others take the first service that the verb's next call asks for, just before."""

    def orders(self) -> Sequence[str]:
        """The keys of the orders that stand in the world's own ledger."""

    def charges(self) -> int:
        """How often the world took money."""

    def refunds(self) -> int:
        """How often the world gave money back."""

    def webhook(self, kind: HeardKind, order: str, key: str) -> tuple[Mapping[str, str], bytes]:
        """A delivery as the carrier signs it."""


@dataclass
class Desk:
    """Asks a carrier as the gateway does: with keys, a last instant to send, and the recovery its profile names."""

    carrier: Carrier
    clock: ManualClock
    made: list[str] = field(default_factory=list)

    def call(self, key: str) -> Call:
        """One attempt, starting now."""
        return Call(key=key, send_by=self.clock.now() + SEND_WITHIN)

    async def shown(self, query: Query) -> Sequence[CarrierOffer]:
        """What the carrier offers: journeys that it searches for, or rooms of departures."""
        if isinstance(query, SearchQuery):
            return (await self.carrier.search(query, deadline=SEARCH_DEADLINE)).offers
        found = await self.carrier.availability(query.region, query.departures)
        return [self.carrier.offer(one, query.rooms) for one in found.values()]

    async def offer(self, query: Query, *, holdable: bool = True) -> CarrierOffer:
        """The first offer that can, or cannot, be held."""
        return next(offer for offer in await self.shown(query) if offer.holdable is holdable)

    async def hold(self, offer: CarrierOffer, key: str = "key-1", **facts) -> CarrierOrder:
        """One attempt at holding the offer."""
        return await self.carrier.hold(*party(offer, **facts), self.call(key))

    async def buy(self, offer: CarrierOffer, key: str = "key-1", **facts) -> CarrierOrder:
        """One attempt at buying the offer."""
        return await self.carrier.buy(*party(offer, **facts), self.call(key))

    async def sell(self, offer: CarrierOffer, key: str = "key-1", **facts) -> CarrierOrder:
        """The offer bought at once, or held and paid where the carrier sells nothing at once."""
        if Ability.BUY in self.carrier.profile.abilities:
            return await self.buy(offer, key, **facts)
        return await self.pay(await self.hold(offer, key, **facts))

    async def pay(self, order: CarrierOrder, key: str = "key-2") -> CarrierOrder:
        """One attempt at paying the order."""
        return await self.carrier.pay(order.ref, order.total, self.call(key))

    async def cancel(self, order: CarrierOrder, key: str = "key-3") -> Cancelled:
        """One attempt at cancelling the order."""
        return await self.carrier.cancel(order.ref, self.call(key))

    async def persist(self, verb: Verb, attempt, key: str = "key-1", attempts: int = 4, look=None):
        """Attempt until there is an answer, resolving each lost one as the profile says.

        `look` tells what became of the attempt; without it, that is asked for by its key.
        """
        started, recovery = self.clock.now(), self.carrier.profile.recovery[verb]
        for _ in range(attempts):
            try:
                return await attempt()
            except Trouble as trouble:
                self.clock.advance(trouble.retry_after or timedelta(seconds=1))
            except Unknown as lost:
                self.clock.advance(SEND_WITHIN + max(recovery.settle_delay, lost.settle_delay or timedelta()))
                found = await (look() if look else self._look(recovery.lost, key, started))
                if found is not None:
                    return found
        raise AssertionError("no answer after all attempts")

    async def _look(self, lost: Lost, key: str, since) -> CarrierOrder | None:
        return await self.carrier.find(key, since=since) if lost is Lost.LOOK_FIRST else None


class CarrierContract:
    """Subclasses give a fixture `scene`."""

    @pytest.fixture
    def desk(self, scene: Scene) -> Desk:
        return Desk(scene.carrier, scene.clock)

    async def test_every_offer_is_complete(self, scene: Scene, desk):
        found = await desk.shown(scene.query)
        assert found
        for offer in found:
            assert offer.carrier == scene.carrier.profile.code
            assert offer.base + offer.tax == offer.total
            assert offer.expires_at > scene.clock.now()
            assert offer.departs_at.utcoffset() is not None
            wanted = scene.query.people if isinstance(scene.query, Departing) else len(scene.query.passengers)
            assert len(offer.passengers) == wanted

    async def test_an_offer_is_still_what_it_was(self, scene: Scene, desk):
        offer = await desk.offer(scene.query)
        assert await scene.carrier.check(offer.ref) == offer

    async def test_a_hold_keeps_the_space_and_takes_no_money(self, scene: Scene, desk):
        offer = await desk.offer(scene.query)
        order = await desk.hold(offer)
        assert (order.state, order.total) == (OrderState.HELD, offer.total)
        assert order.pay_by > scene.clock.now()
        assert [journey.departs_at for journey in order.journeys] == [journey.departs_at for journey in offer.journeys]
        assert order.stay == offer.stay
        assert (list(scene.orders()), scene.charges()) == (["key-1"], 0)

    async def test_an_order_can_be_read_and_found_by_our_key(self, scene: Scene, desk):
        since = scene.clock.now()
        order = await desk.hold(await desk.offer(scene.query))
        assert await scene.carrier.order(order.ref) == order
        assert await scene.carrier.find("key-1", since=since) == order
        assert await scene.carrier.find("another", since=since) is None

    async def test_every_order_of_the_account_is_listed_newest_first(self, scene: Scene, desk):
        held = await desk.hold(await desk.offer(scene.query), "key-1")
        scene.clock.advance(timedelta(minutes=1))
        since = scene.clock.now()
        bought = await desk.sell(await desk.offer(scene.query), "key-2")
        listed = await scene.carrier.orders(since=since - timedelta(minutes=1))
        assert [(entry.order, entry.key) for entry in listed] == [(bought, "key-2"), (held, "key-1")]
        assert [entry.order.ref for entry in await scene.carrier.orders(since=since)] == [bought.ref]
        assert all(entry.created_at <= scene.clock.now() for entry in listed)

    async def test_an_unknown_order_is_not_found(self, scene: Scene, desk):
        with pytest.raises(NotFound):
            await scene.carrier.order("ord_of_nobody")

    async def test_paying_confirms_and_paying_again_takes_nothing(self, scene: Scene, desk):
        held = await desk.hold(await desk.offer(scene.query))
        paid = await desk.pay(held)
        again = await desk.pay(held)
        assert (paid.state, paid.ref, again) == (OrderState.CONFIRMED, held.ref, paid)
        assert scene.charges() == 1

    async def test_a_paid_order_has_a_ticket_for_each_passenger(self, scene: Scene, desk):
        offer = await desk.offer(scene.query)
        paid = await desk.pay(await desk.hold(offer))
        assert [ticket.passenger for ticket in paid.tickets] == [seat.ref for seat in offer.passengers]

    async def test_cancelling_a_hold_gives_nothing_back(self, scene: Scene, desk):
        held = await desk.hold(await desk.offer(scene.query))
        assert not (await desk.cancel(held)).refund
        assert (await scene.carrier.order(held.ref)).state is OrderState.CANCELLED
        assert (list(scene.orders()), scene.refunds()) == ([], 0)

    async def test_cancelling_twice_is_the_same_success(self, scene: Scene, desk):
        bought = await desk.sell(await desk.offer(scene.query))
        assert await desk.cancel(bought) == await desk.cancel(bought)
        assert list(scene.orders()) == []
        assert scene.refunds() <= 1

    async def test_a_lost_hold_is_unknown_and_then_found(self, scene: Scene, desk):
        since, offer = scene.clock.now(), await desk.offer(scene.query)
        scene.lose_answer(Verb.HOLD)
        with pytest.raises(Unknown):
            await desk.hold(offer)
        scene.clock.advance(SEND_WITHIN + scene.carrier.profile.recovery[Verb.HOLD].settle_delay)
        assert (await scene.carrier.find("key-1", since=since)) is not None
        assert list(scene.orders()) == ["key-1"]

    async def test_a_lost_payment_is_unknown_and_taken_once(self, scene: Scene, desk):
        held = await desk.hold(await desk.offer(scene.query))
        scene.lose_answer(Verb.PAY)
        with pytest.raises(Unknown):
            await desk.pay(held)
        assert (await desk.persist(Verb.PAY, lambda: desk.pay(held))).state is OrderState.CONFIRMED
        assert scene.charges() == 1

    async def test_a_lost_cancellation_is_unknown_and_done_once(self, scene: Scene, desk):
        held = await desk.hold(await desk.offer(scene.query))
        scene.lose_answer(Verb.CANCEL)
        with pytest.raises(Unknown):
            await desk.cancel(held)
        assert (await desk.persist(Verb.CANCEL, lambda: desk.cancel(held))).ref == held.ref
        assert list(scene.orders()) == []

    async def test_nothing_is_sent_after_the_last_instant(self, scene: Scene, desk):
        purchase, people = party(await desk.offer(scene.query))
        late = Call(key="key-1", send_by=scene.clock.now() - timedelta(seconds=1))
        with pytest.raises(Trouble):
            await scene.carrier.hold(purchase, people, late)
        assert list(scene.orders()) == []

    async def test_a_sold_out_offer_is_refused(self, scene: Scene, desk):
        offer = await desk.offer(scene.query)
        scene.sell_out()
        with pytest.raises(SoldOut):
            await desk.hold(offer)
        assert list(scene.orders()) == []

    @pytest.mark.parametrize("ability", [each for each in Ability if each not in {Ability.TOURS, Ability.REQUESTS}])
    async def test_what_it_cannot_do_is_unsupported(self, scene: Scene, desk, ability):
        offer = await desk.offer(scene.query)
        less = Desk(scene.without(ability), scene.clock)
        assert ability not in less.carrier.profile.abilities
        for attempt in attempts(less, offer)[ability]:
            with pytest.raises(Unsupported):
                await attempt()
        assert list(scene.orders()) == []


class BuyContract:
    """What a carrier promises that sells at once. Subclasses give a fixture `scene`."""

    async def test_buying_confirms_at_once(self, scene: Scene):
        desk = Desk(scene.carrier, scene.clock)
        order = await desk.buy(await desk.offer(scene.query))
        assert order.state is OrderState.CONFIRMED
        assert (list(scene.orders()), scene.charges()) == (["key-1"], 1)

    async def test_what_was_bought_unheard_is_found(self, scene: Scene):
        desk = Desk(scene.carrier, scene.clock)
        since, offer = scene.clock.now(), await desk.offer(scene.query)
        scene.lose_answer(Verb.BUY)
        with pytest.raises(Unknown):
            await desk.buy(offer)
        scene.clock.advance(SEND_WITHIN + scene.carrier.profile.recovery[Verb.BUY].settle_delay)
        assert (await scene.carrier.find("key-1", since=since)) is not None
        assert list(scene.orders()) == ["key-1"]


class WebhookContract:
    """What a carrier promises that sends webhooks. Subclasses give a fixture `scene`."""

    @pytest.mark.parametrize("kind", [HeardKind.ORDER_CREATED, HeardKind.ORDER_CHANGED])
    async def test_a_webhook_names_the_order_and_our_key(self, scene: Scene, kind):
        headers, body = scene.webhook(kind, "ord_1", "key-1")
        (heard,) = scene.carrier.hear(headers, body)
        assert (heard.kind, heard.order, heard.key) == (kind, "ord_1", "key-1")

    async def test_a_forged_webhook_is_turned_away(self, scene: Scene):
        headers, body = scene.webhook(HeardKind.ORDER_CREATED, "ord_1", "key-1")
        with pytest.raises(Access):
            scene.carrier.hear(headers, body + b" ")


def attempts(desk: Desk, offer: CarrierOffer) -> Mapping[Ability, Sequence[Callable[[], Awaitable[object]]]]:
    """Every verb, by the ability that it takes."""
    carrier, call, nothing = desk.carrier, desk.call("key-3"), Money.zero(offer.total.currency)
    pending = PendingExchange(ref="oce_1", balance=nothing)
    return {
        Ability.SEARCH: [lambda: carrier.search(SearchQuery(legs=(), passengers=()), deadline=SEARCH_DEADLINE)],
        Ability.HOLD: [lambda: desk.hold(offer), lambda: carrier.pay("ord_1", nothing, call)],
        Ability.EXTEND: [lambda: carrier.extend("ord_1", desk.clock.now(), call)],
        Ability.BUY: [lambda: desk.buy(offer)],
        Ability.CANCEL: [
            lambda: carrier.cancel("ord_1", call),
            lambda: carrier.quote_refund("ord_1"),
            lambda: carrier.refund("ore_1", call),
        ],
        Ability.EXCHANGE: [
            lambda: carrier.quote_exchange(ExchangeWish(order="ord_1")),
            lambda: carrier.prepare_exchange("oco_1"),
            lambda: carrier.exchange(pending, call),
        ],
        Ability.SERVICES: [
            lambda: carrier.offer_services("off_1"),
            lambda: carrier.order_services("ord_1"),
            lambda: carrier.offer_seat_maps("off_1"),
            lambda: carrier.order_seat_maps("ord_1"),
            lambda: carrier.add_services("ord_1", (), nothing, call),
        ],
        Ability.CHANGES: [lambda: carrier.changes("ord_1"), lambda: carrier.accept_change("ord_1", "aic_1", call)],
        Ability.WEBHOOKS: [lambda: _later(lambda: carrier.hear({}, b""))],
    }


async def _later(act):
    return act()
