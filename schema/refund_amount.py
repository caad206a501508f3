"""How much a refund gives back: of a ticket, of an item, in all."""

from enum import StrEnum
from typing import Self

import strawberry

from app.domain.money import Money as DomainMoney
from schema.enums import describe
from schema.money import Money


class RefundExtent(StrEnum):
    """How much of what was paid comes back."""

    FULL = "FULL"
    PARTIAL = "PARTIAL"
    NONE = "NONE"


describe(
    RefundExtent,
    "How much of what was paid comes back.",
    {
        RefundExtent.FULL: "All of it.",
        RefundExtent.PARTIAL: "A part; a fee is kept.",
        RefundExtent.NONE: "Nothing.",
    },
)


@strawberry.type(description="What comes back: gross less fee is net. None of them is ever below zero.")
class RefundAmount:
    """Three amounts in the selling currency."""

    gross: Money = strawberry.field(description="What was paid for it.")
    fee: Money = strawberry.field(description="What is kept of that.")
    net: Money = strawberry.field(description="What comes back, in money or as the carrier's own credit.")

    @classmethod
    def of(cls, paid: DomainMoney, fee: DomainMoney | None, back: DomainMoney | None) -> Self | None:
        """The three amounts; None where the carrier does not say them."""
        if fee is None or back is None:
            return None
        return cls(gross=Money.of(paid), fee=Money.of(fee), net=Money.of(back))


def extent(paid: DomainMoney, back: DomainMoney | None) -> RefundExtent | None:
    """How much of what was paid comes back; None where nobody says."""
    if back is None:
        return None
    if not back:
        return RefundExtent.NONE
    return RefundExtent.FULL if back >= paid else RefundExtent.PARTIAL
