"""Tour operators keep the carrier contract: with our capability over real HTTP to the sandbox, and in plain OCTO."""

import json
from dataclasses import dataclass, replace
from datetime import date, timedelta

import pytest

from app.domain.aftersales import ChangeAction
from app.domain.clock import ManualClock
from app.domain.money import Money, total
from app.domain.refusals import Unsupported
from app.domain.tours import DepartureKey, Room, RoomType, SellingRegion
from carriers.contract import Ability, Carrier, Verb
from carriers.octo.client import Octo
from carriers.sandbox.exchange import Request
from carriers.sandbox.octo.world import OctoWorld
from tests.carriers.change_contract import ChangeContract
from tests.carriers.contract import CarrierContract, Departing
from tests.carriers.exchange_contract import ExchangeContract
from tests.carriers.refund_contract import RefundContract
from tests.carriers.sandbox.octo import shop
from tests.carriers.tour_contract import TourContract
from tests.carriers.worlds import PlainTransport, in_process_octo, octo_over_http

ENDPOINTS = {
    Verb.HOLD: "bookings.create",
    Verb.PAY: "bookings.confirm",
    Verb.CANCEL: "bookings.cancel",
    Verb.REFUND: "bookings.cancel",
    Verb.EXCHANGE: "bookings.update",
    Verb.ACCEPT: "bookings.update",
}
OPERATOR = "insightvacations"
# A departure for which nothing comes back any more, and what else it costs to travel on other days, in percent.
SOON, PRICES = date(2026, 11, 8), {date(2027, 5, 8): 100, date(2027, 5, 15): 110, date(2027, 5, 22): 120}
CHEAP = {date(2027, 6, 5): 70}
LIVE = frozenset({"ON_HOLD", "PENDING", "CONFIRMED"})


def on(day: date) -> DepartureKey:
    return DepartureKey(operator=OPERATOR, tour=shop.TOUR, option=shop.OPTION, starts_on=day)


DEPARTURES = tuple(map(on, (*PRICES, *CHEAP, SOON)))


def load(today: date):
    """The sandbox's smallest catalogue, with departures that are soon, dearer and cheaper."""
    catalogue = shop.load(today)
    tour = catalogue.by_operator[OPERATOR][shop.TOUR]
    (option, *others) = tour.options
    (season,) = option.seasons
    known = next(one for one in season.departures if one.local_date.isoformat() == shop.OPEN)
    departures = [_departure(known, day, percent) for day, percent in ({SOON: 100} | PRICES | CHEAP).items()]
    season = replace(season, departures=tuple(sorted(departures, key=lambda one: one.local_date)))
    tour = replace(tour, options=(replace(option, seasons=(season,)), *others))
    by_day = {(OPERATOR, shop.TOUR, shop.OPTION, one.local_date): one for one in departures}
    return replace(catalogue, by_operator={OPERATOR: {tour.id: tour}}, by_day=catalogue.by_day | by_day)


def _departure(known, day, percent):
    return replace(
        known,
        local_date=day,
        local_date_end=day + timedelta(days=9),
        sales={region: _at(sale, percent) for region, sale in known.sales.items()},
    )


