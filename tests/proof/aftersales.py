"""What clients and carriers do in a random life once something was sold: refunds, exchanges, extras, moved flights."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlmodel import col, select

from app.aftersales.accept_change import AcceptWish, take_accept
from app.aftersales.exchange_journeys import NewJourney
from app.aftersales.paid_changes import ByCard, ChangeWish, OnAccount, take_exchange, take_services
from app.aftersales.quote_exchange import ItemExchange, QuoteExchangeWish, take_quote_exchange
from app.aftersales.quote_refund import QuoteRefundWish, take_quote_refund
from app.aftersales.quote_services import QuoteServicesWish, take_quote_services
from app.aftersales.refund import RefundWish, take_refund
from app.booking.pay import PayWish, take_pay
from app.domain.aftersales import ServiceChoice
from app.domain.errors import Refusal, Trouble
from app.store.aftersales_tables import CarrierChangeRow, QuoteKind, QuoteRow
from app.store.tables import ItemRow, OperationRow
from tests.booking.house import OPERATOR, viewer
from tests.proof.faults import AFTER_SALES
from tests.tours.changing import CHEAPER, SOONER, WEEK_LATER
from tests.tours.selling import LAST_PLACE, key

if TYPE_CHECKING:
    from tests.proof.schedules import Schedule

_SOLD = ("CONFIRMED", "TICKETED")
# Nobody wants what was quoted long ago.
_RECENT = 4
_OTHER_DEPARTURES = (WEEK_LATER, CHEAPER, SOONER, LAST_PLACE)


class AfterSales:
    """The part of a schedule that is about what was sold."""

    def __init__(self, schedule: "Schedule") -> None:
        self.schedule = schedule
        self.random = schedule.random

    def moves(self) -> dict[Callable[[], Awaitable[None]], int]:
        """What can happen, and how often."""
        return {
            self.quote_refund: 4,
            self.refund: 4,
            self.quote_exchange: 5,
            self.exchange: 6,
            self.quote_services: 2,
            self.add_services: 2,
            self.change_flight: 1,
            self.accept_change: 2,
            self.spoil: 4,
        }

    async def ends(self) -> list[str]:
        """What has become of items, quotes and carriers' changes."""
        rows = self.schedule.shop.rows
        return [
            *(f"item {state}" for state in await rows(select(ItemRow.state))),
            *(f"item {item.state} with services" for item in await rows(select(ItemRow)) if item.services),
            *(f"quote of {kind} {state}" for kind, state in await rows(select(QuoteRow.kind, QuoteRow.state))),
            *(f"change {state}" for state in await rows(select(CarrierChangeRow.state))),
            *(f"{verb} {state}" for verb, state in await rows(select(OperationRow.verb, OperationRow.state))),
        ]

    async def sell(self) -> None:
        """Before anything goes wrong, some bookings are paid on account, or none."""
        for _ in range(self.random.choice((0, 2, 3))):
            await self.schedule.reserve()
        await self.schedule.rest()
        for booking_id in sorted(self.schedule.known()):
            wish = PayWish(booking_id=booking_id)
            self.schedule.want("p", lambda house, key, wish=wish: take_pay(house.desk, viewer(), key, wish))
        await self.schedule.rest()

    async def quote_refund(self) -> None:
        """A client asks what all of a booking, or one item of it, would give back."""
        item = await self._item()
        if item is not None:
            some = {"items": (item.id,)} if self.random.random() < 2 / 3 else {}
            wish = QuoteRefundWish(booking_id=item.booking_id, **some)
            self.schedule.want("qr", lambda house, key: take_quote_refund(house.desk, viewer(), key, wish))

    async def refund(self) -> None:
        """A client confirms a refund."""
        quote = await self._quote(QuoteKind.REFUND)
        if quote is not None:
            wish = RefundWish(quote_id=quote.id)
            self.schedule.want("rf", lambda house, key: take_refund(house.desk, viewer(), key, wish))

    async def quote_exchange(self) -> None:
        """A client asks what else could be had instead of an item, some days later."""
        item = await self._item("HELD")
        if item is None or item.offer is None:
            return
        wish = QuoteExchangeWish(booking_id=item.booking_id, items=(self._later(item, item.offer),))
        self.schedule.want("qe", lambda house, key: take_quote_exchange(house.desk, viewer(), key, wish))

    async def exchange(self) -> None:
        """A client confirms an exchange, and pays what is due on account or by card."""
        quote = await self._quote(QuoteKind.EXCHANGE)
        if quote is not None:
            method = self.random.choice((OnAccount(), OnAccount(), ByCard(), ByCard(), None))
            wish = ChangeWish(quote_id=quote.id, method=method)
            self.schedule.want("ex", lambda house, key: take_exchange(house.desk, viewer(), key, wish))

    def _later(self, item: ItemRow, offer: dict[str, Any]) -> ItemExchange:
        """The same some days later, or another departure of the tour."""
        if offer["stay"] is not None:
            return ItemExchange(item=item.id, departure=key(self.random.choice(_OTHER_DEPARTURES)))
        days = timedelta(days=self.random.choice((1, 2, 3)))
        journeys = (NewJourney(journey=way["ref"], date=(_leaves(way) + days).date()) for way in offer["journeys"])
        return ItemExchange(item=item.id, journeys=tuple(journeys))

    async def quote_services(self) -> None:
        """A client asks for a bag."""
        item = await self._item()
        if item is None or item.order_ref is None or item.carrier == OPERATOR:
            return
        try:
            found = await self.random.choice(self.schedule.houses).carrier.order_services(item.order_ref)
        except (Refusal, Trouble):
            return
        bags = [service for service in found if service.seat is None]
        if bags:
            choice = ServiceChoice(ref=self.random.choice(bags).ref)
            wish = QuoteServicesWish(booking_id=item.booking_id, item_id=item.id, services=(choice,))
            self.schedule.want("qs", lambda house, key: take_quote_services(house.desk, viewer(), key, wish))

    async def add_services(self) -> None:
        """A client confirms services, and pays for them."""
        quote = await self._quote(QuoteKind.SERVICES)
        if quote is not None:
            wish = ChangeWish(quote_id=quote.id, method=self.random.choice((OnAccount(), ByCard())))
            self.schedule.want("as", lambda house, key: take_services(house.desk, viewer(), key, wish))

    async def change_flight(self) -> None:
        """The airline moves or cancels a flight of an order that it has been paid for."""
        orders = self.schedule.shop.orders("paid")
        if orders:
            kind = self.random.choice(("moved", "moved", "cancelled"))
            self.schedule.shop.change_flight(self.random.choice(orders)["booking_reference"], kind)

    async def accept_change(self) -> None:
        """A client accepts what the airline has changed."""
        rows = await self.schedule.shop.rows(select(CarrierChangeRow).order_by(col(CarrierChangeRow.id)))
        if rows:
            wish = AcceptWish(change_id=self.random.choice(rows[-_RECENT:]).id)
            self.schedule.want("ac", lambda house, key: take_accept(house.desk, viewer(), key, wish))

    async def spoil(self) -> None:
        """Something will go wrong where the carrier is asked for any of this."""
        self.schedule.spoil(AFTER_SALES)

    async def _item(self, *others: str) -> ItemRow | None:
        """A sold item that clients know of, or one in other states too."""
        query = select(ItemRow).where(col(ItemRow.state).in_([*_SOLD, *others])).order_by(col(ItemRow.id))
        known = self.schedule.known()
        items = [item for item in await self.schedule.shop.rows(query) if item.booking_id in known]
        return self.random.choice(items) if items else None

    async def _quote(self, kind: QuoteKind) -> QuoteRow | None:
        query = select(QuoteRow).where(QuoteRow.kind == kind).order_by(col(QuoteRow.id))
        found = await self.schedule.shop.rows(query)
        return self.random.choice(found[-_RECENT:]) if found else None


def _leaves(journey: dict[str, list[dict[str, str]]]) -> datetime:
    return datetime.fromisoformat(journey["segments"][0]["departs_at"])
