"""Bookings exchanged for another departure of their tour: an update of the booking, which OCTO makes at once."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from app.domain.aftersales import RefundForm, RuleGround
from app.domain.clock import Clock
from app.domain.errors import Refusal
from app.domain.itinerary import CarrierOffer
from app.domain.money import Money
from app.domain.recovery import Call
from app.domain.refusals import CarrierRefused, OfferExpired, PriceChanged, QuoteExpired, SoldOut
from app.domain.tours import DepartureKey, TourStay
from app.wire.account import path
from carriers.contract import CarrierOrder, ExchangeOffer, ExchangeWish, OrderState, PendingExchange, Profile
from carriers.octo import errors, offers, say
from carriers.octo.availability import Availability
from carriers.octo.bookings import Bookings
from carriers.octo.catalogue import Catalogue
from carriers.octo.errors import Declined, Meaning
from carriers.octo.exchange_rules import changeable, not_exchangeable
from carriers.octo.hear import Booking
from carriers.octo.references import ExchangeRef, OfferRef

_LIFE = timedelta(minutes=30)


class Exchanges:
    """The exchanges of one account."""

    def __init__(
        self, bookings: Bookings, availability: Availability, catalogue: Catalogue, clock: Clock, who: Profile
    ) -> None:
        self._bookings = bookings
        self._availability = availability
        self._catalogue = catalogue
        self._clock = clock
        self._who = who

    async def quote(self, wish: ExchangeWish) -> Sequence[ExchangeOffer]:
        """The departure wished for, in the same rooms; NotExchangeable says why not."""
        found = await self._bookings.explained(await self._bookings.read(wish.order, wish.stay))
        stay = changeable(found, wish.departure, self._clock.now())
        if wish.departure is None:
            raise not_exchangeable(RuleGround.NO_ALTERNATIVE)
        try:
            offer = await self._offered(stay, wish.departure)
        except Refusal:
            raise not_exchangeable(RuleGround.NO_ALTERNATIVE) from None
        return (self._offer(found, stay, offer),)

    def prepare(self, offer: str) -> PendingExchange:
        """The exchange, ready to be made: OCTO selects nothing, so that the offer says all of it."""
        wanted = ExchangeRef.read(offer)
        self._check_time(wanted)
        return PendingExchange(ref=offer, balance=wanted.balance)

    async def confirm(self, pending: PendingExchange, call: Call) -> CarrierOrder:
        """Make the exchange. Whatever the operator answers, one that is made is success."""
        wanted = ExchangeRef.read(pending.ref)
        found = await self._bookings.read(wanted.order)
        if _is_made(found, wanted):
            return found.order
        self._check_time(wanted)
        offer = await self._still_offered(await self._bookings.explained(found), wanted)
        body = say.move(offer, found.data["unitItems"])
        try:
            made = await self._bookings.change("PATCH", path("bookings", wanted.order), body, call)
        except Declined as no:
            return await self._not_made(no, wanted)
        if not _is_made(made, wanted):
            # What an operator does not know of an update, it leaves out.
            message, state = "The operator did not move the booking.", made.order.state
            raise CarrierRefused(message=message, carrier=self._who.code, reason=state)
        return made.order

    async def look(self, pending: PendingExchange) -> CarrierOrder | None:
        """The booking after the exchange; None while it is not made."""
        wanted = ExchangeRef.read(pending.ref)
        found = await self._bookings.read(wanted.order)
        return found.order if _is_made(found, wanted) else None

    def _offer(self, found: Booking, stay: TourStay, offer: CarrierOffer) -> ExchangeOffer:
        now, until = self._clock.now(), None if found.is_free else stay.terms.exchange_until
        zero = Money.zero(offer.total.currency)
        new = OfferRef.read(offer.ref)
        wanted = ExchangeRef(
            order=found.order.ref,
            region=stay.region,
            replaced=found.availability,
            option=new.option,
            starts_on=new.starts_on,
            availability=new.availability,
            old=found.order.total,
            new=offer.total,
            fee=zero if found.is_free else stay.terms.exchange_fee or zero,
            expires_at=min(now + _LIFE, until or now + _LIFE),
        )
        return ExchangeOffer(
            ref=str(wanted),
            order=wanted.order,
            stay=offer.stay,
            balance=wanted.balance,
            fee=wanted.fee,
            total=wanted.new,
            form=RefundForm.MONEY,
            expires_at=wanted.expires_at,
            conditions=offer.conditions,
        )

    async def _offered(self, stay: TourStay, key: DepartureKey) -> CarrierOffer:
        """The departure as it is sold now, in the same rooms; a Refusal where it is not to be had."""
        region, rooms = stay.region, stay.rooms
        told = (await self._availability.of(region, [key])).get(key)
        if told is None:
            raise OfferExpired(message="The operator no longer sells this departure.")
        content = self._catalogue.known(region)
        offers.check_bookable(content, told, rooms)
        offer = offers.offer(self._who, content, told, rooms, self._clock.now())
        if offer.on_request:
            raise OfferExpired(message="The operator sells this departure on request only.")
        return offer

    async def _still_offered(self, found: Booking, wanted: ExchangeRef) -> CarrierOffer:
        """The departure at the price quoted; another price, or a booking that is another since, is no longer it."""
        stay = changeable(found, None, self._clock.now())
        if (found.availability, found.order.total) != (wanted.replaced, wanted.old):
            raise _no_longer()
        try:
            stay = replace(stay, region=wanted.region)
            offer = await self._offered(stay, replace(stay.key, option=wanted.option, starts_on=wanted.starts_on))
        except SoldOut:
            raise
        except Refusal:
            raise _no_longer() from None
        if offer.total != wanted.new:
            raise _price_changed(wanted, offer.total)
        return offer

    async def _not_made(self, no: Declined, wanted: ExchangeRef) -> CarrierOrder:
        """Our own lost attempt may have made it; else somebody took the places, or the operator does not want to."""
        found = await self._bookings.look_again(wanted.order)
        if _is_made(found, wanted):
            return found.order
        if no.meaning is Meaning.NOT_FOUND:
            raise errors.refusal(no, self._who.code)
        changeable(found, None, self._clock.now())
        raise SoldOut(message="The operator no longer has the places that this exchange would give.")

    def _check_time(self, wanted: ExchangeRef) -> None:
        if self._clock.now() >= wanted.expires_at:
            raise _no_longer()


def _is_made(found: Booking, wanted: ExchangeRef) -> bool:
    """Whether the booking is for the new departure; one that was cancelled afterwards is for none."""
    here = (found.data["optionId"], found.availability) == (wanted.option, wanted.availability)
    return here and found.order.state is OrderState.CONFIRMED


def _price_changed(wanted: ExchangeRef, new: Money) -> PriceChanged:
    asked = new - wanted.old + wanted.fee
    return PriceChanged(
        message=f"The operator now asks {asked} for the exchange instead of {wanted.balance}.",
        old_total=wanted.balance,
        new_total=asked,
    )


def _no_longer() -> QuoteExpired:
    return QuoteExpired(message="The operator no longer offers this exchange; ask for a new quote.")