def _at(sale, percent):
    return replace(sale, prices=replace(sale.prices, twin=sale.prices.twin * percent // 100))


@dataclass
class OctoScene:
    """An operator of the OCTO world behind its carrier."""

    carrier: Octo
    clock: ManualClock
    world: OctoWorld
    query: Departing

    def without(self, ability: Ability) -> Carrier:
        return in_process_octo(self.world, self.clock, abilities=[each for each in Ability if each is not ability])

    def lose_answer(self, verb: Verb) -> None:
        self.fault(ENDPOINTS[verb], "lost_reply")

    def sell_out(self) -> None:
        self.fault("bookings.create", "sold_out")

    def fault(self, endpoint: str, kind: str, **more) -> None:
        self.world.faults.add(self.world.endpoints, {"endpoint": endpoint, "kind": kind, **more})

    def move(self, order: str, *, again: bool = False) -> None:
        self._change(kind="moved", uuid=order, to="2027-05-22" if again else "2027-05-15")

    def ground(self, order: str) -> None:
        (day,) = {booking["date"] for booking in self._bookings if booking["uuid"] == order}
        self._change(kind="cancelled", operator=OPERATOR, product=shop.TOUR, option=shop.OPTION, date=day)

    def _change(self, **what) -> None:
        body = json.dumps(what).encode()
        assert self.world.handle(Request("POST", "/_sandbox/departure_changes", {}, {}, body)).status == 200

    def accepted(self) -> int:
        return sum(change["answered"] == "accepted" for booking in self._bookings for change in booking["changes"])

    def orders(self) -> list[str]:
        return [booking["reseller_reference"] for booking in self._bookings if booking["status"] in LIVE]

    def charges(self) -> int:
        return sum(booking["confirmed_at"] is not None for booking in self._bookings)

    def refunds(self) -> int:
        ends = [booking["cancellation"] for booking in self._bookings if booking["cancellation"]]
        return sum(end["refund"] != "NONE" for end in ends)

    def settled(self) -> Money:
        amounts = [
            Money.of(booking[name], booking["currency"])
            for booking in self._bookings
            if booking["status"] == "CONFIRMED"
            for name in ("amount", "fees")
        ]
        return total(amounts, amounts[0].currency)

    @property
    def _bookings(self):
        return self.world.ledger()["bookings"]


class TestOcto(CarrierContract, RefundContract, ExchangeContract, ChangeContract, TourContract):
    @pytest.fixture
    async def scene(self):
        clock = ManualClock(shop.START)
        world = OctoWorld(clock, load=load)
        rooms = (Room(type=RoomType.TWIN_SHARE, adults=2, child_ages=(9,)),)
        query = Departing(region=SellingRegion.UK, departures=DEPARTURES, rooms=rooms)
        async with octo_over_http(world, clock) as carrier:
            yield OctoScene(carrier, clock, world, query)

    async def test_a_fare_that_gives_nothing_back_is_not_refundable(self, scene, counter):
        """By a scale it is: the places are given up, for nothing."""
        _, order = await counter.sold(scene.query, refundable=False)
        terms = await scene.carrier.quote_refund(order.ref)
        assert (terms.refund.minor, terms.rule.fee) == (0, order.total)
        assert (await counter.refund(terms)).refund == terms.refund
        assert list(scene.orders()) == []


async def test_who_sells_neither_seats_nor_bags_says_so():
    clock = ManualClock(shop.START)
    carrier = in_process_octo(OctoWorld(clock, load=load), clock)
    for asked in (carrier.offer_services, carrier.offer_seat_maps, carrier.order_services, carrier.order_seat_maps):
        with pytest.raises(Unsupported, match="does not offer seats or bags"):
            await asked("anything")


class TestPlainOcto(CarrierContract, RefundContract, ExchangeContract, ChangeContract, TourContract):
    """The same operator as if it had never heard of our capability."""

    heard = 0
    left_of_cancelled = frozenset({ChangeAction.REFUND})

    @pytest.fixture
    def scene(self):
        clock = ManualClock(shop.START)
        world = OctoWorld(clock, load=load)
        rooms = (Room(type=RoomType.PERSON, adults=2, child_ages=(9,)),)
        query = Departing(region=SellingRegion.ZZ, departures=DEPARTURES, rooms=rooms)
        return OctoScene(in_process_octo(world, clock, PlainTransport(world)), clock, world, query)

    async def test_a_lost_acceptance_is_unknown_and_done_once(self, scene, agent):
        bought = await agent.bought(scene)
        scene.move(bought.ref)
        (change,) = await agent.changes(bought)
        scene.lose_answer(Verb.ACCEPT)
        # Nothing is sent that could get lost.
        assert (await agent.accept(bought, change)).ref == bought.ref

    async def test_every_order_of_the_account_is_listed_newest_first(self, scene, desk):
        with pytest.raises(Unsupported):
            await scene.carrier.orders(since=scene.clock.now())
