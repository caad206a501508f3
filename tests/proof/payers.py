"""Payers in front of open card forms: any card at any time, challenges passed, failed or left, and more than once."""

from dataclasses import dataclass
from random import Random

from sqlmodel import Session, col, select

from app.store.engine import Store
from app.store.tables import PaymentRow, PaymentStatus
from carriers.sandbox.payments.cards import CARDS
from carriers.sandbox.payments.world import PaymentsWorld
from tests.payments.worlds import Payer

# How often each card is given; the others once.
_OFTEN = {"approved": 12, "callback_lost": 3, "callback_twice": 3, "callback_early": 2, "capture_refused": 4}
_WALLET = [card for card in CARDS for _ in range(_OFTEN.get(card.name, 1))]
_PASSED = 2 / 3


@dataclass
class Payers:
    """Everybody who was sent to a form."""

    random: Random
    store: Store
    bank: PaymentsWorld

    async def act(self) -> str:
        """Somebody does something in a form; what it was."""
        forms = await self.store.read(_open_forms)
        if not forms:
            return "no form to fill in"
        form, payer = self.random.choice(forms), Payer(self.bank)
        challenge = payer.state(form).get("challenge_url")
        if challenge and self.random.random() < _PASSED:
            passed = self.random.random() < _PASSED
            payer.answer(challenge, passed=passed)
            return f"challenge {'passed' if passed else 'failed'}"
        card = self.random.choice(_WALLET)
        payer.submit(form, card.number)
        return f"card {card.name}"


def _open_forms(session: Session) -> list[str]:
    """The forms that clients know of and that we do not know to be over."""
    query = (
        select(PaymentRow.form_url)
        .where(PaymentRow.status == PaymentStatus.PENDING, col(PaymentRow.form_url).is_not(None))
        .order_by(col(PaymentRow.id))
    )
    return [str(form) for form in session.exec(query)]
