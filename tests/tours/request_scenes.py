"""Requests on their way, and what is done next; each scene answers that as an act that can be done again."""

from datetime import timedelta

from sqlmodel import Session, select

from app.booking.passengers import Passenger
from app.domain.itinerary import CarrierOffer
from app.store.tables import ItemRow
from tests.booking.exploring import Act
from tests.booking.house import House, passenger
from tests.booking.scenes import guaranteed
from tests.tours.selling import ASKED, answer, happens_before, looked_at, request, stay, unanswered

ADA = passenger()


async def asking(house: House) -> Act:
    """A client asks for a departure, and holds a flight with it."""
    tokens = [house.token(await stay(house, ASKED)), house.token(await guaranteed(house))]
    return lambda again: again.reserve_tokens("r1", *tokens)


async def accepted(house: House) -> Act:
    """The operator has accepted what nobody has asked after yet."""
    booking_id = await _asked(house)
    answer(house, accept=True)
    return lambda again: wait(again, booking_id)


async def refused(house: House) -> Act:
    """The operator has refused what a flight is held with."""
    booking_id = await _asked(house, await guaranteed(house))
    answer(house, accept=False)
    return lambda again: wait(again, booking_id)


async def lapsing(house: House, *more: CarrierOffer) -> Act:
    """Nobody has answered in time; the operator accepts it while it is withdrawn."""
    booking_id = await _asked(house, *more, who=unanswered())
    await promise(house, booking_id, timedelta(hours=1))
    happens_before(house, "/cancel", lambda: answer(house, accept=True))
    house.clock.advance(timedelta(hours=1))
    return lambda again: wait(again, booking_id)


async def lapsing_with_a_flight(house: House) -> Act:
    """The same beside a hold, which goes with it."""
    return await lapsing(house, await guaranteed(house))


async def withdrawing(house: House) -> Act:
    """A client cancels what the operator has accepted, and nobody has heard of."""
    booking_id = await _asked(house)
    answer(house, accept=True)
    return lambda again: again.cancel(booking_id)


async def expiring(house: House) -> Act:
    """The flight's time to pay is over before the operator has answered."""
    booking_id = await _asked(house, await guaranteed(house), who=unanswered())
    pay_by = (await house.booking(booking_id)).pay_by
    assert pay_by is not None
    house.clock.advance(pay_by - house.clock.now())
    return lambda again: wait(again, booking_id)


async def paying(house: House) -> Act:
    """A client pays what was accepted, and the flight with it."""
    booking_id = await _asked(house, await guaranteed(house))
    answer(house, accept=True)
    await looked_at(house, booking_id)
    return lambda again: again.pay(booking_id)


async def wait(house: House, booking_id: str) -> None:
    """Look for the operator's answer until there is one."""
    await house.quiet()
    while (await house.booking(booking_id)).state == "REQUESTED":
        await looked_at(house, booking_id)
        await house.quiet()


async def promise(house: House, booking_id: str, within: timedelta) -> None:
    """Let the operator have promised its answer sooner than it gives it."""
    until = house.clock.now() + within

    def write(session: Session) -> None:
        for row in session.exec(select(ItemRow).where(ItemRow.booking_id == booking_id)).all():
            row.answer_by = until if row.answer_by else None

    await house.store.write(write)


async def _asked(house: House, *more: CarrierOffer, who: Passenger = ADA) -> str:
    outcome = await request(house, "r1", *more, passengers=(who,))
    assert outcome.booking_id is not None
    return outcome.booking_id
