"""The verbs of a booking, set up to be explored: of an item that is held and one bought at once, or of others."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

from app.domain.itinerary import CarrierOffer
from tests.booking.crashing import Stage
from tests.booking.exploring import Act
from tests.booking.house import House
from tests.booking.scenes import floating, guaranteed, instant

Kind = Callable[[House], Awaitable[CarrierOffer]]


async def reserving(house: House) -> Act:
    """From the wish for two holds to both."""
    return _reserve(house, await guaranteed(house), await guaranteed(house, 0))


async def reserving_one(house: House) -> Act:
    """The same with one."""
    return _reserve(house, await guaranteed(house))


async def paying(house: House, *kinds: Kind) -> Act:
    """From the wish to pay to the tickets."""
    booking_id = await _held(house, *kinds)
    return lambda again: again.pay(booking_id)


async def cancelling(house: House, *kinds: Kind) -> Act:
    """The client cancels."""
    booking_id = await _held(house, *kinds)
    return lambda again: again.cancel(booking_id)


async def expiring(house: House, *kinds: Kind) -> Act:
    """At the limit the carrier still has the hold."""
    booking = await house.booking(await _held(house, *kinds))
    house.clock.advance(booking.pay_by - house.clock.now())
    return lambda again: again.quiet()


async def following(house: House, *kinds: Kind) -> Act:
    """What is paid waits for its tickets."""
    booking_id = await _held(house, *kinds)
    house.fault("payments.create", "documents_later", hours=1)
    await house.pay(booking_id)
    return lambda again: again.later(timedelta(hours=2))


def of_one(verb: Callable[..., Awaitable[Act]]) -> Stage:
    """The verb with just the item that is held."""
    return lambda house: verb(house, floating)


def _reserve(house: House, *offers: CarrierOffer) -> Act:
    tokens = [house.token(offer) for offer in offers]
    return lambda again: again.reserve_tokens("r1", *tokens)


async def _held(house: House, *kinds: Kind) -> str:
    offers = [await kind(house) for kind in kinds or (floating, instant)]
    return str((await house.reserve("r1", *offers)).booking_id)
