"""Bookings from their hold to their end: made under a uuid of ours, by which each can be asked for again."""

import logging
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from math import ceil
from typing import Any

from app.domain.clock import Clock
from app.domain.errors import Refusal, Trouble, Unknown
from app.domain.money import Money
from app.domain.recovery import Call
from app.domain.refusals import CarrierRefused, NotFound, OfferExpired, PaymentTooLate, RequestRejected, SoldOut
from app.domain.tours import SellingRegion, TourStay
from app.domain.travellers import Traveller
from app.wire.account import path
from app.wire.facts import Incomplete
from carriers.contract import CarrierOrder, ListedOrder, OrderState, Profile, Purchase
from carriers.octo import errors, hear, hear_stay, say
from carriers.octo.calls import Calls
from carriers.octo.catalogue import Catalogue
from carriers.octo.content import Product
from carriers.octo.errors import Answer, Declined, Meaning
from carriers.octo.hear import Booking
from carriers.octo.reading import reading
from carriers.octo.reasons import CANCELLED
from carriers.octo.references import OfferRef

log = logging.getLogger(__name__)

_OVER = {OrderState.CANCELLED, OrderState.REJECTED}


class Bookings:
    """The bookings of one account. `hold_minutes` is how long places are asked to be kept."""

    def __init__(self, calls: Calls, clock: Clock, catalogue: Catalogue, who: Profile, *, hold_minutes: int) -> None:
        self._calls = calls
        self._clock = clock
        self._catalogue = catalogue
        self._who = who
        self._hold_minutes = hold_minutes

    async def read(self, ref: str, agreed: TourStay | None = None) -> Booking:
        """The booking as it is now; NotFound or Trouble. It is for the stay `agreed` where it does not say."""
        with reading(self._who.code):
            return self._heard(await self._calls.get(path("bookings", ref)), agreed)

    async def explained(self, found: Booking) -> Booking:
        """The booking with what it is for, if that can still be asked for; Trouble where nobody answers."""
        if found.booked is not None:
            return found
        with reading(self._who.code):
            region, tour = hear_stay.sold(found.answer)
            try:
                known = await self._catalogue.product(region, tour)
            except (Declined, Refusal, Incomplete):
                return found
            return hear.booking(found.answer, hear_stay.told(self._who, found.answer, known))

    async def explained_if_told(self, ended: Booking) -> Booking:
        """The same for what was cancelled, which no silence undoes; what was never confirmed gives nothing back."""
        if not ended.confirmed:
            return ended
        try:
            return await self.explained(ended)
        except Trouble:
            return ended

    async def find(self, key: str) -> CarrierOrder | None:
        """What our call with this key booked."""
        try:
            return (await self.read(say.booking_uuid(key))).order
        except NotFound:
            return None

    async def since(self, moment: datetime) -> Sequence[ListedOrder]:
        """Every booking of the account made at or after then, newest first; our capability's list."""
        with reading(self._who.code):
            query = {"utcCreatedFrom": moment.astimezone(UTC).isoformat().replace("+00:00", "Z")}
            listed = hear.listed(await self._calls.get("/bookings/", query))
        found = [order for answer in listed if (order := self._on_list(answer)) is not None]
        return sorted(found, key=lambda order: order.created_at, reverse=True)

    async def hold(self, purchase: Purchase, travellers: Sequence[Traveller], call: Call) -> CarrierOrder:
        """Book the offer unconfirmed, at the price agreed or not at all."""
        offer = OfferRef.read(purchase.offer)
        body = say.reservation(offer, purchase, travellers, call.key, self._hold_minutes)
        try:
            found = await self.change("POST", "/bookings/", body, call, region=offer.region)
        except Declined as no:
            found = await self._held_before(no, call.key)
        return await self._agreed(found.order, purchase.price, call)

    async def extend(self, order: str, until: datetime, call: Call) -> CarrierOrder:
        """Keep the places until then, or as long as the operator would."""
        minutes = ceil((until - self._clock.now()) / timedelta(minutes=1))
        body = say.extension(max(minutes, 1))
        try:
            kept = (await self.change("POST", path("bookings", order, "extend"), body, call)).order
        except Declined as no:
            raise errors.refusal(no, self._who.code) from None
        if kept.state in _OVER:
            raise self._too_late()
        return kept

    async def confirm(self, order: str, call: Call) -> CarrierOrder:
        """Confirm a held booking for whom it was made; one that is confirmed answers as it is."""
        found = await self.read(order)
        if found.order.state is OrderState.CONFIRMED:
            return found.order
        self._check_confirmable(found.order)
        body = say.confirmation(found.data.get("contact") or {})
        try:
            return (await self.change("POST", path("bookings", order, "confirm"), body, call)).order
        except Declined as no:
            return await self._not_confirmed(no, order)

    async def end(self, order: str, call: Call, *, reason: str = CANCELLED) -> Booking:
        """Cancel a booking; one that has ended already is success."""
        try:
            found = await self.change("POST", path("bookings", order, "cancel"), say.cancellation(reason), call)
        except Declined as no:
            return await self._ended(no, order)
        if found.order.state not in _OVER:
            raise Unknown("The operator took the cancellation, and does not show it.")
        return found

    async def change(
        self,
        method: str,
        where: str,
        body: Any,  # noqa: ANN401 - JSON
        call: Call,
        *,
        region: SellingRegion | None = None,
    ) -> Booking:
        """The booking after a changing call; Declined, Trouble or Unknown."""
        answer = await self._calls.change(method, where, body, call, region=region)
        try:
            return self._heard(answer)
        except Incomplete:
            raise Unknown("The operator answered, and its answer cannot be read.") from None

    def _heard(self, answer: Answer, agreed: TourStay | None = None) -> Booking:
        """The booking by what is known: how it stands is the booking's own to say, whatever is sold by now."""
        booked = hear_stay.told(self._who, answer, self._remembered(answer))
        if agreed is not None:
            booked = (
                hear_stay.agreed(answer, agreed) if booked is None else hear_stay.sold_in(answer, booked, agreed.region)
            )
        return hear.booking(answer, booked)

    def _remembered(self, answer: Answer) -> Product | None:
        try:
            return self._catalogue.remembered(*hear_stay.sold(answer))
        except Incomplete:
            return None

    def _on_list(self, answer: Answer) -> ListedOrder | None:
        """A booking of the list; None where it cannot be read, which must hide no other."""
        try:
            return hear.on_list(self._heard(answer))
        except Incomplete as error:
            log.warning("a booking is left out of the list: %s", error)
            return None

    async def _held_before(self, no: Declined, key: str) -> Booking:
        """A uuid that is in use is that of our own attempt, with travellers who were corrected since.

        OCTO has one word for what cannot be booked, and no other reason to refuse a request that is as it should be.
        """
        if no.meaning is Meaning.NOT_FOUND:
            return await self.look_again(say.booking_uuid(key))
        if no.meaning is Meaning.REFUSED:
            raise SoldOut(message="The departure has not enough places left.")
        raise errors.refusal(no, self._who.code)

    async def _agreed(self, order: CarrierOrder, price: Money, call: Call) -> CarrierOrder:
        """The booking if it stands at the price agreed; what stands at another is given up again."""
        if order.total != price:
            await self._give_up(order, call)
            raise self._another_price(price, order.total)
        if order.state is OrderState.REJECTED:
            raise RequestRejected(message="The operator refused the request.")
        if order.state is OrderState.CANCELLED:
            raise OfferExpired(message="What was held for this has lapsed; search again.")
        return order

    def _another_price(self, agreed: Money, asked: Money) -> Refusal:
        """A price that can be agreed to instead; one in another currency cannot."""
        if asked.currency == agreed.currency:
            return errors.price_changed(agreed, asked)
        message = f"The operator booked it in {asked.currency} instead of {agreed.currency}."
        return CarrierRefused(message=message, carrier=self._who.code, reason=asked.currency)

    async def _give_up(self, order: CarrierOrder, call: Call) -> None:
        if order.state is OrderState.CANCELLED:
            return
        try:
            await self.end(order.ref, call)
        except (Trouble, CarrierRefused):
            # A refusal would say that nothing happened.
            raise Unknown("The operator holds it at another price, and did not let it go.") from None

    def _check_confirmable(self, order: CarrierOrder) -> None:
        if order.state is OrderState.HELD:
            return
        if order.state is OrderState.CANCELLED:
            raise self._too_late()
        message = "The operator has not accepted this booking."
        raise CarrierRefused(message=message, carrier=self._who.code, reason=order.state)

    def _too_late(self) -> PaymentTooLate:
        return PaymentTooLate(message="The operator's time to pay has passed.", pay_by=self._clock.now())

    async def _not_confirmed(self, no: Declined, ref: str) -> CarrierOrder:
        """A lost attempt of ours may have confirmed it; else its time is over, or the operator does not want to."""
        order = (await self.look_again(ref)).order
        if order.state is OrderState.CONFIRMED:
            return order
        self._check_confirmable(order)
        raise errors.refusal(no, self._who.code)

    async def _ended(self, no: Declined, ref: str) -> Booking:
        """What cannot be cancelled may be cancelled, or never have been accepted."""
        if no.meaning is Meaning.NOT_FOUND:
            raise errors.refusal(no, self._who.code)
        found = await self.look_again(ref)
        if found.order.state not in _OVER:
            message = "The operator does not let this booking be cancelled any more."
            raise CarrierRefused(message=message, carrier=self._who.code, reason=no.code)
        return found

    async def look_again(self, ref: str) -> Booking:
        """The booking after the operator declined; Unknown where it cannot be read."""
        try:
            return await self.read(ref)
        except Trouble:
            raise Unknown("The operator declined, and does not show what became of the booking.") from None
