"""Rooms of a departure, priced for a partner and sealed into an offer that `reserve` takes like any other."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from app.domain.itinerary import CarrierOffer, ExchangeRate, OfferPassenger, Price
from app.domain.money import Money
from app.domain.partner import FeeRule
from app.domain.refusals import InvalidInput, NotBookable, Unsupported
from app.domain.tours import DepartureAvailability, Room
from app.pricing.offers import OfferToken
from app.pricing.price import NoRateError, price, to_confirm
from app.pricing.rates import Rates
from carriers.tours import TourSeller

# An offer token has room for so many passengers.
MOST_PEOPLE: Final = 9
_OLDEST_CHILD: Final = 17


@dataclass(frozen=True, kw_only=True, slots=True)
class DepartureOffer:
    """What rooms of a departure cost the customer; `rooms` has the number of each passenger's room, from 1."""

    offer: CarrierOffer
    price: Price
    rooms: tuple[int, ...]

    @property
    def deposit(self) -> Money | None:
        """What confirms it, fees included; None where that takes everything."""
        return to_confirm(self.offer, self.price.total) if self.offer.deposit else None

    @property
    def passengers(self) -> Sequence[tuple[int, OfferPassenger]]:
        """Everybody with the number of their room, in the order of the rooms."""
        return list(zip(self.rooms, self.offer.passengers, strict=True))

    def token(self) -> OfferToken:
        """What `reserve` needs to know of it."""
        offer = self.offer
        return OfferToken(
            carrier=offer.carrier,
            offer=offer.ref,
            price=self.price,
            passengers=offer.passengers,
            holdable=offer.holdable,
            required=offer.required,
            document_kinds=offer.document_kinds,
            starts_on=offer.stay.key.starts_on if offer.stay else None,
            region=offer.stay.region if offer.stay else None,
            expires_at=offer.expires_at,
        )


def offered(
    seller: TourSeller,
    availability: DepartureAvailability,
    rooms: Sequence[Room],
    *,
    fees: tuple[FeeRule, ...],
    rates: Rates,
    now: datetime,
) -> DepartureOffer:
    """The rooms at their price now, in the region's currency.

    InvalidInput for rooms that cannot be meant or have no rate, NotBookable where no price is known, Unsupported where
    a fee of the partner's cannot be converted.
    """
    _check(rooms)
    if not availability.rates:
        raise NotBookable(message="No price is known for this departure.", status=availability.status)
    offer = seller.offer(availability, rooms)
    numbers = tuple(number for number, room in enumerate(rooms, start=1) for _ in range(_people(room)))
    return DepartureOffer(offer=offer, price=_priced(offer, fees, rates, now), rooms=numbers)


def _priced(offer: CarrierOffer, fees: tuple[FeeRule, ...], rates: Rates, now: datetime) -> Price:
    currency = offer.total.currency
    agreed = {rule.amount.currency for rule in fees if rule.amount is not None} - {currency}
    known: dict[str, ExchangeRate] = {each: rate for each in agreed if (rate := rates.rate(each, currency, now))}
    try:
        return price(offer, currency=currency, fees=fees, rate=None, fee_rates=known)
    except NoRateError:
        message = f"A fee of this partner is agreed in a currency that no exchange rate converts to {currency}."
        raise Unsupported(message=message, carrier=offer.carrier) from None


def _people(room: Room) -> int:
    return room.adults + len(room.child_ages)


def _check(rooms: Sequence[Room]) -> None:
    """InvalidInput for what no offer can be for; who can sleep in which room is the operator's to say."""
    for index, room in enumerate(rooms):
        if any(not 0 <= age <= _OLDEST_CHILD for age in room.child_ages):
            message = f"A child is 0 to {_OLDEST_CHILD} years old on the first day of the tour."
            raise InvalidInput(message=message, path=("rooms", str(index), "childAges"))
        if not 1 <= room.adults <= MOST_PEOPLE:
            message = f"A room has 1 to {MOST_PEOPLE} adults; no child sleeps alone."
            raise InvalidInput(message=message, path=("rooms", str(index), "adults"))
    people = sum(map(_people, rooms))
    if not 1 <= people <= MOST_PEOPLE:
        raise InvalidInput(message=f"An offer is for 1 to {MOST_PEOPLE} people; this is {people}.", path=("rooms",))
