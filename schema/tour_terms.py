"""On what terms a departure is sold: shared by what can be booked and what was."""

from datetime import datetime
from decimal import Decimal
from typing import Self

import strawberry

from app.domain import tours as domain
from schema.money import Money, known


@strawberry.type(description="A step of a cancellation scale.")
class CancellationStep:
    """`ScaleStep` of the domain."""

    days_before: int = strawberry.field(
        description="Cancelling so many days before departure, or more, up to the step before this one."
    )
    percent: Decimal = strawberry.field(description="What it costs then, in percent of the total.")

    @classmethod
    def of(cls, step: domain.ScaleStep) -> Self:
        """The domain's step."""
        return cls(days_before=step.days, percent=step.percent)


@strawberry.type(description="How another departure of the same tour can be had instead of the one that was booked.")
class ExchangeTerms:
    """A part of `DepartureTerms` of the domain."""

    until: datetime = strawberry.field(description="Until when.")
    fee: Money | None = strawberry.field(
        description="What it costs for each booking, beside the difference in price; null where it is not said."
    )

    @classmethod
    def of(cls, terms: domain.DepartureTerms) -> Self | None:
        """The domain's terms of exchange, where there are any."""
        return cls(until=terms.exchange_until, fee=known(terms.exchange_fee)) if terms.exchange_until else None


@strawberry.type(description="On what terms a departure is sold, as far as its operator tells.")
class DepartureTerms:
    """`DepartureTerms` of the domain."""

    deposit: Money | None = strawberry.field(
        description="What confirms a booking until `balanceDueAt`, for each person; null where that takes everything."
    )
    balance_due_at: datetime | None = strawberry.field(
        description="When the rest after a deposit has to be paid; from then on only everything confirms a booking."
    )
    cancellation_scale: list[CancellationStep] = strawberry.field(
        description="What cancelling costs by the days that are left, counted on the calendar where the tour departs, "
        "from the earliest step to the last; empty where the operator tells no scale."
    )
    exchange: ExchangeTerms | None = strawberry.field(
        description="How another departure can be had instead; null where it cannot."
    )

    @classmethod
    def of(cls, terms: domain.DepartureTerms) -> Self:
        """The domain's terms."""
        steps = terms.scale.steps if terms.scale else ()
        return cls(
            deposit=known(terms.deposit),
            balance_due_at=terms.balance_due_at,
            cancellation_scale=[CancellationStep.of(step) for step in sorted(steps, key=lambda step: -step.days)],
            exchange=ExchangeTerms.of(terms),
        )
