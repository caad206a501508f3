"""How to pay: for a booking, or for a change of it."""

import strawberry

from app.aftersales.paid_changes import ByCard, OnAccount
from schema.scalars import Locale


@strawberry.input(description="Pay on the partner's account: it confirms that its customer has paid.")
class OnAccountInput:
    """The partner's own reference."""

    reference: str | None = strawberry.field(default=None, description="The partner's own reference for the payment.")


@strawberry.input(description="Let the payer give a card in the payment provider's form; none reaches the gateway.")
class CardInput:
    """How the form looks, and the partner's own reference."""

    locale: Locale = strawberry.field(default=Locale("en"), description="The language of the form and its amounts.")
    reference: str | None = strawberry.field(default=None, description="The partner's own reference for the payment.")


@strawberry.input(one_of=True, description="How to pay.")
class PaymentMethodInput:
    """Exactly one of its fields."""

    on_account: OnAccountInput | None = strawberry.field(
        default=strawberry.UNSET, description="On the partner's account, within its credit."
    )
    card: CardInput | None = strawberry.field(
        default=strawberry.UNSET, description="By card: the answer's `outcome` has the form for the payer."
    )

    def to_change(self) -> OnAccount | ByCard:
        """How a change of a booking is paid."""
        if self.card:
            return ByCard(locale=self.card.locale, reference=self.card.reference)
        return OnAccount(reference=self.on_account.reference if self.on_account else None)
