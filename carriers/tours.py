"""What everything above knows of a carrier that runs tours: what it sells, when that departs, and whether it is free.

Its departures are reserved, paid, refunded and exchanged like anything else, through `carriers.contract`.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Protocol, runtime_checkable

from app.domain.itinerary import CarrierOffer
from app.domain.tours import (
    Departure,
    DepartureAvailability,
    DepartureKey,
    Room,
    SellingCompany,
    SellingRegion,
    Tour,
)
from carriers.contract import Profile


@runtime_checkable
class TourSeller(Protocol):
    """One tour operator. All of it is reading: an answer that is lost is Trouble."""

    @property
    def profile(self) -> Profile:
        """Who it is and what it can do."""
        ...

    async def selling_companies(self) -> Sequence[SellingCompany]:
        """Who sells its tours, by region; one for every region where it has one for all."""
        ...

    async def tours(self, region: SellingRegion) -> Sequence[Tour]:
        """Everything it sells in the region, with the region's content. What is incomplete is left out."""
        ...

    async def departures(
        self, region: SellingRegion, tour: str, option: str, first: date, last: date
    ) -> Sequence[Departure]:
        """The option's departures in the region from one local day to another, both included, earliest first."""
        ...

    async def availability(
        self, region: SellingRegion, departures: Iterable[DepartureKey]
    ) -> Mapping[DepartureKey, DepartureAvailability]:
        """Whether these departures can be booked in the region, in as few calls as it can be asked with.

        One that it does not know is not in the answer.
        """
        ...

    def offer(self, availability: DepartureAvailability, rooms: Sequence[Room]) -> CarrierOffer:
        """What it would sell for these rooms, whatever the status, without asking anew; `Carrier.check` does that.

        The price is that of the availability, however old; it can be reserved for a while from now on.

        InvalidInput for rooms in which nobody can sleep, or that it has no rate for.
        """
        ...
