"""Prices, fees, exchange rates and fare conditions: shared by itineraries and bookings."""

from datetime import datetime
from decimal import Decimal
from typing import Self

import strawberry

from app.domain import itinerary as domain
from schema.money import Money, known
from schema.scalars import CurrencyCode


@strawberry.type(description="What the gateway adds to the carrier's price.")
class Fee:
    """`Fee` of the domain."""

    name: str = strawberry.field(description="What it is for.")
    amount: Money = strawberry.field(description="How much.")
    refundable: bool = strawberry.field(description="Whether it is given back with a refund.")

    @classmethod
    def of(cls, fee: domain.Fee) -> Self:
        """The domain's fee."""
        return cls(name=fee.name, amount=Money.of(fee.amount), refundable=fee.refundable)


@strawberry.type(description="How the carrier's price was converted; frozen in the offer.")
class ExchangeRate:
    """`ExchangeRate` of the domain."""

    source: CurrencyCode = strawberry.field(description="The carrier's currency.")
    target: CurrencyCode = strawberry.field(description="The selling currency.")
    rate: Decimal = strawberry.field(description="Units of `target` for one unit of `source`, margin included.")
    margin_percent: Decimal = strawberry.field(description="The margin in it, in percent.")
    expires_at: datetime = strawberry.field(description="Until when the rate holds.")

    @classmethod
    def of(cls, rate: domain.ExchangeRate) -> Self:
        """The domain's rate."""
        return cls(
            source=CurrencyCode(rate.source),
            target=CurrencyCode(rate.target),
            rate=rate.rate,
            margin_percent=rate.margin_percent,
            expires_at=rate.expires_at,
        )


@strawberry.type(description="What the customer pays: base, tax, services, change fees and fees sum to the total.")
class Price:
    """`Price` of the domain."""

    total: Money = strawberry.field(description="Everything together.")
    base: Money = strawberry.field(description="The carrier's fare without tax.")
    tax: Money = strawberry.field(description="Taxes and the carrier's surcharges.")
    services: Money | None = strawberry.field(description="Seats and bags beside the fare; null when there are none.")
    change_fees: Money | None = strawberry.field(
        description="What the carrier took for exchanges so far; null when there were none."
    )
    fee_total: Money = strawberry.field(description="All fees of the gateway together.")
    fees: list[Fee] = strawberry.field(description="What the gateway adds.")
    carrier_total: Money = strawberry.field(description="The carrier's price, in its own currency.")
    exchange_rate: ExchangeRate | None = strawberry.field(
        description="The conversion; null when the carrier sells in this currency."
    )

    @classmethod
    def of(cls, price: domain.Price) -> Self:
        """The domain's price."""
        return cls(
            total=Money.of(price.total),
            base=Money.of(price.base),
            tax=Money.of(price.tax),
            services=known(price.services),
            change_fees=known(price.change_fees),
            fee_total=Money.of(price.fee_total),
            fees=[Fee.of(fee) for fee in price.fees],
            carrier_total=Money.of(price.carrier_total),
            exchange_rate=ExchangeRate.of(price.rate) if price.rate else None,
        )


@strawberry.type(description="Whether something is allowed before departure, and what the carrier charges for it.")
class FareCondition:
    """`Condition` of the domain."""

    allowed: bool = strawberry.field(description="Whether it is allowed.")
    fee: Money | None = strawberry.field(
        description="The carrier's penalty, in the carrier's currency; null when it is not said."
    )

    @classmethod
    def of(cls, condition: domain.Condition) -> Self:
        """The domain's condition."""
        return cls(allowed=condition.allowed, fee=known(condition.fee))


@strawberry.type(description="What the fare allows before departure.")
class FareConditions:
    """`FareConditions` of the domain."""

    refund: FareCondition | None = strawberry.field(description="Giving it back; null when the carrier does not say.")
    change: FareCondition | None = strawberry.field(description="Changing it; null when the carrier does not say.")

    @classmethod
    def of(cls, conditions: domain.FareConditions) -> Self:
        """The domain's conditions."""
        return cls(
            refund=FareCondition.of(conditions.refund) if conditions.refund else None,
            change=FareCondition.of(conditions.change) if conditions.change else None,
        )
