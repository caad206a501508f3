"""Seats and bags sold through Duffel.

With an offer both; seats are on its maps only. A paid order can have bags added, but no seats, and Duffel shows no maps
of it (duffel.com/docs/api/seat-maps, duffel.com/docs/guides/adding-post-booking-bags).
"""

from collections.abc import Iterable, Mapping, Sequence

from app.domain.aftersales import SeatMap, Service, ServiceChoice
from app.domain.errors import Refusal, Trouble, Unknown
from app.domain.money import Money, total
from app.domain.recovery import Call
from app.domain.refusals import ServiceGone
from app.wire.account import path
from app.wire.facts import Incomplete, Json
from carriers.contract import CarrierOrder
from carriers.duffel import ancillaries, errors, hear, say
from carriers.duffel.calls import Calls
from carriers.duffel.errors import Declined, Meaning, price_changed
from carriers.duffel.reading import reading


class Services:
    """The services of one account; `carrier` is its code."""

    def __init__(self, calls: Calls, carrier: str) -> None:
        self._calls = calls
        self._carrier = carrier

    async def of_offer(self, offer: str) -> Sequence[Service]:
        """The bags that can be bought with the offer."""
        with reading(self._carrier, errors.offer_refusal):
            query = {"return_available_services": "true"}
            data = hear.content(await self._calls.get(path("air", "offers", offer), query))
            return ancillaries.for_sale(data.get("available_services") or ())

    async def of_order(self, order: str) -> Sequence[Service]:
        """The bags that can be added to the order."""
        with reading(self._carrier):
            return ancillaries.for_sale(await self._listed(path("air", "orders", order, "available_services")))

    async def seat_maps(self, offer: str) -> Sequence[SeatMap]:
        """The seat maps of the offer."""
        with reading(self._carrier, errors.offer_refusal):
            return ancillaries.seat_maps(await self._listed("/air/seat_maps", {"offer_id": offer}))

    async def add(self, order: str, services: Sequence[ServiceChoice], amount: Money, call: Call) -> CarrierOrder:
        """Add them to the order and pay them from our balance, all or none."""
        where, body = path("air", "orders", order, "services"), say.added_services(services, amount)
        try:
            return hear.order(hear.content(await self._calls.change(where, body, call)))
        except Declined as no:
            raise await self._not_added(no, order, services, amount) from None
        except Incomplete as error:
            raise Unknown(str(error)) from None

    async def price(self, offer: str, services: Sequence[ServiceChoice], currency: str) -> Money:
        """What these cost with the offer now; ServiceGone when one is no longer to be had."""
        return _price(services, await self._with_offer(offer) if services else {}, currency)

    async def gone(self, offer: str, services: Sequence[ServiceChoice]) -> ServiceGone:
        """Which of them can no longer be had with the offer; none where Duffel does not tell any more."""
        try:
            return _gone(_missing(services, await self._with_offer(offer)))
        except (Refusal, Trouble):
            return _gone(())

    async def _not_added(self, no: Declined, order: str, services: Sequence[ServiceChoice], amount: Money) -> Refusal:
        """Nothing was added; what is for sale now tells the rest."""
        if no.meaning not in {Meaning.PRICE_CHANGED, Meaning.SERVICE_GONE}:
            return errors.refusal(no, self._carrier)
        try:
            now = _by_ref(await self.of_order(order))
            new = _price(services, now, amount.currency)
        except ServiceGone as gone:
            return gone
        except (Refusal, Trouble):
            return errors.refusal(no, self._carrier)
        return price_changed(amount, new) if new != amount else errors.refusal(no, self._carrier)

    async def _with_offer(self, offer: str) -> Mapping[str, Service]:
        maps = await self.seat_maps(offer)
        seats = (seat for plan in maps for row in plan.rows for group in row.groups for seat in group if seat)
        return _by_ref((*await self.of_offer(offer), *(service for seat in seats for service in seat.services)))

    async def _listed(self, where: str, query: Mapping[str, str] | None = None) -> Sequence[Json]:
        return hear.page(await self._calls.get(where, query))[0]


def _by_ref(services: Iterable[Service]) -> Mapping[str, Service]:
    return {service.ref: service for service in services}


def _missing(wanted: Iterable[ServiceChoice], for_sale: Mapping[str, Service]) -> tuple[str, ...]:
    return tuple(it.ref for it in wanted if it.ref not in for_sale or for_sale[it.ref].most < it.quantity)


def _price(wanted: Sequence[ServiceChoice], for_sale: Mapping[str, Service], currency: str) -> Money:
    missing = _missing(wanted, for_sale)
    if missing:
        raise _gone(missing)
    return total((for_sale[it.ref].price.times(it.quantity) for it in wanted), currency)


def _gone(services: tuple[str, ...]) -> ServiceGone:
    return ServiceGone(message="A seat or bag is no longer to be had.", services=services)
