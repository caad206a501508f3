"""Items with the offer they were made from, read from its JSON once however many fields ask for it."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from app.booking.facts import offer_of, price_of
from app.domain.itinerary import CarrierOffer, Journey, Price, Segment
from app.domain.money import Money
from app.store.tables import ItemRow
from carriers.contract import Profile
from resolvers.context import Context


@dataclass(frozen=True)
class Item:
    """One carrier's part of a booking, as stored."""

    row: ItemRow

    @cached_property
    def offer(self) -> CarrierOffer | None:
        """What the carrier offered when it was last checked; None before that."""
        return offer_of(self.row)

    @cached_property
    def price(self) -> Price:
        """What the customer pays for it."""
        return price_of(self.row)

    @property
    def kept(self) -> Money:
        """What of its price stays to be paid after its refund."""
        return Money(self.row.kept_minor, self.price.currency)

    @property
    def journeys(self) -> tuple[Journey, ...]:
        """The journeys it is for."""
        return self.offer.journeys if self.offer else ()

    @property
    def segments(self) -> tuple[Segment, ...]:
        """The flights of its journeys, in order."""
        return tuple(segment for journey in self.journeys for segment in journey.segments)

    @property
    def travellers(self) -> Mapping[str, str]:
        """Traveller ids by the carrier's passenger references."""
        return {reference: traveller for traveller, reference in self.row.passengers.items()}


def profile(context: Context, code: str) -> Profile | None:
    """The carrier's profile; None for a carrier that the settings no longer name."""
    carriers = context.services.carriers
    return carriers.get(code).profile if code in carriers else None
