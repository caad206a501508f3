"""Money in the units Stripe counts in, where they are not those of ISO 4217.

Source: docs.stripe.com/currencies (zero-decimal currencies, special cases; three-decimal currencies as of 2022-12).
HUF and TWD are whole units only in payouts; they are charged in hundredths like everywhere else. UGX is listed both
as a zero-decimal currency and as one counted in hundredths: it is refused, since one of the two is wrong by 100.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from app.domain.money import Money, exponent

# Decimals of Stripe's amounts where they differ from the currency's own.
_DECIMALS: Final[Mapping[str, int]] = {"ISK": 2, "MGA": 0}
# Amounts in these are counted in thousandths, and end in 0.
_STEPS: Final[Mapping[str, int]] = dict.fromkeys("BHD JOD KWD OMR TND".split(), 10)
_REFUSED: Final = frozenset({"UGX"})


class UnsayableError(ValueError):
    """An amount that Stripe has no number for."""


def to_stripe(money: Money) -> int:
    """The amount as Stripe counts it; UnsayableError where it cannot be said exactly: nothing is ever rounded."""
    step = _STEPS.get(money.currency, 1)
    if money.currency in _REFUSED or money.minor % step:
        raise UnsayableError(f"Stripe takes no payment of {money}.")
    scaled = money.amount.scaleb(_decimals(money.currency))
    if scaled != int(scaled):
        raise UnsayableError(f"Stripe takes no payment of {money}: it has too many decimals.")
    return int(scaled)


def from_stripe(amount: int, currency: str) -> Money:
    """What Stripe's number means; ValueError where it is no whole number of the currency's minor units."""
    code = currency.upper()
    return Money.of(Decimal(amount).scaleb(-_decimals(code)), code)


def _decimals(currency: str) -> int:
    return _DECIMALS.get(currency, exponent(currency))
