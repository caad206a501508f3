"""Duffel behind the carrier contract: each verb in Duffel's calls, and what becomes of a no."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, aclosing
from dataclasses import replace
from datetime import datetime, timedelta

from app.domain.aftersales import CarrierChange, SeatMap, Service, ServiceChoice
from app.domain.clock import Clock
from app.domain.errors import Refusal, Trouble, Unknown
from app.domain.itinerary import CarrierOffer
from app.domain.money import Money
from app.domain.recovery import Call
from app.domain.refusals import CarrierRefused, OfferExpired, PaymentTooLate
from app.domain.search import CarrierOffers, SearchQuery
from app.domain.tours import TourStay
from app.domain.travellers import Traveller
from app.wire.account import path
from app.wire.facts import Incomplete, Json
from carriers.contract import (
    Ability,
    Cancelled,
    CarrierOrder,
    ExchangeOffer,
    ExchangeWish,
    Heard,
    ListedOrder,
    OrderState,
    PendingExchange,
    Profile,
    Purchase,
    RefundTerms,
)
from carriers.duffel import errors, hear, say, webhooks
from carriers.duffel.airline_changes import AirlineChanges
from carriers.duffel.calls import Calls
from carriers.duffel.errors import Declined, Meaning
from carriers.duffel.exchanges import Exchanges
from carriers.duffel.listing import listed, made_since
from carriers.duffel.reading import reading
from carriers.duffel.refunds import Refunds
from carriers.duffel.services import Services
from carriers.unable import Unable

# Our clock and Duffel's differ by less.
_CLOCK_SKEW = timedelta(minutes=5)
# Offers live for minutes; whatever attempt has booked one is younger than this.
_OFFER_LIFE = timedelta(days=1)


class Duffel(Unable):
    """One account with Duffel (API v2, air). `webhook_secret` verifies what it hears.

    Nothing is extended: airlines keep a hold as long as they said.
    """

    def __init__(self, profile: Profile, calls: Calls, clock: Clock, *, webhook_secret: str = "") -> None:
        super().__init__(profile)
        self._calls = calls
        self._clock = clock
        self._changes = AirlineChanges(calls, profile.code)
        self._refunds = Refunds(calls, clock, profile.code)
        self._exchanges = Exchanges(calls, clock, profile.code)
        self._services = Services(calls, profile.code)
        self._webhook_secret = webhook_secret

    async def search(self, query: SearchQuery, *, deadline: timedelta) -> CarrierOffers:
        """Offers for the query, from the airlines that answer Duffel in time."""
        self._need(Ability.SEARCH)
        options = {"return_offers": "true", "supplier_timeout": say.supplier_timeout(deadline)}
        with self._reading():
            body = say.offer_request(query)
            answer = await self._calls.ask("/air/offer_requests", body, query=options, deadline=deadline)
            return hear.offers(self._profile.code, answer)

    async def check(self, offer: str) -> CarrierOffer:
        """The offer as the airline would sell it now."""
        with self._reading(errors.offer_refusal):
            found = hear.offer(self._profile.code, hear.content(await self._calls.get(path("air", "offers", offer))))
        if found.expires_at <= self._clock.now():
            raise OfferExpired(message="The carrier's offer has expired.")
        return found

    async def hold(self, purchase: Purchase, travellers: Sequence[Traveller], call: Call) -> CarrierOrder:
        """Keep the space without paying. Special assistance has no place in Duffel's orders and is not sent."""
        self._need(Ability.HOLD)
        return await self._create(say.hold(purchase, travellers, call.key), purchase, call)

    async def buy(self, purchase: Purchase, travellers: Sequence[Traveller], call: Call) -> CarrierOrder:
        """Buy at once from our balance with Duffel. Special assistance is not sent, as with `hold`."""
        self._need(Ability.BUY)
        return await self._create(say.buy(purchase, travellers, call.key), purchase, call)

    async def pay(self, order: str, amount: Money, call: Call) -> CarrierOrder:
        """Pay a held order from our balance; a paid one answers as it is."""
        self._need(Ability.HOLD)
        try:
            answer = await self._calls.change("/air/payments", say.payment(order, amount), call)
        except Declined as no:
            if no.meaning is not Meaning.ALREADY_PAID:
                raise await self._not_paid(no, order, amount) from None
        else:
            self._check_payment(answer)
        return await self._paid(order)

    async def cancel(self, order: str, call: Call) -> Cancelled:
        """Ask what cancelling gives back and confirm it; one already cancelled is success."""
        self._need(Ability.CANCEL)
        return await self._refunds.cancel(order, call)

    async def quote_refund(self, order: str, stay: TourStay | None = None) -> RefundTerms:  # noqa: ARG002 - tours
        """What a paid order gives back now, by an order cancellation that waits to be confirmed."""
        self._need(Ability.CANCEL)
        return await self._refunds.quote(order)

    async def refund(self, terms: str, call: Call) -> Cancelled:
        """Confirm exactly this order cancellation."""
        self._need(Ability.CANCEL)
        return await self._refunds.confirm(terms, call)

    async def refunded(self, terms: str) -> Cancelled | None:
        """The order cancellation as Duffel tells it now; None while it is not confirmed."""
        return await self._refunds.look(terms)

    async def quote_exchange(self, wish: ExchangeWish) -> Sequence[ExchangeOffer]:
        """What the airline offers in the place of some journeys of a paid order."""
        self._need(Ability.EXCHANGE)
        return await self._exchanges.quote(wish)

    async def prepare_exchange(self, offer: str) -> PendingExchange:
        """Select an offer as an order change that waits to be confirmed."""
        self._need(Ability.EXCHANGE)
        return await self._exchanges.prepare(offer)

    async def exchange(self, pending: PendingExchange, call: Call) -> CarrierOrder:
        """Confirm the order change, paying its balance from ours with Duffel."""
        self._need(Ability.EXCHANGE)
        return await self._exchanges.confirm(pending, call)

    async def exchanged(self, pending: PendingExchange) -> CarrierOrder | None:
        """The order after the change, once Duffel shows it; None while it is not confirmed."""
        return await self._exchanges.look(pending)

    async def offer_services(self, offer: str) -> Sequence[Service]:
        """The bags that can be bought with the offer."""
        self._need(Ability.SERVICES)
        return await self._services.of_offer(offer)

    async def order_services(self, order: str) -> Sequence[Service]:
        """The bags that can be added to the order once it is paid."""
        self._need(Ability.SERVICES)
        return await self._services.of_order(order)

    async def offer_seat_maps(self, offer: str) -> Sequence[SeatMap]:
        """The seat maps of the flights whose airlines show them."""
        self._need(Ability.SERVICES)
        return await self._services.seat_maps(offer)

    async def order_seat_maps(self, order: str) -> Sequence[SeatMap]:  # noqa: ARG002 - the contract's
        """None: Duffel has seats only with an offer."""
        self._need(Ability.SERVICES)
        return ()

    async def add_services(
        self, order: str, services: Sequence[ServiceChoice], amount: Money, call: Call
    ) -> CarrierOrder:
        """Add bags to a paid order, all or none, paid from our balance with Duffel."""
        self._need(Ability.SERVICES)
        return await self._services.add(order, services, amount, call)

    async def changes(
        self,
        order: str,
        agreed: TourStay | None = None,  # noqa: ARG002 - the contract's
    ) -> Sequence[CarrierChange]:
        """The changes that the airline made to the order, newest first."""
        self._need(Ability.CHANGES)
        return await self._changes.listed(order)

    async def accept_change(self, order: str, change: str, call: Call) -> CarrierOrder:
        """Accept the airline's change, as far as Duffel may do so for us."""
        self._need(Ability.CHANGES)
        return await self._changes.accept(order, change, call)

    async def order(self, ref: str) -> CarrierOrder:
        """The order as the airline knows it now; NotFound when Duffel has none."""
        with self._reading():
            return hear.order(await self._order(ref))

    async def find(self, key: str, *, since: datetime) -> CarrierOrder | None:
        """The order our attempt `key` made, among those made at or after `since`."""
        with self._reading():
            found = await self._first(lambda data: hear.key_of(data) == key, since - _CLOCK_SKEW)
            return None if found is None else hear.order(found)

    async def orders(self, *, since: datetime) -> Sequence[ListedOrder]:
        """Every order of the account made at or after `since` by Duffel's clock, newest first, whoever made it."""
        with self._reading():
            return [order async for data in made_since(self._calls, since) if (order := listed(data)) is not None]

    def hear(self, headers: Mapping[str, str], body: bytes) -> Sequence[Heard]:
        """The events in a webhook, verified before parsing; Access when the signature is not Duffel's."""
        self._need(Ability.WEBHOOKS)
        return webhooks.heard(headers, body, secret=self._webhook_secret, now=self._clock.now())

    async def _create(self, body: say.Json, purchase: Purchase, call: Call) -> CarrierOrder:
        try:
            return hear.order(hear.content(await self._calls.change("/air/orders", body, call)))
        except Declined as no:
            return await self._not_created(no, purchase, call)
        except Incomplete as error:
            raise Unknown(str(error), settle_delay=self._calls.accepted_delay) from None

    async def _not_created(self, no: Declined, purchase: Purchase, call: Call) -> CarrierOrder:
        if no.meaning is Meaning.ALREADY_ATTEMPTED:
            return await self._attempted(purchase, call)
        if no.meaning is Meaning.PRICE_CHANGED:
            raise await self._dearer(purchase) from None
        if no.meaning is Meaning.SERVICE_GONE:
            raise await self._services.gone(purchase.offer, purchase.services) from None
        raise errors.offer_refusal(no, self._profile.code) from None

    async def _attempted(self, purchase: Purchase, call: Call) -> CarrierOrder:
        """Somebody has ordered from this search before: we, in an attempt whose answer was lost, or another booking."""
        since = self._clock.now() - _OFFER_LIFE
        try:
            ours = await self._first(lambda data: hear.key_of(data) == call.key, since)
            if ours is not None:
                return hear.order(ours)
            if await self._first(lambda data: data.get("offer_id") == purchase.offer, since):
                raise OfferExpired(message="This offer has been booked already; search again.")
        except (Declined, Trouble, Incomplete):
            pass
        message = "Duffel says that this offer was ordered, and does not show the order yet."
        raise Unknown(message, settle_delay=self._calls.accepted_delay)

    async def _dearer(self, purchase: Purchase) -> Refusal:
        fare = (await self.check(purchase.offer)).total
        now = fare + await self._services.price(purchase.offer, purchase.services, fare.currency)
        if now == purchase.price:
            return OfferExpired(message="The carrier's price moves while it is asked for; search again.")
        return errors.price_changed(purchase.price, now)

    def _check_payment(self, answer: Json) -> None:
        """A payment's own state; CarrierRefused when it failed, Unknown while it is pending."""
        failure = hear.payment_failure(answer)
        if failure is not None:
            message = "The payment failed."
            raise CarrierRefused(message=message, carrier=self._profile.code, reason=failure)
        if hear.is_pending(answer):
            raise Unknown("Duffel has the payment under way.", settle_delay=self._calls.accepted_delay)

    async def _not_paid(self, no: Declined, order: str, amount: Money) -> Refusal:
        if no.meaning is Meaning.PRICE_CHANGED:
            return errors.price_changed(amount, (await self.order(order)).total)
        if no.meaning is Meaning.TOO_LATE:
            limit = (await self.order(order)).pay_by or self._clock.now()
            return PaymentTooLate(message="The carrier's time to pay has passed.", pay_by=limit)
        return errors.refusal(no, self._profile.code)

    async def _paid(self, ref: str) -> CarrierOrder:
        """The order after its payment. Duffel may still show it unpaid for a moment; we know better."""
        try:
            order = await self.order(ref)
        except (Refusal, Trouble):
            raise Unknown("The payment was taken, and the order could not be read afterwards.") from None
        return replace(order, state=OrderState.CONFIRMED) if order.state is OrderState.HELD else order

    async def _order(self, ref: str) -> Json:
        return hear.content(await self._calls.get(path("air", "orders", ref)))

    async def _first(self, wanted: Callable[[Json], bool], since: datetime) -> Json | None:
        """The newest order that fits, among those made at or after `since`."""
        async with aclosing(made_since(self._calls, since)) as recent:
            return await anext((data async for data in recent if wanted(data)), None)

    def _reading(self, refusal: Callable[[Declined, str], Refusal] = errors.refusal) -> AbstractContextManager[None]:
        """Duffel's no as our Refusal."""
        return reading(self._profile.code, refusal)
