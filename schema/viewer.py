"""Who asks."""

from typing import Self

import strawberry

from app.booking import balances
from app.domain import partner as domain
from app.domain.partner import Scope
from resolvers.bookings import account
from schema.enums import describe
from schema.fields import Info, answered
from schema.money import Money
from schema.scalars import CurrencyCode

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


@strawberry.type(description="A company that sells through the gateway.")
class Partner:
    """`Partner` of the domain."""

    id: strawberry.ID = strawberry.field(description="Its id in this gateway.")
    name: str = strawberry.field(description="Its name.")
    currency: CurrencyCode = strawberry.field(description="What it sells in unless a search says otherwise.")
    credit_limits: list[Money] = strawberry.field(description="Its credit on account, one amount per currency.")

    @classmethod
    def of(cls, partner: domain.Partner) -> Self:
        """The domain's partner."""
        return cls(
            id=strawberry.ID(partner.id),
            name=partner.name,
            currency=CurrencyCode(partner.currency),
            credit_limits=[Money.of(limit) for limit in partner.credit.values()],
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
