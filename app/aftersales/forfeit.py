"""What is kept of an item whose rest was not paid: the deposit, or what the carrier's terms cost where that is more."""

from dataclasses import dataclass

from app.aftersales.amounts import GivenBack
from app.booking.prices import in_selling_currency
from app.domain.itinerary import Price
from app.domain.money import Money


@dataclass(frozen=True, kw_only=True, slots=True)
class Kept:
    """What is kept of a price: of the carrier's part, and of the gateway's fees."""

    carrier_part: Money
    fees: Money

    @property
    def whole(self) -> Money:
        """Everything."""
        return self.carrier_part + self.fees


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
