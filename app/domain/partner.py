"""Who asks: a partner with its terms, and one authenticated viewer acting for it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from enum import StrEnum
from zoneinfo import ZoneInfo

from app.domain.errors import Access, AccessCode
from app.domain.money import Money
from app.domain.tours import SellingRegion


class Scope(StrEnum):
    """What a token allows."""

    SEARCH = "search"
    BOOK = "book"
    REFUND = "refund"
    INTERNAL = "internal"


class FeeKind(StrEnum):
    """How a fee is counted."""

    FIXED = "FIXED"
    PERCENT = "PERCENT"
    PER_PASSENGER = "PER_PASSENGER"


@dataclass(frozen=True, kw_only=True, slots=True)
class FeeRule:
    """A fee added for one partner, to every carrier or to `carrier` only.

    `amount` for FIXED and PER_PASSENGER, in the currency it is agreed in; `percent` of base and tax for PERCENT.
    """

    name: str
    kind: FeeKind
    amount: Money | None = None
    percent: Decimal | None = None
    carrier: str | None = None
    refundable: bool = False


class Cycle(StrEnum):
    """How often an account is closed."""

    WEEKLY = "WEEKLY"
    MONTHLY = "MONTHLY"


# Every month has so many.
_LAST_DAY = {Cycle.WEEKLY: 7, Cycle.MONTHLY: 28}


@dataclass(frozen=True, kw_only=True, slots=True)
class Billing:
    """When an account is closed, and when its statement is to be paid.

    A cycle ends at midnight in `zone` (an IANA name) as `day` begins: 1 (Monday) to 7 where it is weekly, 1 to 28 where
    it is monthly. The statement is due `due_days` after that, or after it was issued where that was later. ValueError
    for a day or a zone there is not.
    """

    cycle: Cycle = Cycle.MONTHLY
    day: int = 1
    zone: str = "UTC"
    due_days: int = 14

    def __post_init__(self) -> None:
        last = _LAST_DAY[self.cycle]
        if not 1 <= self.day <= last:
            raise ValueError(f"the day of a {self.cycle.lower()} cycle is 1 to {last}")
        try:
            ZoneInfo(self.zone)
        except (KeyError, ValueError, OSError):
            raise ValueError("the zone must be an IANA time zone such as Europe/London") from None
        if self.due_days < 0:
            raise ValueError("a statement cannot be due before it is issued")


@dataclass(frozen=True, kw_only=True, slots=True)
class Partner:
    """A company that sells through the gateway.

    `currency` is what it sells in unless a search says otherwise; `credit` the limit on account per currency;
    `payment_limit` how long after a reserve it may notify payment, None for as long as the carrier keeps the space, and
    `payment_warning` how long before that limit it is warned. `commission_percent` of base and tax is what it earns on
    each sale. Its pages at `origins`, and no others, may show the card form. `billing` is how its account is settled.
    It sells tours in `regions`, the first unless it says otherwise, and is warned `balance_warning` before the rest
    after a deposit is due.
    """

    id: str
    name: str
    currency: str
    credit: Mapping[str, Money] = field(default_factory=dict)
    fees: tuple[FeeRule, ...] = ()
    payment_limit: timedelta | None = None
    payment_warning: timedelta = timedelta(hours=2)
    commission_percent: Decimal = Decimal(0)
    origins: tuple[str, ...] = ()
    billing: Billing = field(default_factory=Billing)
    regions: tuple[SellingRegion, ...] = ()
    balance_warning: timedelta = timedelta(days=7)


@dataclass(frozen=True, kw_only=True, slots=True)
class Viewer:
    """One authenticated request's identity: the partner and what its token allows. `actor` names it in timelines."""

    partner: Partner
    scopes: frozenset[Scope]
    actor: str

    def need(self, scope: Scope) -> None:
        """Access when the token does not carry the scope."""
        if scope not in self.scopes:
            raise Access(AccessCode.FORBIDDEN, f"This token lacks the scope {scope.value!r}.")
