"""What a refund gives back: never more than was paid, never less than nothing, and nothing is left to be paid."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.aftersales.amounts import carrier_refund, given_back
from app.domain.aftersales import RefundForm
from app.domain.itinerary import ExchangeRate, Fee, Price
from app.domain.money import Money
from tests.carriers.worlds import START

NOTHING = Money.zero("GBP")


def pounds(amount):
    return Money.of(amount, "GBP")


def tour(*fees, total="2000.00"):
    """A price of a tour with such fees of ours: amount, and whether it is refundable."""
    added = tuple(Fee(name=f"fee {n}", amount=pounds(amount), refundable=back) for n, (amount, back) in enumerate(fees))
    return Price(base=pounds(total), tax=NOTHING, fees=added, carrier_total=pounds(total))


def kept(price, back):
    return price.total - back.lessened


class TestOnADeposit:
    @pytest.mark.parametrize(
        ("deposit", "scale", "comes_back", "stays"),
        [
            # The scale's fee is less than was paid, exactly that, more, and everything.
            ("400.00", "200.00", "200.00", "200.00"),
            ("400.00", "400.00", "0.00", "400.00"),
            ("400.00", "600.00", "0.00", "400.00"),
            ("400.00", "2000.00", "0.00", "400.00"),
            ("2000.00", "600.00", "1400.00", "600.00"),
        ],
    )
    def test_what_is_kept_is_capped_at_what_was_paid(self, deposit, scale, comes_back, stays):
        price = tour()
        unpaid, refund = price.total - pounds(deposit), price.carrier_total - pounds(scale)
        back = given_back(price, refund, RefundForm.MONEY, unpaid)
        assert (back.whole, back.money, back.credit) == (pounds(comes_back), pounds(comes_back), NOTHING)
        assert kept(price, back) == pounds(stays)
        assert price.carrier_total - carrier_refund(price, price.carrier_total, refund, back) == pounds(stays)

    def test_our_fees_are_waived_before_the_carriers(self):
        price = tour(("30.00", False), ("20.00", True))
        back = given_back(price, pounds("1800.00"), RefundForm.MONEY, price.total - pounds("205.00"))
        assert (back.whole, back.fees, back.waived) == (NOTHING, pounds("45.00"), NOTHING)
        assert kept(price, back) == pounds("205.00")
        assert carrier_refund(price, price.carrier_total, pounds("1800.00"), back) == pounds("1800.00")

    def test_refundable_fees_come_back_of_what_was_paid(self):
        price = tour(("30.00", True))
        back = given_back(price, pounds("1800.00"), RefundForm.MONEY, price.total - pounds("406.00"))
        assert (back.whole, kept(price, back)) == (pounds("206.00"), pounds("200.00"))

    def test_what_the_carrier_waives_is_counted_in_its_currency(self):
        rate = ExchangeRate(
            source="USD", target="GBP", rate=Decimal("0.8"), margin_percent=Decimal(0), expires_at=START
        )
        price = Price(base=pounds("1600.00"), tax=NOTHING, carrier_total=Money.of("2000.00", "USD"), rate=rate)
        back = given_back(price, NOTHING, RefundForm.MONEY, pounds("1200.00"))
        refund = carrier_refund(price, price.carrier_total, Money.zero("USD"), back)
        assert (kept(price, back), refund) == (pounds("400.00"), Money.of("1500.00", "USD"))

    def test_a_credit_of_the_carriers_does_not_pay_what_was_never_paid(self):
        price = tour()
        back = given_back(price, pounds("500.00"), RefundForm.VOUCHER, pounds("1600.00"))
        assert (back.money, back.credit, kept(price, back)) == (NOTHING, pounds("500.00"), pounds("400.00"))


amounts = st.integers(min_value=0, max_value=10**7)
fees = st.lists(st.tuples(st.integers(min_value=0, max_value=10**4), st.booleans()), max_size=3)


@given(amounts, amounts, fees, st.data(), st.sampled_from(RefundForm))
def test_nothing_is_below_zero_and_nothing_is_left_to_pay(base, tax, ours, data, form):
    added = tuple(Fee(name="fee", amount=Money(minor, "GBP"), refundable=back) for minor, back in ours)
    carrier = Money(base + tax, "GBP")
    price = Price(base=Money(base, "GBP"), tax=Money(tax, "GBP"), fees=added, carrier_total=carrier)
    unpaid = Money(data.draw(st.integers(min_value=0, max_value=price.total.minor)), "GBP")
    refund = Money(data.draw(st.integers(min_value=0, max_value=carrier.minor)), "GBP")
    back = given_back(price, refund, form, unpaid)
    paid = price.total - unpaid
    assert NOTHING <= back.money <= paid
    assert back.lessened == back.carrier_part + back.fees
    assert paid - back.money == price.total - back.lessened >= NOTHING
    assert NOTHING <= back.carrier_part <= price.carrier_part
    assert NOTHING <= back.fees <= price.fee_total
    money = refund if form is RefundForm.MONEY else NOTHING
    less = carrier_refund(price, carrier, money, back)
    assert money <= less <= carrier
    if not unpaid:
        assert (back.waived, less, back.fees) == (
            NOTHING,
            money,
            sum((f.amount for f in added if f.refundable), NOTHING),
        )
