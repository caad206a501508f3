"""What a quote says, in the selling currency: a client confirms exactly this, or nothing."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from app.domain.aftersales import RefundForm, Rule, Service
from app.domain.itinerary import FareConditions, Journey, Price
from app.domain.money import Money, total
from app.domain.tours import TourStay


class ArrivalBasis(StrEnum):
    """Where the date comes from by which a refund is expected."""

    AT_ONCE = "AT_ONCE"
    PROVIDER = "PROVIDER"
    CARRIER = "CARRIER"


@dataclass(frozen=True, kw_only=True, slots=True)
class RefundShare:
    """One ticket's part of a refund; `fee` and `back` are None where the carrier does not say the amount."""

    ticket: str
    traveller: str
    paid: Money
    fee: Money | None
    back: Money | None


@dataclass(frozen=True, kw_only=True, slots=True)
class RefundPart:
    """What one carrier would give back for an item, by which rule.

    `asked` are the travellers that were asked for, `travellers` those it covers: more than asked where the carrier
    cannot split it. `paid` is what was paid for the item, its price less what is `unpaid` after a deposit; `back` is
    what comes back of it, `fee` the difference, both None where the carrier does not say. `terms` is the carrier's own
    quote, None where there is none (yet: `pending`).
    """

    item: str
    carrier: str
    rule: Rule
    asked: tuple[str, ...]
    travellers: tuple[str, ...]
    segments: tuple[str, ...]
    paid: Money
    unpaid: Money
    fee: Money | None
    back: Money | None
    form: RefundForm = RefundForm.MONEY
    shares: tuple[RefundShare, ...] = ()
    terms: str | None = None
    pending: bool = False
    expires_at: datetime | None = None

    @property
    def split(self) -> bool:
        """Whether it covers just who was asked for."""
        return set(self.asked) == set(self.travellers)


@dataclass(frozen=True, kw_only=True, slots=True)
class RefundSource:
    """Where a part of a refund goes: back to a payment, or to the travellers as the carrier's credit (`payment` None).

    It is expected there by `expected_by`, None where nobody says.
    """

    form: RefundForm
    amount: Money
    payment: str | None
    expected_by: datetime | None
    basis: ArrivalBasis


@dataclass(frozen=True, kw_only=True, slots=True)
class RefundQuote:
    """What would be given back for some items of a booking; only eligible parts are refunded, and only together.

    What is known to come back goes to the `sources`, less `set_off`, which pays what the booking still owes.
    """

    parts: tuple[RefundPart, ...]
    sources: tuple[RefundSource, ...]
    set_off: Money
    currency: str

    @property
    def pending(self) -> bool:
        """Whether a carrier has not answered yet."""
        return any(part.pending for part in self.parts)

    @property
    def eligible(self) -> bool:
        """Whether all that was asked for can be refunded."""
        return all(part.rule.allowed for part in self.parts)

    @property
    def paid(self) -> Money:
        """What was paid for everything that is covered."""
        return total((part.paid for part in self.parts), self.currency)

    @property
    def back(self) -> Money | None:
        """What comes back in all; None where a carrier does not say."""
        return _sum((part.back for part in self.parts), self.currency)

    @property
    def fee(self) -> Money | None:
        """What is kept in all; None where a carrier does not say."""
        return _sum((part.fee for part in self.parts), self.currency)


@dataclass(frozen=True, kw_only=True, slots=True)
class ExchangeQuote:
    """What an item can be exchanged for, and the `price` it has afterwards.

    Of journeys, some are `kept`, some `removed` and some `added`; a `replaced` stay gives way to another `stay`, in the
    same rooms. `balance` is to be paid, or below zero to be given back: `difference` and `fee` together, but for the
    `rest` that is due later, at `rest_due_at`, where a deposit confirmed the item. `offer` is the carrier's exchange
    offer; where the item is only held, `held_offer` is the sealed offer to reserve instead. `carrier_balance` is what
    the carrier asks for or gives back, in its currency.
    """

    item: str
    carrier: str
    kept: tuple[Journey, ...] = ()
    removed: tuple[Journey, ...] = ()
    added: tuple[Journey, ...] = ()
    replaced: TourStay | None = None
    stay: TourStay | None = None
    price: Price
    difference: Money
    fee: Money
    balance: Money
    rest: Money | None = None
    rest_due_at: datetime | None = None
    carrier_balance: Money
    form: RefundForm = RefundForm.MONEY
    conditions: FareConditions
    offer: str | None = None
    held_offer: str | None = None

    @property
    def journeys(self) -> tuple[Journey, ...]:
        """All that is travelled afterwards, in order."""
        return tuple(sorted((*self.kept, *self.added), key=lambda journey: journey.departs_at))

    @property
    def departs_at(self) -> datetime:
        """When it begins afterwards."""
        return self.stay.departs_at if self.stay else self.journeys[0].departs_at


@dataclass(frozen=True, kw_only=True, slots=True)
class QuotedService:
    """So many of one service, and what they cost together."""

    service: Service
    quantity: int
    price: Money


@dataclass(frozen=True, kw_only=True, slots=True)
class ServicesQuote:
    """Seats and bags to add to an item; `carrier_price` is in the carrier's currency."""

    item: str
    carrier: str
    services: tuple[QuotedService, ...]
    price: Money
    carrier_price: Money


def _sum(amounts: Iterable[Money | None], currency: str) -> Money | None:
    known = list(amounts)
    if any(amount is None for amount in known):
        return None
    return total((amount for amount in known if amount is not None), currency)
