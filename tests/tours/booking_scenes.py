"""Tours and a flight with them, set up to be explored: reserved, paid in full, cancelled and left to expire."""

from tests.booking.exploring import Act
from tests.booking.house import House
from tests.booking.scenes import guaranteed
from tests.tours.selling import LAST_PLACE, stay


async def reserving(house: House) -> Act:
    """From the wish for the last place and a flight to the holds of both."""
    tokens = [house.token(await stay(house, LAST_PLACE)), house.token(await guaranteed(house))]
    return lambda again: again.reserve_tokens("r1", *tokens)


async def reserving_alone(house: House) -> Act:
    """The same without the flight."""
    token = house.token(await stay(house, LAST_PLACE))
    return lambda again: again.reserve_tokens("r1", token)


async def paying_alone(house: House) -> Act:
    """From the wish to pay just a tour to its voucher."""
    outcome = await house.reserve("r1", await stay(house, LAST_PLACE))
    return lambda again: again.pay(outcome.booking_id)


async def paying(house: House) -> Act:
    """From the wish to pay the tour and the flight to the voucher and the ticket."""
    booking_id = await _held(house)
    return lambda again: again.pay(booking_id)


async def cancelling(house: House) -> Act:
    """A client gives both holds back."""
    booking_id = await _held(house)
    return lambda again: again.cancel(booking_id)


async def expiring(house: House) -> Act:
    """Nobody has paid in time, and both are held still."""
    booking = await house.booking(await _held(house))
    assert booking.pay_by is not None
    house.clock.advance(booking.pay_by - house.clock.now())
    return lambda again: again.quiet()


async def _held(house: House) -> str:
    outcome = await house.reserve("r1", await stay(house, LAST_PLACE), await guaranteed(house))
    assert outcome.booking_id is not None
    return outcome.booking_id
