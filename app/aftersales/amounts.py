"""What carriers' refunds and exchanges come to in the selling currency, at the rate the item was sold at."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from app.booking.prices import in_selling_currency
from app.domain.aftersales import RefundForm
from app.domain.itinerary import Price
from app.domain.money import Money, total
from carriers.contract import ExchangeOffer


@dataclass(frozen=True, kw_only=True, slots=True)
class GivenBack:
    """What a refund gives back: of the carrier's part, in money or as credit, and of the gateway's fees."""

    carrier_part: Money
    fees: Money
    form: RefundForm

    @property
    def whole(self) -> Money:
        """Everything, credit included."""
        return self.carrier_part + self.fees

    @property
    def credit(self) -> Money:
        """What the carrier gives as its own credit."""
        return self.whole - self.money

    @property
    def money(self) -> Money:
        """What goes back to the payments."""
        return self.whole if self.form is RefundForm.MONEY else self.fees


def given_back(price: Price, refund: Money | None, form: RefundForm) -> GivenBack | None:
    """What a carrier's refund means for who paid the price, never more than that; None where it is not known.

    Fees of the gateway that are refundable are given back whole.
    """
    converted = None if refund is None else in_selling_currency(price, refund)
    if converted is None:
        return None
    fees = total((fee.amount for fee in price.fees if fee.refundable), price.currency)
    return GivenBack(carrier_part=min(converted, price.carrier_part), fees=fees, form=form)


def shares(amount: Money | None, number: int) -> Sequence[Money | None]:
    """The amount in equal parts, as carriers tell no finer; unknown parts of what is unknown."""
    return [None] * number if amount is None else amount.split([1] * number)


def exchanged_price(price: Price, offer: ExchangeOffer) -> Price | None:
    """The price after the exchange: the fare moves by the difference, the carrier's fee is added; None as above.

    What a carrier gives back as its own credit stays paid for.
    """
    balance, fee = in_selling_currency(price, offer.balance), in_selling_currency(price, offer.fee)
    if balance is None or fee is None:
        return None
    if balance.minor < 0 and offer.form is not RefundForm.MONEY:
        balance = Money.zero(price.currency)
    charged = fee if price.change_fees is None else price.change_fees + fee
    return replace(
        price,
        base=price.base + balance - fee,
        change_fees=charged or None,
        carrier_total=offer.total,
    )
