"""A search, and everything that follows from it: the offers are derived, never stored."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from itertools import islice, pairwise, product

from carriers.sandbox.chance import in_base62
from carriers.sandbox.duffel import magic
from carriers.sandbox.duffel.airlines import AIRLINES
from carriers.sandbox.duffel.fares import Brand, Price, brands, has_cabin, price
from carriers.sandbox.duffel.itineraries import Journey, journeys
from carriers.sandbox.duffel.places import airports, within_place
from carriers.sandbox.duffel.timetable import with_stop

OFFER_LIFE = timedelta(minutes=30)
_PER_AIRLINE_ONE_WAY = 6
_PER_AIRLINE_PER_SLICE = 3
_COMBINATIONS_PER_AIRLINE = 6
_SALES_CLOSE = timedelta(hours=2)
# Countries that ask airlines for passport data before departure (advance passenger information).
_PASSPORT_COUNTRIES = frozenset({"US", "CA", "AU", "CN", "IN", "JP", "BR", "AE", "SG"})

Window = tuple[time, time]


@dataclass(frozen=True, slots=True)
class Slice:
    """Where and when a search wants to go; the windows are in local time of their place."""

    origin: str
    destination: str
    day: date
    departure: Window | None = None
    arrival: Window | None = None


@dataclass(frozen=True, slots=True)
class Traveller:
    """Who travels; the type is Duffel's, worked out from the age where only that was given."""

    id: str
    type: str
    age: int | None = None


@dataclass(frozen=True, slots=True)
class Search:
    """An offer request."""

    id: str
    created_at: datetime
    slices: tuple[Slice, ...]
    travellers: tuple[Traveller, ...]
    cabin: str
    max_connections: int = 1

    @property
    def route(self) -> tuple[str, str] | None:
        """Origin and destination of a one-way search: what magic routes go by."""
        return (self.slices[0].origin, self.slices[0].destination) if len(self.slices) == 1 else None

    @property
    def seats(self) -> int:
        """How many seats are needed; infants sit on laps."""
        return sum(traveller.type != "infant_without_seat" for traveller in self.travellers)


@dataclass(frozen=True, slots=True)
class Offer:
    """One airline's price for one combination of journeys in one fare brand."""

    search: Search
    index: int
    airline: str
    brand: Brand
    journeys: tuple[Journey, ...]

    @property
    def id(self) -> str:
        """Duffel's identifier of the offer; it leads back to its search."""
        return f"off_{self.search.id[4:22]}{in_base62(self.index, 4)}"

    @property
    def flights(self) -> Journey:
        """Every flight of every journey."""
        return tuple(flight for journey in self.journeys for flight in journey)

    @property
    def expires_at(self) -> datetime:
        """When the offer can no longer be booked."""
        return self.search.created_at + OFFER_LIFE

    @property
    def departs(self) -> datetime:
        """The first departure, in local time."""
        return self.journeys[0][0].departs

    def first_price(self) -> Price:
        """What it costs when it is found."""
        return self.price_of(self.flights)

    def price_of(self, flights: Journey) -> Price:
        """What some of its flights cost when it is found."""
        kinds = tuple(traveller.type for traveller in self.search.travellers)
        return price(self.airline, self.brand, self.search.cabin, flights, kinds)

    def payment_limits(self) -> tuple[datetime, datetime | None] | None:
        """Until when it can be held unpaid, and until when at this price; None: it must be paid at once."""
        line = AIRLINES[self.airline]
        hold = line.hold_hours or (24 if self.search.route == magic.ALL_HOLDABLE else 0)
        start = self.search.created_at
        if hold == 0 or self.departs - start < timedelta(hours=6):
            return None
        pay_by = min(start + timedelta(hours=hold), self.departs - timedelta(hours=4))
        pay_by = pay_by.astimezone(start.tzinfo).replace(microsecond=0)
        if line.guarantee_hours is None:
            return pay_by, None
        return pay_by, min(pay_by, (start + timedelta(hours=line.guarantee_hours)).replace(microsecond=0))

    @property
    def documents_required(self) -> bool:
        """Whether every passenger must show an identity document."""
        ends = {airports()[code].country for flight in self.flights for code in (flight.origin, flight.destination)}
        return len(ends) > 1 and bool(ends & _PASSPORT_COUNTRIES)


def index_of(offer_id: str) -> tuple[str, str]:
    """The search's part and the index's part of an offer id."""
    return offer_id[4:22], offer_id[22:]


@lru_cache(maxsize=64)
def offers(search: Search, airlines: tuple[str, ...] = tuple(AIRLINES)) -> tuple[Offer, ...]:
    """Every offer of these airlines that answers the search, whether or not seats are left."""
    if search.route == magic.NO_OFFERS:
        return ()
    found = (
        (airline, brand, combination)
        for airline in airlines
        for combination in _combinations(search, airline)
        for brand in brands(search.cabin)
    )
    return tuple(Offer(search, index, *parts) for index, parts in enumerate(found))


def _combinations(search: Search, airline: str) -> Iterator[tuple[Journey, ...]]:
    most = _PER_AIRLINE_ONE_WAY if len(search.slices) == 1 else _PER_AIRLINE_PER_SLICE
    options = [list(islice(_journeys(search, airline, piece), most)) for piece in search.slices]
    if not all(options):
        return
    in_order = (chosen for chosen in product(*options) if _follows(chosen))
    yield from islice(in_order, _COMBINATIONS_PER_AIRLINE)


def _follows(chosen: tuple[Journey, ...]) -> bool:
    return all(first[-1].arrives < second[0].departs for first, second in pairwise(chosen))


def _journeys(search: Search, airline: str, piece: Slice) -> Iterator[Journey]:
    origins, destinations = within_place(piece.origin), within_place(piece.destination)
    for journey in journeys(airline, origins, destinations, piece.day):
        shaped = _shaped(search, journey)
        if shaped and _wanted(search, piece, shaped):
            yield shaped


def _shaped(search: Search, journey: Journey) -> Journey | None:
    if search.route == magic.ONLY_CONNECTING and len(journey) == 1:
        return None
    if search.route == magic.ONE_STOP:
        return (with_stop(journey[0], magic.ONE_STOP_AT),) if len(journey) == 1 else None
    return journey


def _wanted(search: Search, piece: Slice, journey: Journey) -> bool:
    return (
        len(journey) - 1 <= search.max_connections
        and journey[0].departs - search.created_at > _SALES_CLOSE
        and all(has_cabin(flight, search.cabin) for flight in journey)
        and _inside(journey[0].departs.time(), piece.departure)
        and _inside(journey[-1].arrives.time(), piece.arrival)
    )


def _inside(moment: time, window: Window | None) -> bool:
    return window is None or window[0] <= moment <= window[1]
