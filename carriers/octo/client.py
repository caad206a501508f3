"""A tour operator behind the contracts of carriers and of tours, in OCTO's calls."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime

from app.domain.aftersales import CarrierChange
from app.domain.clock import Clock
from app.domain.itinerary import CarrierOffer
from app.domain.money import Money
from app.domain.recovery import Call
from app.domain.refusals import OfferExpired
from app.domain.tours import (
    Departure,
    DepartureAvailability,
    DepartureKey,
    Room,
    SellingCompany,
    SellingRegion,
    Tour,
    TourStay,
)
from app.domain.travellers import Traveller
from carriers.contract import (
    Ability,
    Cancelled,
    CarrierOrder,
    ExchangeOffer,
    ExchangeWish,
    ListedOrder,
    PendingExchange,
    Profile,
    Purchase,
    RefundTerms,
)
from carriers.octo import offers
from carriers.octo.availability import Availability
from carriers.octo.bookings import Bookings
from carriers.octo.calls import Calls
from carriers.octo.catalogue import Catalogue
from carriers.octo.exchanges import Exchanges
from carriers.octo.given_back import cancelled
from carriers.octo.operator_changes import OperatorChanges
from carriers.octo.references import OfferRef
from carriers.octo.refunds import Refunds
from carriers.unable import Unable


class Octo(Unable):
    """One account with a tour operator. `hold_minutes` is how long places are asked to be kept."""

    def __init__(self, profile: Profile, calls: Calls, clock: Clock, *, hold_minutes: int) -> None:
        super().__init__(profile)
        self._clock = clock
        self._catalogue = Catalogue(calls, clock, profile.code)
        self._availability = Availability(calls, clock, self._catalogue, profile, hold_minutes=hold_minutes)
        self._bookings = Bookings(calls, clock, self._catalogue, profile, hold_minutes=hold_minutes)
        self._refunds = Refunds(self._bookings, clock)
        self._changes = OperatorChanges(self._bookings, clock, profile.code)
        self._exchanges = Exchanges(self._bookings, self._availability, self._catalogue, clock, profile)

    async def selling_companies(self) -> Sequence[SellingCompany]:
        """Who sells its tours: those it names for each region, or the operator itself everywhere."""
        self._need(Ability.TOURS)
        return tuple((await self._catalogue.of(SellingRegion.ZZ)).companies.values())

    async def tours(self, region: SellingRegion) -> Sequence[Tour]:
        """Everything it sells in the region, read anew."""
        self._need(Ability.TOURS)
        return tuple(product.tour for product in (await self._catalogue.read(region)).products.values())

    async def departures(
        self, region: SellingRegion, tour: str, option: str, first: date, last: date
    ) -> Sequence[Departure]:
        """The option's departures, by its seasons or by plain OCTO's calendar."""
        self._need(Ability.TOURS)
        return await self._availability.departures(region, tour, option, first, last)

    async def availability(
        self, region: SellingRegion, departures: Iterable[DepartureKey]
    ) -> Mapping[DepartureKey, DepartureAvailability]:
        """In one call with our capability, in one for each option without."""
        self._need(Ability.TOURS)
        return await self._availability.of(region, departures)

    def offer(self, availability: DepartureAvailability, rooms: Sequence[Room]) -> CarrierOffer:
        """What it would sell for these rooms, by what it told before."""
        self._need(Ability.TOURS)
        content = self._catalogue.known(availability.region)
        return offers.offer(self._profile, content, availability, rooms, self._clock.now())

    async def check(self, offer: str) -> CarrierOffer:
        """The departure as the operator would sell it now, for the same rooms."""
        self._need(Ability.TOURS)
        wanted = OfferRef.read(offer)
        key = DepartureKey(
            operator=self._profile.code, tour=wanted.tour, option=wanted.option, starts_on=wanted.starts_on
        )
        found = await self._availability.of(wanted.region, [key])
        if key not in found:
            raise OfferExpired(message="The operator no longer sells this departure.")
        content = self._catalogue.known(wanted.region)
        return offers.checked(self._profile, content, found[key], wanted.rooms, self._clock.now())

    async def hold(self, purchase: Purchase, travellers: Sequence[Traveller], call: Call) -> CarrierOrder:
        """Keep the places, or ask for them where that takes a person."""
        self._need(Ability.HOLD)
        return await self._bookings.hold(purchase, travellers, call)

    async def extend(self, order: str, until: datetime, call: Call) -> CarrierOrder:
        """Keep the places longer, as long as the operator would."""
        self._need(Ability.EXTEND)
        return await self._bookings.extend(order, until, call)

    async def pay(self, order: str, amount: Money, call: Call) -> CarrierOrder:  # noqa: ARG002 - the contract's
        """Confirm the booking. OCTO takes no money: what is owed is on the operator's invoice, whatever is paid now."""
        self._need(Ability.HOLD)
        return await self._bookings.confirm(order, call)

    async def cancel(self, order: str, call: Call) -> Cancelled:
        """Cancel a booking in whatever state; one that has ended is success."""
        self._need(Ability.CANCEL)
        return cancelled(await self._bookings.explained_if_told(await self._bookings.end(order, call)))

    async def quote_refund(self, order: str, stay: TourStay | None = None) -> RefundTerms:
        """What a confirmed booking gives back now, by the operator's scale or plain OCTO's cut-off."""
        self._need(Ability.CANCEL)
        return await self._refunds.quote(order, stay)

    async def refund(self, terms: str, call: Call) -> Cancelled:
        """Cancel the booking at exactly these terms."""
        self._need(Ability.CANCEL)
        return await self._refunds.confirm(terms, call)

    async def refunded(self, terms: str) -> Cancelled | None:
        """What became of these terms, by the booking's cancellation; None while there is none."""
        self._need(Ability.CANCEL)
        return await self._refunds.look(terms)

    async def quote_exchange(self, wish: ExchangeWish) -> Sequence[ExchangeOffer]:
        """The departure wished for in the place of the booking's, in the same rooms."""
        self._need(Ability.EXCHANGE)
        return await self._exchanges.quote(wish)

    async def prepare_exchange(self, offer: str) -> PendingExchange:
        """The exchange that the offer says; OCTO has nothing to select."""
        self._need(Ability.EXCHANGE)
        return self._exchanges.prepare(offer)

    async def exchange(self, pending: PendingExchange, call: Call) -> CarrierOrder:
        """Update the booking to its new departure; the balance is on the operator's invoice."""
        self._need(Ability.EXCHANGE)
        return await self._exchanges.confirm(pending, call)

    async def exchanged(self, pending: PendingExchange) -> CarrierOrder | None:
        """The booking, once it is for the new departure."""
        self._need(Ability.EXCHANGE)
        return await self._exchanges.look(pending)

    async def changes(self, order: str, agreed: TourStay | None = None) -> Sequence[CarrierChange]:
        """What the operator changed by itself: a booking or departure that it cancelled, or moved."""
        self._need(Ability.CHANGES)
        return await self._changes.listed(order, agreed)

    async def accept_change(self, order: str, change: str, call: Call) -> CarrierOrder:
        """Accept a move; in plain OCTO there is nobody to be told."""
        self._need(Ability.CHANGES)
        return await self._changes.accept(order, change, call)

    async def order(self, ref: str) -> CarrierOrder:
        """The booking as the operator knows it now; NotFound when it has none."""
        self._need(Ability.HOLD)
        return (await self._bookings.read(ref)).order

    async def orders(self, *, since: datetime) -> Sequence[ListedOrder]:
        """Every booking of the account, newest first; Unsupported in plain OCTO, which lists none by time."""
        self._need(Ability.HOLD)
        if not (await self._catalogue.of(SellingRegion.ZZ)).rich:
            raise self._unsupported()
        return await self._bookings.since(since)

    async def find(self, key: str, *, since: datetime) -> CarrierOrder | None:  # noqa: ARG002 - the contract's
        """The booking our attempt `key` made, by the uuid that the key gave it."""
        self._need(Ability.HOLD)
        return await self._bookings.find(key)
