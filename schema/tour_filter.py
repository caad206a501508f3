"""What tours can be asked for."""

from decimal import Decimal

import strawberry

from app.tours import select
from app.tours.select import TourSort
from schema.enums import describe
from schema.scalars import CountryCode, YearMonth

describe(
    TourSort,
    "What comes first.",
    {
        TourSort.NAME: "By name.",
        TourSort.PRICE: "The lowest `priceFrom`; tours without one come last.",
        TourSort.DAYS: "The shortest.",
    },
)


@strawberry.input(description="What tours must be to be listed; everything given must be true of them.")
class TourFilter:
    """`TourFilter` of the tours."""

    operators: list[strawberry.ID] | None = strawberry.field(default=None, description="Run by one of these operators.")
    countries: list[CountryCode] | None = strawberry.field(default=None, description="Visiting one of these countries.")
    min_days: int | None = strawberry.field(default=None, description="With an option of so many days or more.")
    max_days: int | None = strawberry.field(default=None, description="With an option of so many days or fewer.")
    months: list[YearMonth] | None = strawberry.field(
        default=None,
        description="Departing in one of these months, whether or not it can be booked. Tours whose operator tells no "
        "seasons are left out.",
    )
    min_price: Decimal | None = strawberry.field(
        default=None,
        description="Of which the lowest price per adult is so much or more in a season that departs in one of the "
        "months, in the region's currency. Tours whose operator tells no seasons are left out.",
    )
    max_price: Decimal | None = strawberry.field(default=None, description="As `minPrice`: so much or less.")

    def to_tours(self) -> select.TourFilter:
        """The tours' filter."""
        return select.TourFilter(
            operators=None if self.operators is None else frozenset(self.operators),
            countries=None if self.countries is None else frozenset(self.countries),
            min_days=self.min_days,
            max_days=self.max_days,
            months=None if self.months is None else frozenset(map(_month, self.months)),
            min_price=self.min_price,
            max_price=self.max_price,
        )


def _month(text: str) -> select.Month:
    year, month = text.split("-")
    return int(year), int(month)
