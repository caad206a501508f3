"""Money as integer minor units of one ISO 4217 currency; no float ever touches it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation

# ISO 4217 minor unit exponents, where they are not 2 (table A.1, 2024-06-25).
_EXPONENTS = dict.fromkeys("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split(), 0) | (
    dict.fromkeys("BHD IQD JOD KWD LYD OMR TND".split(), 3)
)
_TWO_DECIMALS = (
    "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY COP "
    "CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS "
    "INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN "
    "MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE "
    "SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VES WST XCD YER ZAR ZMW ZWG"
)
CURRENCIES: frozenset[str] = frozenset(_TWO_DECIMALS.split()) | frozenset(_EXPONENTS)


class MoneyError(ValueError):
    """An amount or currency that cannot be money."""


def exponent(currency: str) -> int:
    """How many decimals the currency has; MoneyError for an unknown code."""
    if currency not in CURRENCIES:
        raise MoneyError(f"{currency!r} is not an ISO 4217 currency code")
    return _EXPONENTS.get(currency, 2)


@dataclass(frozen=True, order=False)
class Money:
    """An amount in the currency's minor units (cents, or whole yen). Different currencies never mix."""

    minor: int
    currency: str

    @classmethod
    def of(cls, amount: str | int | Decimal, currency: str) -> "Money":
        """Money from a decimal amount such as "45.00"; MoneyError when it has more decimals than the currency."""
        try:
            scaled = Decimal(amount).scaleb(exponent(currency))
        except InvalidOperation as error:
            raise MoneyError(f"{amount} is not an amount") from error
        if not scaled.is_finite() or scaled != scaled.to_integral_value():
            raise MoneyError(f"{amount} has more decimals than {currency} allows")
        return cls(int(scaled), currency)

    @classmethod
    def zero(cls, currency: str) -> "Money":
        """Nothing, in this currency."""
        return cls(0, currency)

    @property
    def amount(self) -> Decimal:
        """The amount as a decimal with exactly the currency's decimals."""
        return Decimal(self.minor).scaleb(-exponent(self.currency))

    def __add__(self, other: "Money") -> "Money":
        return Money(self.minor + self._same(other), self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return Money(self.minor - self._same(other), self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.minor, self.currency)

    def __lt__(self, other: "Money") -> bool:
        return self.minor < self._same(other)

    def __le__(self, other: "Money") -> bool:
        return self.minor <= self._same(other)

    def __gt__(self, other: "Money") -> bool:
        return self.minor > self._same(other)

    def __ge__(self, other: "Money") -> bool:
        return self.minor >= self._same(other)

    def __bool__(self) -> bool:
        return self.minor != 0

    def __str__(self) -> str:
        return f"{self.amount} {self.currency}"

    def times(self, factor: int | Decimal) -> "Money":
        """The amount times a factor, rounded half to even to the minor unit."""
        exact = Decimal(self.minor) * factor
        return Money(int(exact.quantize(Decimal(1), rounding=ROUND_HALF_EVEN)), self.currency)

    def converted(self, rate: Decimal, currency: str) -> "Money":
        """The amount in another currency at `rate` (units of it for one unit of this one), rounded half to even."""
        exact = self.amount * rate
        minor = exact.scaleb(exponent(currency)).quantize(Decimal(1), rounding=ROUND_HALF_EVEN)
        return Money(int(minor), currency)

    def split(self, weights: Sequence[int]) -> list["Money"]:
        """Parts in proportion to the weights whose sum is exactly this amount (largest remainder)."""
        total = sum(weights)
        if total <= 0 or min(weights) < 0:
            raise MoneyError("weights must be non-negative with a positive sum")
        shares = [divmod(self.minor * weight, total) for weight in weights]
        missing = self.minor - sum(share for share, _ in shares)
        largest_first = sorted(range(len(weights)), key=lambda index: -shares[index][1])
        extra = set(largest_first[:missing])
        return [Money(share + (index in extra), self.currency) for index, (share, _) in enumerate(shares)]

    def _same(self, other: "Money") -> int:
        if other.currency != self.currency:
            raise MoneyError(f"cannot combine {self.currency} with {other.currency}")
        return other.minor


def total(amounts: Iterable[Money], currency: str) -> Money:
    """The sum of the amounts, all in `currency`; zero of it when there are none."""
    return sum(amounts, Money.zero(currency))
