"""Everything about tours, composed: what the floors above work with."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Self

from app.domain.clock import Clock
from app.domain.partner import Partner
from app.domain.refusals import Unsupported
from app.domain.tours import DepartureAvailability, Room
from app.pricing.rates import Rates
from app.tours.availability import Availabilities
from app.tours.catalogue import TourCatalogue
from app.tours.departures import Calendar
from app.tours.kept import Monotonic
from app.tours.offer import DepartureOffer, offered
from app.tours.sellers import Sellers
from carriers.contract import Carrier


@dataclass(frozen=True, kw_only=True)
class TourDesk:
    """Tours, when they depart, whether that can be booked, and for how much."""

    sellers: Sellers
    catalogue: TourCatalogue
    calendar: Calendar
    availabilities: Availabilities
    rates: Rates
    clock: Clock

    @classmethod
    def over(
        cls,
        carriers: Iterable[Carrier],
        *,
        rates: Rates,
        clock: Clock,
        keep: timedelta,
        deadline: timedelta,
        monotonic: Monotonic,
    ) -> Self:
        """A desk over the operators among the carriers; content is asked for at most once in `keep`."""
        sellers = Sellers(carriers)
        return cls(
            sellers=sellers,
            catalogue=TourCatalogue(sellers, keep=keep, deadline=deadline, monotonic=monotonic),
            calendar=Calendar(sellers, clock, keep=keep, monotonic=monotonic),
            availabilities=Availabilities(sellers, clock),
            rates=rates,
            clock=clock,
        )

    def offer(self, availability: DepartureAvailability, rooms: Sequence[Room], partner: Partner) -> DepartureOffer:
        """The rooms, priced for the partner; raises as `offered` does."""
        operator = availability.departure.key.operator
        seller = self.sellers.seller(operator)
        if seller is None:
            raise Unsupported(message=f"The operator {operator} sells nothing here.", carrier=operator)
        return offered(seller, availability, rooms, fees=partner.fees, rates=self.rates, now=self.clock.now())
