"""What a carrier offers: journeys made of segments, or a tour's departure, at a price, under conditions."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from app.domain.money import Money, total
from app.domain.tours import SellingCompany, TourStay


class CabinClass(StrEnum):
    """The part of the aircraft a fare is for."""

    ECONOMY = "ECONOMY"
    PREMIUM_ECONOMY = "PREMIUM_ECONOMY"
    BUSINESS = "BUSINESS"
    FIRST = "FIRST"


class PassengerType(StrEnum):
    """How a passenger is priced; an infant sits on an adult's lap."""

    ADULT = "ADULT"
    CHILD = "CHILD"
    INFANT = "INFANT"


class BaggageKind(StrEnum):
    """Where a piece of baggage travels."""

    CARRY_ON = "CARRY_ON"
    CHECKED = "CHECKED"


class PassengerField(StrEnum):
    """Facts about a passenger a carrier may ask for, or let be corrected."""

    TITLE = "TITLE"
    GIVEN_NAME = "GIVEN_NAME"
    FAMILY_NAME = "FAMILY_NAME"
    BORN_ON = "BORN_ON"
    GENDER = "GENDER"
    EMAIL = "EMAIL"
    PHONE = "PHONE"
    LOYALTY = "LOYALTY"
    ASSISTANCE = "ASSISTANCE"
    DOCUMENT = "DOCUMENT"


@dataclass(frozen=True, kw_only=True, slots=True)
class Airline:
    """An airline by its IATA code."""

    code: str
    name: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Baggage:
    """How many pieces a passenger may take."""

    kind: BaggageKind
    quantity: int


@dataclass(frozen=True, kw_only=True, slots=True)
class SegmentFare:
    """What one passenger has on one segment. `passenger` is the carrier's passenger reference."""

    passenger: str
    cabin: CabinClass
    cabin_name: str | None = None
    fare_basis: str | None = None
    baggage: tuple[Baggage, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Segment:
    """One flight between two airports; times are local with their offset."""

    ref: str
    origin: str
    destination: str
    origin_terminal: str | None = None
    destination_terminal: str | None = None
    departs_at: datetime
    arrives_at: datetime
    marketing: Airline
    operating: Airline
    flight_number: str
    aircraft: str | None = None
    fares: tuple[SegmentFare, ...] = ()

    @property
    def duration(self) -> timedelta:
        """Time in the air and on the ground between doors closing and opening."""
        return self.arrives_at - self.departs_at


@dataclass(frozen=True, kw_only=True, slots=True)
class Journey:
    """One direction of travel: segments in order."""

    ref: str
    origin: str
    destination: str
    segments: tuple[Segment, ...]
    fare_brand: str | None = None

    @property
    def departs_at(self) -> datetime:
        """Local departure of the first segment."""
        return self.segments[0].departs_at

    @property
    def arrives_at(self) -> datetime:
        """Local arrival of the last segment."""
        return self.segments[-1].arrives_at

    @property
    def duration(self) -> timedelta:
        """From first departure to last arrival, changes included."""
        return self.arrives_at - self.departs_at

    @property
    def changes(self) -> int:
        """How often the traveller changes planes."""
        return len(self.segments) - 1


@dataclass(frozen=True, kw_only=True, slots=True)
class Condition:
    """Whether something is allowed; `fee` None means the carrier does not say what it costs."""

    allowed: bool
    fee: Money | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class FareConditions:
    """What the fare allows before departure; None where the carrier does not say."""

    refund: Condition | None = None
    change: Condition | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class OfferPassenger:
    """One passenger of an offer, by the carrier's reference; never a name."""

    ref: str
    type: PassengerType
    age: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class CarrierOffer:
    """What the carrier would sell, in its own currency: journeys, or a `stay` on a tour. `ref` is its own offer id.

    `pay_by` is how long a hold would keep the space, `price_guaranteed_until` how long the price; either may be
    None: an offer that cannot be held, a price that floats while the space is kept. `deposit` is what confirms it, with
    the rest to be paid later; None where that takes the total. What is `on_request` is asked for, and had once the
    carrier accepts. `company` sells a stay in its region, and answers travellers' questions.
    """

    carrier: str
    ref: str
    owner: Airline | None = None
    journeys: tuple[Journey, ...] = ()
    stay: TourStay | None = None
    company: SellingCompany | None = None
    on_request: bool = False
    passengers: tuple[OfferPassenger, ...]
    base: Money
    tax: Money
    total: Money
    conditions: FareConditions
    holdable: bool
    pay_by: datetime | None = None
    price_guaranteed_until: datetime | None = None
    expires_at: datetime
    required: tuple[PassengerField, ...] = ()
    document_kinds: tuple[str, ...] = ()
    emissions_kg: Decimal | None = None
    deposit: Money | None = None

    @property
    def departs_at(self) -> datetime:
        """Local departure of the first journey, or when the tour's first day begins."""
        return self.stay.departs_at if self.stay else self.journeys[0].departs_at

    @property
    def balance_due_at(self) -> datetime | None:
        """When the rest after a deposit has to be paid."""
        return self.stay.terms.balance_due_at if self.stay and self.deposit else None

    @property
    def seller(self) -> str:
        """Who runs it: the airline, or the tour operator."""
        return self.stay.operator_name if self.stay else (self.owner.name if self.owner else self.carrier)


@dataclass(frozen=True, kw_only=True, slots=True)
class Fee:
    """What the gateway adds to the carrier's price for this partner."""

    name: str
    amount: Money
    refundable: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class ExchangeRate:
    """Units of `target` for one unit of `source`, margin included, as frozen in an offer until `expires_at`."""

    source: str
    target: str
    rate: Decimal
    margin_percent: Decimal
    expires_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Price:
    """What the customer pays, in the selling currency; `rate` where the carrier's currency is another.

    `services` are the seats and bags, `change_fees` what the carrier took for exchanges so far, which is no part of its
    order's `carrier_total`; None where there are none. Of what was exchanged on a deposit, `deposit` is what was to be
    paid of it so far; else the offer says what confirms it.
    """

    base: Money
    tax: Money
    fees: tuple[Fee, ...] = ()
    services: Money | None = None
    change_fees: Money | None = None
    deposit: Money | None = None
    carrier_total: Money
    rate: ExchangeRate | None = None

    @property
    def currency(self) -> str:
        """The selling currency."""
        return self.base.currency

    @property
    def fee_total(self) -> Money:
        """All fees together."""
        return total((fee.amount for fee in self.fees), self.currency)

    @property
    def carrier_part(self) -> Money:
        """What of it is the carrier's: base, tax, services and change fees."""
        extras = [amount for amount in (self.services, self.change_fees) if amount is not None]
        return total((self.base, self.tax, *extras), self.currency)

    @property
    def commissionable(self) -> Money:
        """What partners earn their commission on: fare, tax and services, but no fee, the carrier's or ours."""
        return self.base + self.tax + (self.services or Money.zero(self.currency))

    @property
    def total(self) -> Money:
        """Everything together."""
        return self.carrier_part + self.fee_total
