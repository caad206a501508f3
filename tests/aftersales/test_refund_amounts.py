"""What a refund gives back, and where it goes: by carrier, form, currency, fee and payment."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlmodel import func, select

from app.domain.aftersales import RefundForm, RuleGround
from app.domain.booking import PaymentState
from app.domain.money import Money
from app.domain.partner import FeeKind, FeeRule
from app.domain.quotes import ArrivalBasis
from app.domain.search import Leg, SearchQuery, SeatRequest
from app.store.tables import EntryRow, OperationState, TicketRow
from carriers.contract import Cancelled
from tests.aftersales.scenes import AFTER_VOID_WINDOW, PASSPORT, sold
from tests.aftersales.selling import quote_refund, refund, refund_facts, shown
from tests.booking.house import PARTNER, passenger, viewer
from tests.booking.judge import judge
from tests.booking.paying import charges, paid_by_card
from tests.booking.scenes import FLEX, RATE, STANDARD, by_airline, floating, guaranteed
from tests.payments.worlds import listen


async def bought(house, offer, **wish):
    """This offer, reserved and paid on account, beyond the time in which it could be voided."""
    booking_id = (await house.reserve("r1", offer, **wish)).booking_id
    assert (await house.pay(booking_id)).state == OperationState.DONE
    house.clock.advance(AFTER_VOID_WINDOW)
    return booking_id


async def account(house, name):
    """The sum of what is booked on this account."""
    return (await house.rows(select(func.sum(EntryRow.amount_minor)).where(EntryRow.account == name)))[0]


class TestAFee:
    async def test_is_told_apart_and_kept(self, house):
        booking_id = await sold(house, STANDARD)
        quote = await quote_refund(house, booking_id)
        facts, (part,) = refund_facts(quote), refund_facts(quote).parts
        assert (part.rule.ground, part.rule.fee) == (RuleGround.FARE_CONDITIONS, part.fee)
        assert facts.paid == facts.back + facts.fee and facts.fee.minor > 0
        (source,) = facts.sources
        assert (source.amount, source.basis, source.form) == (facts.back, ArrivalBasis.AT_ONCE, RefundForm.MONEY)
        (share,) = part.shares
        assert (share.paid, share.fee, share.back) == (part.paid, part.fee, part.back)
        await refund(house, quote)
        money = await shown(house, booking_id)
        assert (money.state, money.paid, money.refunded) == (PaymentState.PARTLY_REFUNDED, facts.fee, facts.back)
        assert money.due.minor == 0
        await judge(house)

    async def test_is_none_while_the_order_can_be_voided(self, house):
        booking_id = (await house.reserve("r1", await by_airline(house, "AA", 0, "JFK", "LAX"))).booking_id
        await house.pay(booking_id)
        facts = refund_facts(await quote_refund(house, booking_id))
        assert (facts.parts[0].rule.ground, facts.fee.minor, facts.back) == (RuleGround.VOID_WINDOW, 0, facts.paid)

    @pytest.mark.parametrize("refundable", [True, False])
    async def test_of_the_gateway_comes_back_where_it_was_agreed(self, house, refundable):
        rule = FeeRule(name="Service", kind=FeeKind.FIXED, amount=Money.of("5.00", "GBP"), refundable=refundable)
        seller = replace(PARTNER, fees=(rule,))
        await house.terms(seller)
        offer = await guaranteed(house, FLEX)
        made = await house.reserve_tokens("r1", house.token(offer, seller), viewer=viewer(seller))
        await house.pay(made.booking_id)
        quote = await quote_refund(house, made.booking_id)
        facts, kept = refund_facts(quote), 0 if refundable else 500
        assert (facts.paid.minor, facts.fee.minor) == (offer.total.minor + 500, kept)
        await refund(house, quote)
        assert (await house.booking(made.booking_id)).kept_minor == kept
        assert await account(house, "FEES") == -kept
        await judge(house)

    async def test_leaves_the_partner_its_part_of_the_commission(self, house):
        seller = replace(PARTNER, commission_percent=Decimal(10))
        await house.terms(seller)
        offer = await guaranteed(house, STANDARD)
        booking_id = await bought(house, offer, viewer=viewer(seller))
        earned = offer.total.times(Decimal("0.1"))
        assert await account(house, "COMMISSION") == earned.minor
        quote = await quote_refund(house, booking_id)
        await refund(house, quote)
        kept = refund_facts(quote).fee
        assert await account(house, "COMMISSION") == pytest.approx(kept.times(Decimal("0.1")).minor, abs=1)
        assert await account(house, "SALES") == -kept.minor
        await judge(house)


class TestAnotherCurrency:
    async def test_comes_back_at_the_rate_that_it_was_sold_at(self, house):
        offer = await floating(house, STANDARD)
        made = await house.reserve_tokens("r1", house.token(offer, PARTNER, RATE))
        await house.pay(made.booking_id)
        house.clock.advance(AFTER_VOID_WINDOW)
        quote = await quote_refund(house, made.booking_id)
        await refund(house, quote)
        (given,) = house.world.ledger()["refunds"]
        back = Money.of(given["amount"], given["currency"])
        assert given["currency"] == "EUR"
        assert refund_facts(quote).back == back.converted(RATE.rate, "GBP")
        assert (await shown(house, made.booking_id)).refunded == refund_facts(quote).back
        await judge(house)


class TestCredit:
    @pytest.mark.parametrize(
        ("route", "form"), [(("SEN", "FAO"), RefundForm.VOUCHER), (("LTN", "SYD"), RefundForm.AIRLINE_CREDIT)]
    )
    async def test_moves_no_payment(self, house, route, form):
        offer = (await house.offers(*route))[FLEX]
        booking_id = await bought(house, offer, passengers=(replace(passenger(), document=PASSPORT),))
        quote = await quote_refund(house, booking_id)
        facts = refund_facts(quote)
        (source,) = facts.sources
        assert (source.form, source.payment, source.amount) == (form, None, facts.back)
        assert (await refund(house, quote)).state == OperationState.DONE
        booking = await house.booking(booking_id)
        assert (booking.state, booking.kept_minor) == ("REFUNDED", facts.paid.minor)
        money = await shown(house, booking_id)
        assert (money.state, money.refunded.minor) == (PaymentState.PAID, 0)
        assert "PAYMENT_REFUNDED" not in await house.timeline(booking_id)
        await judge(house)


class TestUntold:
    @pytest.mark.parametrize(("airline", "route"), [("TK", ("IST", "LHR")), ("ET", ("ADD", "LHR"))])
    async def test_stays_pending_until_the_carrier_tells(self, house, airline, route):
        booking_id = await bought(house, await by_airline(house, airline, FLEX, *route))
        quote = await quote_refund(house, booking_id)
        facts = refund_facts(quote)
        assert (quote.state, facts.back, facts.fee, facts.sources) == ("READY", None, None, ())
        assert facts.parts[0].rule.ground is RuleGround.CARRIER_DECIDES
        assert (await refund(house, quote)).state == OperationState.DONE
        assert (await house.booking(booking_id)).state == "CANCELLED"
        assert (await shown(house, booking_id)).state == PaymentState.PAID
        assert [ticket.status for ticket in await house.rows(select(TicketRow))] == ["REFUNDED"]
        assert house.world.ledger()["refunds"] == []
        for _ in range(2):
            await house.later(timedelta(hours=5))
        (given,) = house.world.ledger()["refunds"]
        booking, money = await house.booking(booking_id), await shown(house, booking_id)
        assert (booking.state, money.refunded.amount) == ("REFUNDED", Decimal(given["amount"]))
        assert (await house.timeline(booking_id)).count("REFUND_PENDING") == 1
        await judge(house)

    async def test_until_it_turns_out_to_be_credit(self, house, monkeypatch):
        """The fees that the gateway gives back are given back then."""
        fee = FeeRule(name="Service", kind=FeeKind.FIXED, amount=Money.of("5.00", "USD"), refundable=True)
        seller = replace(PARTNER, fees=(fee,))
        await house.terms(seller)
        token = house.token(await by_airline(house, "TK", FLEX, "IST", "LHR"), seller)
        booking_id = (await house.reserve_tokens("r1", token, viewer=viewer(seller))).booking_id
        await house.pay(booking_id)
        await refund(house, await quote_refund(house, booking_id))

        async def as_voucher(terms):
            return Cancelled(ref=terms, refund=None, form=RefundForm.VOUCHER)

        monkeypatch.setattr(house.carrier, "refunded", as_voucher)
        await house.later(timedelta(hours=1))
        booking, money = await house.booking(booking_id), await shown(house, booking_id)
        assert (booking.state, money.refunded) == ("REFUNDED", Money.of("5.00", "USD"))
        assert money.state == PaymentState.PARTLY_REFUNDED

    async def test_to_the_card_too(self, house):
        listen(house.bank)
        offer = await by_airline(house, "TK", FLEX, "IST", "LHR")
        booking_id = (await house.reserve("r1", offer)).booking_id
        await paid_by_card(house, booking_id)
        await refund(house, await quote_refund(house, booking_id))
        house.fault("charges.refund", "lost_reply")
        for _ in range(2):
            await house.later(timedelta(hours=7))
        await house.settle_operations()
        assert (await house.booking(booking_id)).state == "REFUNDED"
        await judge(house)


class TestSeveralOrders:
    async def test_one_of_two_is_refunded_and_the_other_stays(self, house):
        booking_id = await sold(house, STANDARD, FLEX)
        first, second = await house.items(booking_id)
        quote = await quote_refund(house, booking_id, items=(first.id,))
        assert [part.item for part in refund_facts(quote).parts] == [first.id]
        await refund(house, quote)
        booking = await house.booking(booking_id)
        assert booking.state == "TICKETED"
        assert booking.total_minor == second.price["carrier_total"]["minor"]
        assert booking.kept_minor == refund_facts(quote).fee.minor
        assert [item.state for item in await house.items(booking_id)] == ["REFUNDED", "TICKETED"]
        assert (await shown(house, booking_id)).state == PaymentState.PARTLY_REFUNDED
        await judge(house)

    async def test_a_ticket_stands_for_its_whole_order(self, house):
        people = (passenger(), passenger("Grace", "Hopper"))
        offers = await house.offers("LHR", "CDG", types=["ADULT", "ADULT"])
        offer = [each for each in offers if each.owner.code == "BA"][STANDARD]
        booking_id = await bought(house, offer, passengers=people)
        ticket, _ = await house.rows(select(TicketRow).order_by(TicketRow.id))
        quote = await quote_refund(house, booking_id, tickets=(ticket.id,))
        (part,) = refund_facts(quote).parts
        assert (part.asked, len(part.travellers), part.split) == ((ticket.traveller_id,), 2, False)
        assert len(part.shares) == 2
        assert sum(share.back.minor for share in part.shares) == part.back.minor
        await refund(house, quote)
        assert {ticket.status for ticket in await house.rows(select(TicketRow))} == {"REFUNDED"}
        await judge(house)


class TestPartlyFlown:
    async def test_only_what_is_not_flown_yet_comes_back(self, house):
        ways = ((date(2026, 6, 1), "LHR", "CDG"), (date(2026, 6, 9), "CDG", "LHR"))
        query = SearchQuery(
            legs=tuple(Leg(origin=origin, destination=destination, date=day) for day, origin, destination in ways),
            passengers=(SeatRequest(type="ADULT"),),
        )
        found = await house.carrier.search(query, deadline=timedelta(seconds=20))
        offer = [each for each in found.offers if each.owner.code == "BA"][FLEX]
        booking_id = await bought(house, offer)
        house.clock.advance(offer.journeys[0].arrives_at - house.clock.now())
        quote = await quote_refund(house, booking_id)
        facts = refund_facts(quote)
        assert 0 < facts.back.minor < facts.paid.minor
        assert len(facts.parts[0].segments) == 1
        await refund(house, quote)
        assert (await house.booking(booking_id)).state == "REFUNDED"
        await judge(house)


class TestPayments:
    @pytest.fixture
    async def twice(self, house):
        """Paid twenty pounds by card first, and the rest on account."""
        listen(house.bank)
        booking_id = (await house.reserve("r1", await guaranteed(house, FLEX))).booking_id
        await paid_by_card(house, booking_id, amount=Money.of("20.00", "GBP"))
        await house.pay(booking_id)
        house.clock.advance(AFTER_VOID_WINDOW)
        return booking_id

    async def test_the_latest_is_given_back_first(self, house, twice):
        facts = refund_facts(await quote_refund(house, twice))
        on_account, card = facts.sources
        assert (on_account.basis, card.basis) == (ArrivalBasis.AT_ONCE, ArrivalBasis.PROVIDER)
        assert (card.amount, on_account.amount + card.amount) == (Money.of("20.00", "GBP"), facts.back)
        assert card.expected_by > on_account.expected_by

    async def test_all_of_them_are_given_back(self, house, twice):
        await refund(house, await quote_refund(house, twice))
        assert (charges(house), (await shown(house, twice)).paid.minor) == ([("captured", 0)], 0)
        await judge(house)

    async def test_what_a_provider_refuses_stays_owed_and_is_never_called_refunded(self, house, twice):
        house.fault("charges.refund", "refused")
        outcome = await refund(house, await quote_refund(house, twice))
        assert outcome.refusal.code == "REFUND_REFUSED"
        money = await shown(house, twice)
        assert (money.state, money.due) == (PaymentState.REFUND_DUE, Money.of("-20.00", "GBP"))
        assert (await house.booking(twice)).state == "CANCELLED"
        assert "ITEM_REFUNDED" not in await house.timeline(twice)
        assert [order["state"] for order in house.orders()] == ["cancelled"]
        await judge(house)

    async def test_what_one_refund_could_not_give_back_the_next_one_does(self, house):
        booking_id = await sold(house, STANDARD, FLEX, by_card=True)
        first, second = await house.items(booking_id)
        house.fault("charges.refund", "refused")
        await refund(house, await quote_refund(house, booking_id, items=(first.id,)))
        assert [item.state for item in await house.items(booking_id)] == ["CANCELLED", "TICKETED"]
        assert (await shown(house, booking_id)).state == PaymentState.REFUND_DUE
        await judge(house)
        quote = await quote_refund(house, booking_id, "q2", items=(second.id,))
        await refund(house, quote, "f2")
        assert (await house.booking(booking_id)).state == "REFUNDED"
        assert (await shown(house, booking_id)).state == PaymentState.PARTLY_REFUNDED
        await judge(house)

    async def test_a_deposit_that_covers_what_is_kept_gives_back_only_the_rest(self, house, monkeypatch):
        check = house.carrier.check

        async def with_deposit(ref):
            offer = await check(ref)
            return replace(offer, deposit=Money(offer.total.minor // 2, offer.total.currency))

        monkeypatch.setattr(house.carrier, "check", with_deposit)
        booking_id = (await house.reserve("r1", await guaranteed(house, STANDARD))).booking_id
        deposit = (await house.booking(booking_id)).deposit_minor
        await house.pay(booking_id, amount=Money(deposit, "GBP"))
        house.clock.advance(AFTER_VOID_WINDOW)
        quote = await quote_refund(house, booking_id)
        await refund(house, quote)
        kept, money = refund_facts(quote).fee.minor, await shown(house, booking_id)
        assert (money.paid.minor, money.refunded.minor) == (kept, deposit - kept)
        assert sum(source.amount.minor for source in refund_facts(quote).sources) == deposit - kept
        await judge(house)
