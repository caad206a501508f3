"""What clients and a tour operator do in a random life: departures reserved and asked for, deposits, answers, days."""

from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from typing import TYPE_CHECKING

from app.booking.passengers import Passenger
from app.booking.pay import PayWish, take_pay
from app.booking.reserve import ReserveWish, take_reserve
from app.booking.sessions import CardWish
from app.domain.errors import Refusal, Trouble, Unknown
from app.domain.money import Money
from app.store.tables import BookingRow
from tests.booking.house import passenger, viewer
from tests.booking.scenes import guaranteed
from tests.proof.faults import OPERATORS
from tests.tours import selling
from tests.tours.selling import ASKED, LAST_PLACE, OPEN, SINGLE, TWIN, TWO_PLACES, answer, refused, stay, unanswered

if TYPE_CHECKING:
    from tests.proof.schedules import Schedule

# The rest after the deposit is due in summer, in some days (of the last two places, of many), and at once.
_DAYS = (
    OPEN, LAST_PLACE, TWO_PLACES, ASKED, ASKED, selling.SHUT,
    date(2026, 5, 2), date(2026, 5, 4), date(2026, 5, 4), date(2026, 4, 27),
)  # fmt: skip
# Until operators answer, holds lapse and balances are due.
_PAUSES = (timedelta(hours=2), timedelta(hours=12), timedelta(hours=30), timedelta(days=3))
_FLIGHT_TOO = 1 / 4


class Tours:
    """The part of a schedule that is about departures."""

    def __init__(self, schedule: "Schedule") -> None:
        self.schedule = schedule
        self.random = schedule.random

    def moves(self) -> dict[Callable[[], Awaitable[None]], int]:
        """What can happen, and how often."""
        return {
            self.reserve_departure: 4,
            self.pay_deposit: 3,
            self.answer_requests: 2,
            self.days_pass: 1,
            self.fault_at_the_operator: 4,
        }

    async def reserve_departure(self) -> None:
        """A client reserves rooms of a departure, perhaps with a flight."""
        rooms = self.random.choice(((SINGLE,), (SINGLE,), (TWIN,), (SINGLE, SINGLE)))
        people = sum(room.people for room in rooms)
        flight = people == 1 and self.random.random() < _FLIGHT_TOO
        lead = self.random.choice((passenger, passenger, passenger, refused, unanswered))()
        try:
            offers = [await stay(self.schedule.shop, self.random.choice(_DAYS), *rooms)]
            offers += [await guaranteed(self.schedule.shop)] if flight else []
        except (IndexError, Refusal, Trouble, Unknown):
            # An earlier fault was met, or took the flight.
            return
        tokens = tuple(self.schedule.shop.token(offer) for offer in offers)
        wish = ReserveWish(offers=tokens, passengers=_party(lead, people))
        self.schedule.want("rt", lambda house, key: take_reserve(house.desk, viewer(), key, wish))

    async def pay_deposit(self) -> None:
        """A client pays just a booking's deposit, on account or by card."""
        booking = await self.schedule.booking()
        deposit = _deposit(booking)
        if booking is None or deposit is None:
            return
        if self.random.random() < 1 / 2:
            self.schedule.want_form(CardWish(booking_id=booking.id, amount=deposit))
        else:
            wish = PayWish(booking_id=booking.id, amount=deposit)
            self.schedule.want("pd", lambda house, key: take_pay(house.desk, viewer(), key, wish))

    async def answer_requests(self) -> None:
        """The operator answers whatever waits for it."""
        answer(self.schedule.shop, accept=self.random.random() < 2 / 3)

    async def days_pass(self) -> None:
        """Nobody comes for hours or days."""
        self.schedule.clock.advance(self.random.choice(_PAUSES))

    async def fault_at_the_operator(self) -> None:
        """Something will go wrong at the operator."""
        self.schedule.spoil(OPERATORS)


def _party(lead: Passenger, people: int) -> tuple[Passenger, ...]:
    return (lead, *(passenger(given) for given in ("Grace",)[: people - 1]))


def _deposit(booking: BookingRow | None) -> Money | None:
    if booking is None or booking.deposit_minor is None:
        return None
    return Money(booking.deposit_minor, booking.currency)
