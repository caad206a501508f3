"""The test cards, each with what its issuer does (docs/payments.md shows them). No other number is taken."""

from collections.abc import Mapping
from dataclasses import dataclass

from app.domain.payment import DeclineReason

_AT_ONCE = (0.0,)


@dataclass(frozen=True, kw_only=True, slots=True)
class Card:
    """A test card. Times are seconds.

    The issuer may decline it, ask for a challenge first, take `slow` long or let the browser's answer get `lost`; what
    it authorises on a card that is not `capturable` it takes back before anybody takes it.
    `callbacks` is when each copy of the callback about its authorisation goes out.
    """

    name: str
    number: str
    brand: str = "Visa"
    decline: DeclineReason | None = None
    challenge: bool = False
    slow: float = 0.0
    lost: bool = False
    capturable: bool = True
    callbacks: tuple[float, ...] = _AT_ONCE

    @property
    def token(self) -> str:
        """What stands for it where no number may be."""
        return f"tok_{self.name}"

    @property
    def shown(self) -> str:
        """As it may be shown: brand and last four digits."""
        return f"{self.brand} {self.number[-4:]}"


_D = DeclineReason
CARDS: tuple[Card, ...] = (
    Card(name="approved", number="4242424242424242"),
    Card(name="approved_mastercard", number="5555555555554444", brand="Mastercard"),
    Card(name="approved_amex", number="378282246310005", brand="American Express"),
    Card(name="declined", number="4000000000000002", decline=_D.DECLINED),
    Card(name="insufficient_funds", number="4000000000009995", decline=_D.INSUFFICIENT_FUNDS),
    Card(name="expired_card", number="4000000000000069", decline=_D.EXPIRED_CARD),
    Card(name="incorrect_security_code", number="4000000000000127", decline=_D.INCORRECT_SECURITY_CODE),
    Card(name="lost_or_stolen", number="4000000000009987", decline=_D.LOST_OR_STOLEN),
    Card(name="authentication_failed", number="4000008400001629", decline=_D.AUTHENTICATION_FAILED),
    Card(name="suspected_fraud", number="4100000000000019", decline=_D.SUSPECTED_FRAUD),
    Card(name="processing_error", number="4000000000000119", decline=_D.PROCESSING_ERROR),
    Card(name="challenge", number="4000002760003184", challenge=True),
    Card(name="challenge_then_declined", number="4000008260003178", challenge=True, decline=_D.INSUFFICIENT_FUNDS),
    Card(name="slow", number="4000000000010019", slow=5.0, callbacks=(5.0,)),
    Card(name="lost_reply", number="4000000000010027", lost=True),
    Card(name="callback_late", number="4000000000010035", callbacks=(600.0,)),
    Card(name="callback_twice", number="4000000000010043", callbacks=(0.0, 0.0)),
    Card(name="callback_early", number="4000000000010050", slow=3.0),
    Card(name="callback_lost", number="4000000000010068", callbacks=()),
    Card(name="capture_refused", number="4000000000010076", capturable=False),
)
BY_NUMBER: Mapping[str, Card] = {card.number: card for card in CARDS}
BY_TOKEN: Mapping[str, Card] = {card.token: card for card in CARDS}


def passes_luhn(number: str) -> bool:
    """Whether the digits' check digit is right (ISO/IEC 7812-1, annex B)."""
    digits = [int(digit) for digit in reversed(number)]
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[1::2]]
    return (sum(digits[::2]) + sum(doubled)) % 10 == 0
