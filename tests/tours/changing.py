"""What is done with a tour that is paid, or just its deposit: bookings, refunds and exchanges of them."""

from dataclasses import replace
from datetime import date

from app.aftersales.quote_exchange import ItemExchange, QuoteExchangeWish, take_quote_exchange
from app.booking.desk import Outcome
from app.domain.money import Money
from app.domain.tours import DepartureKey, Room
from app.store.aftersales_tables import QuoteRow
from app.store.tables import BookingRow, ItemRow
from tests.aftersales.selling import quotes
from tests.booking.house import House, passenger, viewer
from tests.tours.selling import OPEN, SINGLE, key, stay

# Mondays with many places: a week later for the same price, in another season for less, and before its rest is due.
WEEK_LATER, CHEAPER, SOONER = date(2026, 6, 8), date(2026, 10, 5), date(2026, 4, 20)
# The other option, which is longer and dearer.
LONGER = "top-end"


async def held(house: House, day: date = OPEN, *rooms: Room) -> BookingRow:
    """A held tour, a single room unless others are given."""
    people = [passenger(given) for given in ("Ada", "Grace", "Emmy")][: sum(room.people for room in rooms or (SINGLE,))]
    outcome = await house.reserve("r1", await stay(house, day, *rooms), passengers=people)
    return await house.booking(outcome.booking_id)


async def on_deposit(house: House, day: date = OPEN, *rooms: Room) -> BookingRow:
    """A tour of which just the deposit is paid."""
    booking = await held(house, day, *rooms)
    assert booking.deposit_minor is not None
    await house.pay(booking.id, amount=Money(booking.deposit_minor, booking.currency))
    return await house.booking(booking.id)


async def paid(house: House, day: date = OPEN, *rooms: Room) -> BookingRow:
    """A tour that is paid in full."""
    booking = await held(house, day, *rooms)
    await house.pay(booking.id)
    return await house.booking(booking.id)


async def live_item(house: House, booking_id: str) -> ItemRow:
    """The booking's item that stands."""
    (row,) = [row for row in await house.items(booking_id) if row.state not in {"EXCHANGED", "REJECTED"}]
    return row


async def wish_for(house: House, booking_id: str, wanted: DepartureKey) -> QuoteExchangeWish:
    """To have another departure of the booking's tour."""
    item = (await live_item(house, booking_id)).id
    return QuoteExchangeWish(booking_id=booking_id, items=(ItemExchange(item=item, departure=wanted),))


async def ask(house: House, booking_id: str, wanted: DepartureKey, ask_key: str = "x1") -> Outcome:
    """Ask what that costs."""
    wish = await wish_for(house, booking_id, wanted)
    return await house.settled(await take_quote_exchange(house.desk, viewer(), ask_key, wish))


async def quoted(house: House, booking_id: str, day: date = WEEK_LATER, ask_key: str = "x1") -> QuoteRow:
    """What another day costs."""
    (row,) = await quotes(house, await ask(house, booking_id, key(day), ask_key))
    return row


def option(name: str, day: date) -> DepartureKey:
    """A departure of another option of the tour."""
    return replace(key(day), option=name)
