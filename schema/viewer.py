"""Who asks."""

from datetime import timedelta
from decimal import Decimal
from typing import Self

import strawberry

from app.booking import balances
from app.domain import partner as domain
from app.domain.partner import Cycle, Scope
from app.domain.tours import SellingRegion
from resolvers.bookings import account
from schema.enums import describe
from schema.fields import Info, answered
from schema.money import Money
from schema.scalars import CurrencyCode, TimeZone, Url

describe(
    Scope,
    "What a token allows.",
    {
        Scope.SEARCH: "Search places and itineraries.",
        Scope.BOOK: "Reserve, pay, correct, cancel, and read bookings.",
        Scope.REFUND: "Refund and exchange.",
        Scope.INTERNAL: "See what only the operator of the gateway sees.",
    },
)


describe(
    Cycle,
    "How often an account is closed.",
    {
        Cycle.WEEKLY: "Every week.",
        Cycle.MONTHLY: "Every month.",
    },
)


@strawberry.type(description="When a partner's account is closed, and when its statement is to be paid.")
class BillingTerms:
    """`Billing` of the domain."""

    cycle: Cycle = strawberry.field(description="How often a cycle ends.")
    day: int = strawberry.field(
        description="The day at whose beginning it ends: 1 (Monday) to 7 where it is weekly, 1 to 28 where monthly."
    )
    zone: TimeZone = strawberry.field(description="The time zone in which that day begins.")
    due_days: int = strawberry.field(description="How many days after the end of a cycle its statement is due.")

    @classmethod
    def of(cls, billing: domain.Billing) -> Self:
        """The domain's billing terms."""
        return cls(cycle=billing.cycle, day=billing.day, zone=TimeZone(billing.zone), due_days=billing.due_days)


@strawberry.type(description="A company that sells through the gateway.")
class Partner:
    """`Partner` of the domain."""

    id: strawberry.ID = strawberry.field(description="Its id in this gateway.")
    name: str = strawberry.field(description="Its name.")
    currency: CurrencyCode = strawberry.field(description="What it sells in unless a search says otherwise.")
    credit_limits: list[Money] = strawberry.field(description="Its credit on account, one amount per currency.")
    billing: BillingTerms = strawberry.field(description="How its account is settled.")
    payment_limit: timedelta | None = strawberry.field(
        description="How long after a reserve it may pay; null for as long as the carrier keeps the space."
    )
    commission_percent: Decimal = strawberry.field(
        description="What it earns on each sale, in percent of base price and tax."
    )
    origins: list[Url] = strawberry.field(
        description="The origins of its pages that may show the card form in an iframe, and are told how it went."
    )

    regions: list[SellingRegion] = strawberry.field(
        description="Where it sells tours: in the first of them unless a query says otherwise; empty when nowhere."
    )

    @classmethod
    def of(cls, partner: domain.Partner) -> Self:
        """The domain's partner."""
        return cls(
            id=strawberry.ID(partner.id),
            name=partner.name,
            currency=CurrencyCode(partner.currency),
            credit_limits=[Money.of(limit) for limit in partner.credit.values()],
            billing=BillingTerms.of(partner.billing),
            payment_limit=partner.payment_limit,
            commission_percent=partner.commission_percent,
            origins=[Url(origin) for origin in partner.origins],
            regions=list(partner.regions),
        )


@strawberry.type(description="A partner's credit on account in one currency.")
class Credit:
    """`Credit` of the balances."""

    limit: Money = strawberry.field(description="What may be owed.")
    owed: Money = strawberry.field(description="What is owed, payments under way included.")
    available: Money = strawberry.field(description="What can still be paid on account.")

    @classmethod
    def of(cls, credit: balances.Credit) -> Self:
        """The account's credit."""
        return cls(limit=Money.of(credit.limit), owed=Money.of(credit.owed), available=Money.of(credit.available))


@strawberry.type(description="The identity of this request.")
class Viewer:
    """`Viewer` of the domain."""

    partner: Partner = strawberry.field(description="The partner the token was issued to.")
    scopes: list[Scope] = strawberry.field(description="What the token allows.")
    actor: str = strawberry.field(description="How this token is named in timelines.")

    @answered
    async def credit(self, info: Info) -> list[Credit]:
        """The partner's credit on account, one entry per currency; needs the scope `book`."""
        return [Credit.of(credit) for credit in await account(info.context)]

    @classmethod
    def of(cls, viewer: domain.Viewer) -> Self:
        """The domain's viewer."""
        return cls(partner=Partner.of(viewer.partner), scopes=sorted(viewer.scopes), actor=viewer.actor)


@strawberry.type
class ViewerQueries:
    """Fields of `Query` about who asks."""

    @answered
    def viewer(self, info: Info) -> Viewer:
        """Who asks: the partner and scopes of the token in use."""
        return Viewer.of(info.context.viewer)
