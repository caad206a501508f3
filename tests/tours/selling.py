"""Departures of the operator's tour that shows each status on a day of the week, and bookings of them."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from app.booking.desk import Outcome
from app.booking.passengers import Passenger
from app.domain.itinerary import CarrierOffer
from app.domain.tours import DepartureKey, Room, RoomType, SellingRegion
from carriers.sandbox.exchange import Reply, Request, encode
from tests.booking.house import OPERATOR, House, passenger

TOUR, OPTION = "red-centre-explorer", "classic"
# A Monday and the days after it: many places, one, none, on request, cancelled, two places, closed for good.
OPEN, LAST_PLACE, CLOSED, ASKED, CANCELLED, TWO_PLACES, SHUT = (date(2026, 6, day) for day in range(1, 8))
SINGLE = Room(type=RoomType.SINGLE, adults=1)
TWIN = Room(type=RoomType.TWIN_SHARE, adults=2)
UK = SellingRegion.UK


def key(day: date = OPEN) -> DepartureKey:
    return DepartureKey(operator=OPERATOR, tour=TOUR, option=OPTION, starts_on=day)


def departure(day: date = OPEN) -> dict[str, str]:
    """How the sandbox's control names a departure."""
    return {"operator": OPERATOR, "product": TOUR, "option": OPTION, "date": day.isoformat()}


async def stay(house: House, day: date = OPEN, *rooms: Room, region: SellingRegion = UK) -> CarrierOffer:
    """An offer of these rooms, a single one unless others are given."""
    found = await house.operator.availability(region, [key(day)])
    return house.operator.offer(found[key(day)], rooms or (SINGLE,))


async def request(house: House, reserve_key: str = "r1", *more: CarrierOffer, **wish: Any) -> Outcome:
    """Ask for a departure that is on request, and reserve more with it."""
    return await house.reserve(reserve_key, await stay(house, ASKED), *more, **wish)


def refused() -> Passenger:
    """The traveller whose requests the sandbox's operators refuse after two hours."""
    return passenger(family="RequestRefused")


def unanswered() -> Passenger:
    """The traveller whose requests they do not answer."""
    return passenger(family="RequestUnanswered")


def answer(house: House, *, accept: bool, uuid: str | None = None) -> Reply:
    """Let the operator answer what it was asked for now, all of it or one booking."""
    reply = house.tours.handle(Request("POST", "/_sandbox/requests", {}, {}, encode({"accept": accept, "uuid": uuid})))
    assert reply.status == 200, reply.body
    return reply


async def looked_at(house: House, booking_id: str | None) -> None:
    """Move time to the next look at the booking's requests, and look."""
    due = [item.check_request_at for item in await house.items(booking_id) if item.check_request_at]
    await house.later(max(min(due) - house.clock.now(), timedelta()))


def statuses(house: House) -> list[str]:
    """What the operator's bookings are in its own words, oldest first."""
    return [booking["status"] for booking in house.tours.ledger()["bookings"]]


def changes_answers(house: House, path: str, old: bytes, new: bytes) -> None:
    """Let the operator say something else in its answers to calls whose path ends so."""
    handle = house.tours.handle

    def handled(asked: Request) -> Reply:
        reply = handle(asked)
        return replace(reply, body=reply.body.replace(old, new)) if asked.path.endswith(path) else reply

    house.tours.handle = handled


def happens_before(house: House, path: str, act: Callable[[], object]) -> None:
    """Let something happen at the operator just before each call whose path ends so."""
    handle = house.tours.handle

    def handled(asked: Request) -> Reply:
        if asked.path.endswith(path):
            act()
        return handle(asked)

    house.tours.handle = handled
