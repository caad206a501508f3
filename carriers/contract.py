"""What everything above knows of a carrier: its profile, its verbs, and what each verb promises.

Every verb raises `Refusal` (it said no, nothing happened), `Trouble` (no answer possible, nothing happened) or, where
it changes something, `Unknown` (asked, did not hear). Reads never raise Unknown: a lost read is Trouble.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from app.domain.aftersales import (
    BookedService,
    CarrierChange,
    RefundForm,
    ReplacedJourney,
    Rule,
    SeatMap,
    Service,
    ServiceChoice,
)
from app.domain.itinerary import CabinClass, CarrierOffer, FareConditions, Journey, PassengerField
from app.domain.money import Money
from app.domain.recovery import Call, Recovery
from app.domain.search import CarrierOffers, SearchQuery
from app.domain.tours import DepartureKey, TourStay
from app.domain.travellers import Traveller


class Ability(StrEnum):
    """What a carrier can do; what it cannot answers `Unsupported`."""

    SEARCH = "SEARCH"
    HOLD = "HOLD"
    BUY = "BUY"
    CANCEL = "CANCEL"
    EXCHANGE = "EXCHANGE"
    SERVICES = "SERVICES"
    CHANGES = "CHANGES"
    WEBHOOKS = "WEBHOOKS"
    TOURS = "TOURS"
    REQUESTS = "REQUESTS"
    EXTEND = "EXTEND"


class Verb(StrEnum):
    """The verbs that change something at the carrier, whose answer may be lost."""

    HOLD = "HOLD"
    EXTEND = "EXTEND"
    BUY = "BUY"
    PAY = "PAY"
    CANCEL = "CANCEL"
    REFUND = "REFUND"
    EXCHANGE = "EXCHANGE"
    ADD_SERVICES = "ADD_SERVICES"
    ACCEPT = "ACCEPT"


@dataclass(frozen=True, kw_only=True, slots=True)
class Profile:
    """One company as the gateway knows it.

    `correctable` are the passenger facts it lets change on a live order, `unsent` those it has no place for;
    `write_deadline` bounds one changing call. One that is `coming_soon` is shown, and not asked for anything.
    """

    code: str
    name: str
    family: str
    abilities: frozenset[Ability]
    recovery: Mapping[Verb, Recovery]
    write_deadline: timedelta
    correctable: frozenset[PassengerField] = frozenset()
    unsent: frozenset[PassengerField] = frozenset()
    coming_soon: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Purchase:
    """What to hold or buy: the offer, the passengers' carrier references by traveller id, and the price agreed.

    `services` come with what is bought at once, and are part of the price; a hold can have none.
    """

    offer: str
    price: Money
    passengers: Mapping[str, str]
    services: tuple[ServiceChoice, ...] = ()


class OrderState(StrEnum):
    """How far the carrier's order has come: one that is REQUESTED waits for a person, who may have it REJECTED."""

    REQUESTED = "REQUESTED"
    HELD = "HELD"
    CONFIRMED = "CONFIRMED"
    CANCELLED = "CANCELLED"
    REJECTED = "REJECTED"


class CouponState(StrEnum):
    """What one flight coupon is still good for."""

    OPEN = "OPEN"
    USED = "USED"
    REFUNDED = "REFUNDED"
    EXCHANGED = "EXCHANGED"
    VOID = "VOID"


