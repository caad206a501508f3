"""Amounts of money."""

from decimal import Decimal
from typing import Self

import strawberry

from app.domain import money as domain
from schema.scalars import CurrencyCode


@strawberry.type(description="An amount in one currency, with exactly that currency's decimals.")
class Money:
    """`Money` of the domain, as clients see it."""

    amount: Decimal = strawberry.field(description="The amount in units of the currency, such as 45.00.")
    currency: CurrencyCode = strawberry.field(description="The currency it is in.")

    @classmethod
    def of(cls, money: domain.Money) -> Self:
        """The domain's amount."""
        return cls(amount=money.amount, currency=CurrencyCode(money.currency))


def known(money: domain.Money | None) -> Money | None:
    """The domain's amount, where there is one."""
    return None if money is None else Money.of(money)


@strawberry.input(description="An amount in one currency.")
class MoneyInput:
    """Money as clients write it."""

    amount: Decimal = strawberry.field(description="The amount in units of the currency, such as 45.00.")
    currency: CurrencyCode = strawberry.field(description="The currency it is in.")

    def to_domain(self) -> domain.Money:
        """The domain's amount; MoneyError when it has more decimals than the currency."""
        return domain.Money.of(self.amount, self.currency)
