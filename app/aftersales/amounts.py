"""What carriers' refunds and exchanges come to in the selling currency, at the rate the item was sold at."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from app.booking.prices import in_selling_currency
from app.domain.aftersales import RefundForm
from app.domain.itinerary import Price
from app.domain.money import Money, total
from carriers.contract import ExchangeOffer


@dataclass(frozen=True, kw_only=True, slots=True)
class GivenBack:
    """What a refund gives back, in the selling currency.

    `carrier` is what the carrier gives back, in `form`; `fees` are those of the gateway that are not kept. What would
    be kept beyond what was paid is not asked for any more: `waived` of the carrier's part. `unpaid` is what was never
    paid of the price, so that it comes back to nobody.
    """

    carrier: Money
    fees: Money
    waived: Money
    unpaid: Money
    form: RefundForm

    @property
    def carrier_part(self) -> Money:
        """So much less is owed for the carrier's part; what it gives as its own credit stays paid for."""
        return self.carrier + self.waived if self.form is RefundForm.MONEY else self.waived

    @property
    def lessened(self) -> Money:
        """So much less is owed in all."""
        return self.carrier_part + self.fees

    @property
    def money(self) -> Money:
        """What goes back to the payments."""
        return self.lessened - self.unpaid

    @property
    def credit(self) -> Money:
        """What the carrier gives as its own credit."""
        return Money.zero(self.carrier.currency) if self.form is RefundForm.MONEY else self.carrier

    @property
    def whole(self) -> Money:
        """Everything, credit included."""
        return self.money + self.credit


def given_back(price: Price, refund: Money | None, form: RefundForm, unpaid: Money) -> GivenBack | None:
    """What a carrier's refund means for who paid the price less `unpaid`, never more than that; None where not known.

    Fees of the gateway that are refundable are given back whole. Nothing is left to be paid: of what is kept beyond
    what was paid, the gateway's fees are waived first.
    """
    converted = None if refund is None else in_selling_currency(price, refund)
    if converted is None:
        return None
    carrier = min(converted, price.carrier_part)
    fees = total((fee.amount for fee in price.fees if fee.refundable), price.currency)
    known = GivenBack(carrier=carrier, fees=fees, waived=Money.zero(price.currency), unpaid=unpaid, form=form)
    beyond = max(-known.money, known.waived)
    of_fees = min(beyond, price.fee_total - fees)
    return replace(known, fees=fees + of_fees, waived=beyond - of_fees)


def carrier_refund(price: Price, cost: Money, refund: Money, back: GivenBack) -> Money:
    """What a carrier that was owed `cost` has given back with `refund` and what is waived of the rest."""
    kept = price.carrier_part - (back.carrier_part - back.waived)
    return refund + (cost - refund).times(Decimal(back.waived.minor) / kept.minor) if back.waived else refund


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
