"""Bookings over OCTO in detail, at the sandbox with our capability."""

from dataclasses import dataclass
from datetime import date, timedelta

import pytest

from app.domain.clock import ManualClock
from app.domain.tours import DepartureKey, Room, RoomType, SellingRegion
from carriers.contract import OrderState
from carriers.octo.client import Octo
from carriers.sandbox.octo.world import OctoWorld
from tests.carriers.contract import Desk
from tests.carriers.sandbox.octo.shop import LATER, OPEN, OPTION, START, TOUR, load
from tests.carriers.worlds import SandboxTransport, in_process_octo

TWIN = Room(type=RoomType.TWIN_SHARE, adults=2)
TWO = Room(type=RoomType.PERSON, adults=2)
FAMILY = (Room(type=RoomType.TWIN_SHARE, adults=2, child_ages=(9,)), Room(type=RoomType.SINGLE, adults=1))


def key(day: str = OPEN, option: str = OPTION) -> DepartureKey:
    return DepartureKey(operator="insightvacations", tour=TOUR, option=option, starts_on=date.fromisoformat(day))


@dataclass
class Shop(Desk):
    """A desk at one tour operator of the sandbox."""

    carrier: Octo
    world: OctoWorld | None = None
    wire: SandboxTransport | None = None

    @classmethod
    def opened(cls, transport=SandboxTransport, **overrides) -> "Shop":
        clock = ManualClock(START)
        world = OctoWorld(clock, load=load)
        wire = transport(world)
        return cls(carrier=in_process_octo(world, clock, wire, **overrides), clock=clock, world=world, wire=wire)

    def fault(self, endpoint: str, kind: str, **more) -> None:
        """Let something go wrong there."""
        self.world.faults.add(self.world.endpoints, {"endpoint": endpoint, "kind": kind, **more})

    async def stay(self, *rooms: Room, day: str = OPEN, region: SellingRegion = SellingRegion.UK):
        """An offer for these rooms."""
        found = await self.carrier.availability(region, [key(day)])
        return self.carrier.offer(found[key(day)], rooms or (TWIN,))


@pytest.fixture
def shop():
    return Shop.opened()


async def test_a_booking_from_its_hold_to_its_end(shop):
    offer = await shop.stay(*FAMILY)
    held = await shop.hold(offer)
    assert (held.state, held.total, held.stay) == (OrderState.HELD, offer.total, offer.stay)
    assert held.pay_by == offer.pay_by == shop.clock.now() + timedelta(days=1)
    assert await shop.carrier.order(held.ref) == await shop.carrier.find("key-1", since=START) == held
    paid = await shop.pay(held)
    assert [ticket.passenger for ticket in paid.tickets] == ["1.twin.1", "1.twin.2", "1.child9.3", "2.single.1"]
    done = await shop.cancel(paid)
    assert (done.ref, done.refund) == (paid.ref, offer.total - offer.conditions.refund.fee)
    assert await shop.cancel(paid) == done
    assert [entry["status"] for entry in shop.world.ledger()["bookings"]] == ["CANCELLED"]


async def test_a_hold_asked_for_twice_is_one_booking(shop):
    offer = await shop.stay(day=LATER)
    assert await shop.hold(offer) == await shop.hold(offer)
    assert len(shop.world.ledger()["bookings"]) == 1


async def test_an_offer_from_what_was_told_long_ago_is_one_of_now(shop):
    found = (await shop.carrier.availability(SellingRegion.UK, [key()]))[key()]
    shop.clock.advance(found.terms.balance_due_at - timedelta(minutes=30) - shop.clock.now())
    found = (await shop.carrier.availability(SellingRegion.UK, [key()]))[key()]
    early = shop.carrier.offer(found, [TWIN])
    shop.clock.advance(timedelta(minutes=45))
    late = shop.carrier.offer(found, [TWIN])
    assert late.expires_at == shop.clock.now() + timedelta(minutes=30)
    assert (early.deposit is None, late.deposit) == (False, None)
    assert (await shop.carrier.check(late.ref)).deposit is None
