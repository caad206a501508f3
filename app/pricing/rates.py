"""Exchange rates: the configured middle rate, our margin on top, frozen for a while."""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from app.domain.itinerary import ExchangeRate

# Rates are quoted to ten decimals: enough for a yen in dinars, short enough for a token.
_QUANTUM: Final = Decimal("1e-10")

MiddleRate = Callable[[str, str], Decimal | None]


class Rates:
    """Selling rates from `middle` (units of the second currency for one of the first, None where it has no rate).

    `margin_percent` is added to every conversion; a rate given out holds for `validity`.
    """

    def __init__(self, middle: MiddleRate, *, margin_percent: Decimal, validity: timedelta) -> None:
        self._middle = middle
        self._margin_percent = margin_percent
        self._validity = validity

    def rate(self, source: str, target: str, now: datetime) -> ExchangeRate | None:
        """The rate to sell at from now on; None when the two have none. Equal currencies need none: ValueError."""
        if source == target:
            raise ValueError(f"{source} needs no rate to itself")
        middle = self._middle(source, target)
        if middle is None:
            return None
        return ExchangeRate(
            source=source,
            target=target,
            rate=(middle * (100 + self._margin_percent) / 100).quantize(_QUANTUM).normalize(),
            margin_percent=self._margin_percent,
            expires_at=now + self._validity,
        )


def no_rates(_source: str, _target: str) -> Decimal | None:
    """The middle rate of a gateway that converts nothing."""
    return None
