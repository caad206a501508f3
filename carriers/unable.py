"""A carrier that can do nothing: every verb of the contract answers Unsupported until a family gives it a meaning."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from app.domain.aftersales import CarrierChange, SeatMap, Service, ServiceChoice
from app.domain.itinerary import CarrierOffer
from app.domain.money import Money
from app.domain.recovery import Call
from app.domain.refusals import Unsupported
from app.domain.search import CarrierOffers, SearchQuery
from app.domain.tours import TourStay
from app.domain.travellers import Traveller
from carriers.contract import (
    Ability,
    Cancelled,
    CarrierOrder,
    ExchangeOffer,
    ExchangeWish,
    Heard,
    ListedOrder,
    PendingExchange,
    Profile,
    Purchase,
    RefundTerms,
)

_SERVICES = "seats or bags"


class Unable:
    """The contract with every verb refused. What a family's accounts may lack, it asks for with `_need`."""

    def __init__(self, profile: Profile) -> None:
        self._profile = profile

    @property
    def profile(self) -> Profile:
        """Who it is and what it can do."""
        return self._profile

    def _need(self, ability: Ability) -> None:
        """Unsupported where the account has no such ability."""
        if ability not in self._profile.abilities:
            raise self._unsupported()

    def _unsupported(self, what: str = "this") -> Unsupported:
        return Unsupported(message=f"{self._profile.name} does not offer {what}.", carrier=self._profile.code)

    async def search(self, query: SearchQuery, *, deadline: timedelta) -> CarrierOffers:
        """Unsupported."""
        raise self._unsupported()

    async def check(self, offer: str) -> CarrierOffer:
        """Unsupported."""
        raise self._unsupported()

    async def hold(self, purchase: Purchase, travellers: Sequence[Traveller], call: Call) -> CarrierOrder:
        """Unsupported."""
        raise self._unsupported()

    async def extend(self, order: str, until: datetime, call: Call) -> CarrierOrder:
        """Unsupported."""
        raise self._unsupported()

    async def buy(self, purchase: Purchase, travellers: Sequence[Traveller], call: Call) -> CarrierOrder:
        """Unsupported."""
        raise self._unsupported()

    async def pay(self, order: str, amount: Money, call: Call) -> CarrierOrder:
        """Unsupported."""
        raise self._unsupported()

    async def cancel(self, order: str, call: Call) -> Cancelled:
        """Unsupported."""
        raise self._unsupported()

    async def quote_refund(self, order: str, stay: TourStay | None = None) -> RefundTerms:
        """Unsupported."""
        raise self._unsupported()

    async def refund(self, terms: str, call: Call) -> Cancelled:
        """Unsupported."""
        raise self._unsupported()

    async def refunded(self, terms: str) -> Cancelled | None:
        """Unsupported."""
        raise self._unsupported()

    async def quote_exchange(self, wish: ExchangeWish) -> Sequence[ExchangeOffer]:
        """Unsupported."""
        raise self._unsupported()

    async def prepare_exchange(self, offer: str) -> PendingExchange:
        """Unsupported."""
        raise self._unsupported()

    async def exchange(self, pending: PendingExchange, call: Call) -> CarrierOrder:
        """Unsupported."""
        raise self._unsupported()

    async def exchanged(self, pending: PendingExchange) -> CarrierOrder | None:
        """Unsupported."""
        raise self._unsupported()

    async def offer_services(self, offer: str) -> Sequence[Service]:
        """Unsupported."""
        raise self._unsupported(_SERVICES)

    async def order_services(self, order: str) -> Sequence[Service]:
        """Unsupported."""
        raise self._unsupported(_SERVICES)

    async def offer_seat_maps(self, offer: str) -> Sequence[SeatMap]:
        """Unsupported."""
        raise self._unsupported(_SERVICES)

    async def order_seat_maps(self, order: str) -> Sequence[SeatMap]:
        """Unsupported."""
        raise self._unsupported(_SERVICES)

    async def add_services(
        self, order: str, services: Sequence[ServiceChoice], amount: Money, call: Call
    ) -> CarrierOrder:
        """Unsupported."""
        raise self._unsupported(_SERVICES)

    async def changes(self, order: str, agreed: TourStay | None = None) -> Sequence[CarrierChange]:
        """Unsupported."""
        raise self._unsupported()

    async def accept_change(self, order: str, change: str, call: Call) -> CarrierOrder:
        """Unsupported."""
        raise self._unsupported()

    async def order(self, ref: str) -> CarrierOrder:
        """Unsupported."""
        raise self._unsupported()

    async def orders(self, *, since: datetime) -> Sequence[ListedOrder]:
        """Unsupported."""
        raise self._unsupported()

    async def find(self, key: str, *, since: datetime) -> CarrierOrder | None:
        """Unsupported."""
        raise self._unsupported()

    def hear(self, headers: Mapping[str, str], body: bytes) -> Sequence[Heard]:
        """Unsupported."""
        raise self._unsupported()
