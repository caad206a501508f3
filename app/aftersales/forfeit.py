"""What is kept of an item whose rest was not paid: the deposit, or what the carrier's terms cost where that is more.

Of what the carrier itself ended or changed, nothing is kept.
"""

from dataclasses import dataclass

from app.aftersales.amounts import GivenBack, given_back
from app.booking.facts import deposit_of
from app.booking.prices import in_selling_currency
from app.domain.aftersales import RefundForm, RuleGround
from app.domain.errors import Refusal
from app.domain.itinerary import CarrierOffer, Price
from app.domain.money import Money
from app.domain.refusals import NotRefundable
from carriers.contract import Cancelled, RefundTerms


@dataclass(frozen=True, kw_only=True, slots=True)
class Kept:
    """What is kept of a price: of the carrier's part, and of the gateway's fees."""

    carrier_part: Money
    fees: Money

    @property
    def whole(self) -> Money:
        """Everything."""
        return self.carrier_part + self.fees


def nothing(currency: str) -> Kept:
    """What is kept of what the carrier has ended or changed itself."""
    return Kept(carrier_part=Money.zero(currency), fees=Money.zero(currency))


def is_carriers_doing(terms: RefundTerms | Refusal, done: Cancelled, *, cancelled_before: bool) -> bool:
    """Whether the carrier ended or changed the order itself, or gives back whole what its terms would not.

    An order that had ended before it was to be cancelled was ended by the carrier, unless we had asked it to before.
    """
    if done.by_carrier:
        return True
    match terms:
        case RefundTerms(rule=rule, refund=quoted):
            return rule.ground is RuleGround.CARRIER_CHANGED or _gives_more(done, quoted)
        case NotRefundable(rule=rule) if rule.ground is RuleGround.ENDED:
            return not cancelled_before
        case NotRefundable():
            return done.refund is not None and bool(done.refund)
        case _:
            return False


def _gives_more(done: Cancelled, quoted: Money | None) -> bool:
    return done.refund is not None and quoted is not None and done.refund > quoted


def kept_by(price: Price, offer: CarrierOffer, terms: RefundTerms | Refusal, done: Cancelled, paid: Money) -> Kept:
    """By what the carrier says that it gives back, else by its terms; where it told neither, the deposit."""
    none = Money.zero(price.currency)
    match terms:
        case _ if done.refund is not None:
            back = given_back(price, done.refund, done.form, none)
        case RefundTerms():
            back = given_back(price, terms.refund, terms.form, none)
        case NotRefundable() if terms.rule.ground is not RuleGround.ENDED:
            back = given_back(price, none, RefundForm.MONEY, none)
        case _:
            back = None
    return kept(price, deposit_of(price, offer), offer.deposit or offer.total, back, paid)


def kept(price: Price, deposit: Money, carrier_deposit: Money, back: GivenBack | None, paid: Money) -> Kept:
    """What is kept of the item: the greater of its `deposit` and what its terms would not give `back`, up to `paid`.

    `carrier_deposit` is in the carrier's currency, without what exchanges cost there. The carrier's part is kept before
    the gateway's fees.
    """
    fee = price.total - back.money if back else Money.zero(price.currency)
    carrier_fee = price.carrier_part - back.carrier_part if back else Money.zero(price.currency)
    whole = max(min(max(deposit, fee), paid), Money.zero(price.currency))
    charged = price.change_fees or Money.zero(price.currency)
    of_carrier = max((in_selling_currency(price, carrier_deposit) or deposit) + charged, carrier_fee)
    fees = min(whole - min(whole, of_carrier), price.fee_total)
    return Kept(carrier_part=whole - fees, fees=fees)


def owed_no_more(price: Price, cost: Money, carrier_part: Money) -> Money:
    """What the carrier is owed no more of its `cost`, where so much of its part of the price is kept."""
    _, back = cost.split([carrier_part.minor, (price.carrier_part - carrier_part).minor])
    return back