@dataclass(frozen=True, kw_only=True, slots=True)
class CarrierTicket:
    """A ticket the carrier issued to one passenger; `coupons` by segment reference where it gives them."""

    number: str
    passenger: str
    coupons: Mapping[str, CouponState] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class CarrierOrder:
    """The carrier's own record. `ref` is its id, `reference` what people read out at a desk (the PNR).

    `total` includes its `services`. It is for journeys, or for a `stay` on a tour, None where what was read does not
    tell that; a request has its answer by `answer_by`. It was `changed_at` then for the last time, None where that is
    not said.
    """

    ref: str
    reference: str
    state: OrderState
    total: Money
    journeys: tuple[Journey, ...] = ()
    stay: TourStay | None = None
    answer_by: datetime | None = None
    changed_at: datetime | None = None
    pay_by: datetime | None = None
    price_guaranteed_until: datetime | None = None
    tickets: tuple[CarrierTicket, ...] = ()
    services: tuple[BookedService, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class ListedOrder:
    """An order as the carrier lists it; `key` is that of our call which made it, None where it is not one of ours."""

    order: CarrierOrder
    key: str | None
    created_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Cancelled:
    """A cancelled order; `refund` is what the carrier gives back, None where it does not say (yet).

    `cost` is what it was charged at if it had been confirmed, None where the carrier does not say. `by_carrier` where
    the carrier had ended it by itself. `discrepancy` is what a person has to settle with the carrier: it gives back
    less than its terms say.
    """

    ref: str
    refund: Money | None
    form: RefundForm = RefundForm.MONEY
    cost: Money | None = None
    by_carrier: bool = False
    discrepancy: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class RefundTerms:
    """What the carrier would give back for an order if `ref` is confirmed before `expires_at`, and by which rule.

    `passengers` are all those it covers, by the carrier's references: the smallest part that can be refunded is the
    carrier's to say. `segments` are the unused ones it gives something back for.
    """

    ref: str
    order: str
    refund: Money | None
    form: RefundForm
    rule: Rule
    passengers: tuple[str, ...]
    segments: tuple[str, ...]
    expires_at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class ExchangeWish:
    """What an order is to be exchanged for: a departure, or journeys to replace in a cabin (None: as before).

    `stay` is what it was sold for, if that is one.
    """

    order: str
    replaced: tuple[ReplacedJourney, ...] = ()
    cabin: CabinClass | None = None
    departure: DepartureKey | None = None
    stay: TourStay | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class ExchangeOffer:
    """What the carrier would exchange an order for.

    `journeys` are all it would have then, kept ones included, `stay` the departure it would be for. `balance` is what
    the carrier asks for, its `fee` included; below zero, what it gives back, in `form`. `total` is what the order costs
    afterwards, without the fee.
    """

    ref: str
    order: str
    journeys: tuple[Journey, ...] = ()
    removed: tuple[Journey, ...] = ()
    added: tuple[Journey, ...] = ()
    stay: TourStay | None = None
    balance: Money
    fee: Money
    total: Money
    form: RefundForm
    expires_at: datetime
    conditions: FareConditions = field(default_factory=FareConditions)


@dataclass(frozen=True, kw_only=True, slots=True)
class PendingExchange:
    """An exchange that the carrier is ready to make for `balance`; it changes nothing until it is confirmed."""

    ref: str
    balance: Money


class HeardKind(StrEnum):
    """What a webhook can tell."""

    ORDER_CREATED = "ORDER_CREATED"
    ORDER_FAILED = "ORDER_FAILED"
    ORDER_UPDATED = "ORDER_UPDATED"
    ORDER_CHANGED = "ORDER_CHANGED"


@dataclass(frozen=True, kw_only=True, slots=True)
class Heard:
    """One event from a carrier: a hint to look, by the order's id or by the key of our own attempt.

    `event` identifies it across repeated deliveries.
    """

    event: str
    kind: HeardKind
    order: str | None = None
    key: str | None = None


class Carrier(Protocol):
    """One company, reached through its protocol family."""

    @property
    def profile(self) -> Profile:
        """Who it is and what it can do."""
        ...

    async def search(self, query: SearchQuery, *, deadline: timedelta) -> CarrierOffers:
        """Offers for the query. Incomplete ones are dropped and counted."""
        ...

    async def check(self, offer: str) -> CarrierOffer:
        """The offer as the carrier would sell it now; OfferExpired or SoldOut when it would not.

        What it tells of the offer all the same is the Refusal's `wanted`.
        """
        ...

    async def hold(self, purchase: Purchase, travellers: Sequence[Traveller], call: Call) -> CarrierOrder:
        """Keep the space without paying; PriceChanged, SoldOut, OfferExpired or CarrierRefused when it would not.

        What is on request is asked for: its order is REQUESTED.
        """
        ...

    async def extend(self, order: str, until: datetime, call: Call) -> CarrierOrder:
        """Keep a held order until then, or as long as the carrier would; `pay_by` says how long that is."""
        ...

    async def buy(self, purchase: Purchase, travellers: Sequence[Traveller], call: Call) -> CarrierOrder:
        """Buy at once what cannot be held; as `hold`, and ServiceGone where one of its services is not to be had."""
        ...

    async def pay(self, order: str, amount: Money, call: Call) -> CarrierOrder:
        """Pay a held order; paying a paid one answers the order. PriceChanged, PaymentTooLate or CarrierRefused."""
        ...

    async def cancel(self, order: str, call: Call) -> Cancelled:
        """Cancel a held or confirmed order, or withdraw a request; one already cancelled or rejected is success."""
        ...

    async def quote_refund(self, order: str, stay: TourStay | None = None) -> RefundTerms:
        """What the order would give back now; NotRefundable says why nothing. Asking changes nothing at the carrier.

        What it was sold for is `stay`, which an operator may tell no more by now. What the carrier has changed or ended
        by itself is given back by that rule, where the carrier tells it apart.
        """
        ...

    async def refund(self, terms: str, call: Call) -> Cancelled:
        """Confirm exactly these terms; one already confirmed is success. QuoteExpired when they no longer hold."""
        ...

    async def refunded(self, terms: str) -> Cancelled | None:
        """What became of these terms, as the carrier tells it now; None while they are not confirmed."""
        ...

    async def quote_exchange(self, wish: ExchangeWish) -> Sequence[ExchangeOffer]:
        """What the order could be exchanged for; NotExchangeable says why nothing. Asking changes nothing."""
        ...

    async def prepare_exchange(self, offer: str) -> PendingExchange:
        """Select an exchange offer. Nothing changes yet; QuoteExpired when it is no longer offered."""
        ...

    async def exchange(self, pending: PendingExchange, call: Call) -> CarrierOrder:
        """Make the exchange and settle its balance; one already made is success. The answer is the order after it.

        What a carrier makes at another total than it quoted is made all the same: its order tells.

        PriceChanged when the carrier asks another balance, SoldOut or QuoteExpired when it no longer makes it.
        """
        ...

    async def exchanged(self, pending: PendingExchange) -> CarrierOrder | None:
        """The order after this exchange; None while it is not made."""
        ...

    async def offer_services(self, offer: str) -> Sequence[Service]:
        """The bags that can be bought with the offer; its seats are on its maps."""
        ...

    async def order_services(self, order: str) -> Sequence[Service]:
        """The bags that can be added to a paid order; its seats are on its maps."""
        ...

    async def offer_seat_maps(self, offer: str) -> Sequence[SeatMap]:
        """The seat maps of an offer's segments; none where the carrier has none to show."""
        ...

    async def order_seat_maps(self, order: str) -> Sequence[SeatMap]:
        """The seat maps of an order's segments, with what can be added to it; none where no seat can be."""
        ...

    async def add_services(
        self, order: str, services: Sequence[ServiceChoice], amount: Money, call: Call
    ) -> CarrierOrder:
        """Buy all of these for a paid order, for `amount` in all; ServiceGone when one is no longer to be had.

        Where the answer is lost, `order` tells: the services it has now and had not before.
        """
        ...

    async def changes(self, order: str, agreed: TourStay | None = None) -> Sequence[CarrierChange]:
        """The changes that the carrier made to the order, newest first.

        Of a tour, the one that makes it differ from the stay that was `agreed`; the order is one that we did not end.
        """
        ...

    async def accept_change(self, order: str, change: str, call: Call) -> CarrierOrder:
        """Accept a change the carrier made; one already accepted is success. The answer is the order after it."""
        ...

    async def order(self, ref: str) -> CarrierOrder:
        """The order as it is now; NotFound when the carrier has none."""
        ...

    async def orders(self, *, since: datetime) -> Sequence[ListedOrder]:
        """Every order of the account made at or after `since`, newest first, whoever made it.

        One that cannot be read is left out.
        """
        ...

    async def find(self, key: str, *, since: datetime) -> CarrierOrder | None:
        """The order our attempt `key` made at or after `since`, by our own reference on it; None when there is none."""
        ...

    def hear(self, headers: Mapping[str, str], body: bytes) -> Sequence[Heard]:
        """The events in a webhook, verified before parsing; Access when the signature is not the carrier's."""
        ...
