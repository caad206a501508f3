"""Seats and bags after payment: quoted, reserved, added by the carrier, and only then taken."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlmodel import select

from app.accounts.lines import LINE_KINDS
from app.aftersales.accept_change import AcceptWish, take_accept
from app.aftersales.paid_changes import ByCard, OnAccount
from app.booking.facts import price_of
from app.domain.aftersales import ServiceChoice
from app.domain.money import Money
from app.domain.refusals import (
    ChangeUnpaid,
    CreditExceeded,
    InvalidInput,
    NotFound,
    PriceChanged,
    QuoteExpired,
    QuoteUsed,
    ServiceGone,
    Unsupported,
    WrongState,
)
from app.store.aftersales_tables import CarrierChangeRow
from app.store.tables import EntryRow, OperationState
from carriers.contract import Ability
from tests.aftersales.selling import (
    add_services,
    ask_services,
    asking_money,
    bags,
    exchange,
    exchange_facts,
    quote_exchange,
    quote_refund,
    quote_services,
    refund,
    refund_facts,
    services_facts,
)
from tests.aftersales.test_refunds import AFTER_VOID_WINDOW, paid
from tests.booking.house import PARTNER, viewer
from tests.booking.judge import judge
from tests.booking.paying import charges, deliver, payments, submit
from tests.booking.scenes import BASIC, FLEX, STANDARD, by_airline, floating
from tests.booking.seating import seat_and_bag
from tests.booking.test_price import RATE
from tests.payments.worlds import listen


async def ledger(house, *accounts):
    """What these accounts have moved by, each kind of entry apart."""
    rows = await house.rows(select(EntryRow).where(EntryRow.account.in_(accounts)).order_by(EntryRow.id))
    return [(row.account, row.kind, row.amount_minor) for row in rows]


class TestAdding:
    async def test_on_account(self, house):
        booking_id = await paid(house)
        before = await house.booking(booking_id)
        quote = await quote_services(house, booking_id)
        facts = services_facts(quote)
        outcome = await add_services(house, quote)
        assert (outcome.state, outcome.refusal) == (OperationState.DONE, None)
        booking, (item,) = await house.booking(booking_id), await house.items(booking_id)
        assert (booking.state, booking.total_minor) == ("TICKETED", before.total_minor + facts.price.minor)
        assert price_of(item).services == facts.price
        (bag,) = item.services
        assert (bag["kind"], bag["quantity"]) == ("BAGGAGE", 2)
        assert (await house.timeline(booking_id))[-4:] == [
            "SERVICES_QUOTED",
            "PAYMENT_AUTHORISED",
            "SERVICES_ADDED",
            "PAYMENT_CAPTURED",
        ]
        await judge(house)

    async def test_by_card_once_the_form_is_paid(self, house):
        listen(house.bank)
        booking_id = await paid(house)
        quote = await quote_services(house, booking_id)
        assert (await add_services(house, quote, ByCard())).refusal is None
        (item,) = await house.items(booking_id)
        assert item.services == []
        submit(house, (await payments(house))[-1])
        await deliver(house)
        (item,) = await house.items(booking_id)
        assert len(item.services) == 1
        assert charges(house) == [("captured", services_facts(quote).price.minor)]
        await judge(house)

    async def test_again_until_there_is_nothing_left(self, house):
        booking_id = await paid(house)
        for number in range(2):
            chosen = ServiceChoice(ref=(await bags(house, booking_id))[0].ref)
            quote = await quote_services(house, booking_id, chosen, key=f"sq{number}")
            assert (await add_services(house, quote, key=f"a{number}")).refusal is None
        (item,) = await house.items(booking_id)
        assert len(item.services) == 2
        assert await bags(house, booking_id) == []
        await judge(house)

    async def test_to_an_item_that_was_bought_with_some(self, house):
        offer = await floating(house)
        seat, _ = await seat_and_bag(house, offer)
        booking_id = (await house.reserve("r1", offer, services=(seat,))).booking_id
        await house.pay(booking_id)
        await add_services(house, await quote_services(house, booking_id))
        (item,) = await house.items(booking_id)
        assert sorted(service["kind"] for service in item.services) == ["BAGGAGE", "SEAT"]
        await judge(house)

    async def test_in_the_selling_currency_at_the_rate_of_the_sale(self, house):
        token = house.token(await floating(house), rate=RATE)
        booking_id = (await house.reserve_tokens("r1", token)).booking_id
        await house.pay(booking_id)
        quote = await quote_services(house, booking_id)
        facts = services_facts(quote)
        assert (facts.price.currency, facts.carrier_price.currency) == ("GBP", "EUR")
        assert facts.price == facts.carrier_price.converted(RATE.rate, "GBP")
        await add_services(house, quote)
        await judge(house)

    async def test_the_partner_earns_on_them_as_on_the_fare(self, house):
        await house.terms(replace(PARTNER, commission_percent=Decimal(10)))
        booking_id = await paid(house)
        quote = await quote_services(house, booking_id)
        await add_services(house, quote)
        price = services_facts(quote).price
        assert (await ledger(house, "COMMISSION"))[-1] == (
            "COMMISSION",
            "COMMISSION",
            price.times(Decimal("0.1")).minor,
        )
        assert (await ledger(house, "SALES"))[-1] == ("SALES", "SALE", -price.minor)

    async def test_statements_bill_them_as_bookings(self, house):
        booking_id = await paid(house)
        before = await ledger(house, "PARTNER", "CARRIER")
        quote = await quote_services(house, booking_id)
        await add_services(house, quote)
        moved = (await ledger(house, "PARTNER", "CARRIER"))[len(before) :]
        price = services_facts(quote).price.minor
        assert {(account, LINE_KINDS[kind], minor) for account, kind, minor in moved} == {
            ("PARTNER", "BOOKING", price),
            ("CARRIER", "BOOKING", -price),
        }


class TestNothingChanged:
    async def test_what_the_carrier_refuses_releases_the_money(self, house):
        booking_id = await paid(house)
        before = await house.booking(booking_id)
        quote = await quote_services(house, booking_id)
        house.fault("orders.add_services", "service_gone")
        outcome = await add_services(house, quote)
        assert isinstance(outcome.refusal, ServiceGone)
        assert outcome.refusal.services == (services_facts(quote).services[0].service.ref,)
        booking, (item,) = await house.booking(booking_id), await house.items(booking_id)
        assert (booking.state, booking.total_minor, booking.version) == ("TICKETED", before.total_minor, before.version)
        assert item.services == []
        assert (await house.timeline(booking_id))[-3:] == ["PAYMENT_AUTHORISED", "SERVICES_REFUSED", "PAYMENT_VOIDED"]
        await judge(house)

    async def test_nor_is_a_card_charged(self, house):
        listen(house.bank)
        booking_id = await paid(house)
        await add_services(house, await quote_services(house, booking_id), ByCard())
        submit(house, (await payments(house))[-1])
        house.fault("orders.add_services", "service_gone")
        await deliver(house)
        assert charges(house) == [("closed", 0)]
        assert (await house.timeline(booking_id))[-2:] == ["SERVICES_REFUSED", "PAYMENT_VOIDED"]
        await judge(house)

    async def test_another_price_is_a_quote_that_no_longer_holds(self, house, monkeypatch):
        booking_id = await paid(house)
        quote = await quote_services(house, booking_id)

        async def dearer(_order, _services, amount, _call):
            raise PriceChanged(message="Dearer now.", old_total=amount, new_total=amount + amount)

        monkeypatch.setattr(house.carrier, "add_services", dearer)
        assert isinstance((await add_services(house, quote)).refusal, QuoteExpired)
        await judge(house)

    async def test_a_partner_without_credit_adds_nothing(self, house):
        booking_id = await paid(house)
        quote = await quote_services(house, booking_id)
        await house.terms(replace(PARTNER, credit={"GBP": Money.of("130", "GBP")}))
        assert isinstance((await add_services(house, quote)).refusal, CreditExceeded)
        await judge(house)

    async def test_a_form_that_nobody_pays_leaves_all_as_it_was(self, house):
        booking_id = await paid(house)
        await add_services(house, await quote_services(house, booking_id), ByCard())
        assert isinstance((await ask_services(house, booking_id, key="sq2")).refusal, ChangeUnpaid)
        await house.quiet()
        assert charges(house) == [("closed", 0)]
        assert (await ask_services(house, booking_id, key="sq3")).refusal is None
        await judge(house)


class TestLostAnswers:
    @pytest.mark.parametrize("kind", ["lost_reply", "time_out_before", "late_effect", "error_500", "error_503"])
    async def test_they_are_added_once(self, house, kind):
        booking_id = await paid(house)
        quote = await quote_services(house, booking_id)
        house.fault("orders.add_services", kind)
        await add_services(house, quote)
        await house.quiet()
        (order,) = house.orders()
        assert [line["quantity"] for line in order["services"]] == [2]
        assert (await house.booking(booking_id)).state == "TICKETED"
        await judge(house)

    async def test_what_the_order_had_before_is_not_taken_for_it(self, house):
        booking_id = await paid(house)
        chosen = ServiceChoice(ref=(await bags(house, booking_id))[0].ref)
        await add_services(house, await quote_services(house, booking_id, chosen))
        quote = await quote_services(house, booking_id, chosen, key="sq2")
        house.fault("orders.add_services", "time_out_before")
        await add_services(house, quote, key="a2")
        await house.quiet()
        assert len(house.orders()[0]["services"]) == 2
        await judge(house)


class TestQuotes:
    async def test_one_is_confirmed_once(self, house):
        quote = await quote_services(house, await paid(house))
        await add_services(house, quote)
        assert isinstance((await add_services(house, quote, key="a2")).refusal, QuoteUsed)
        assert (await add_services(house, quote)).refusal is None

    async def test_it_ends(self, house):
        quote = await quote_services(house, await paid(house))
        house.clock.advance(timedelta(minutes=30))
        assert isinstance((await add_services(house, quote)).refusal, QuoteExpired)

    async def test_it_is_bound_to_the_booking_as_it_was(self, house):
        booking_id = await paid(house)
        first, second = await quote_services(house, booking_id), await quote_services(house, booking_id, key="sq2")
        await add_services(house, first)
        assert isinstance((await add_services(house, second, key="a2")).refusal, QuoteExpired)

    async def test_it_is_none_of_an_exchange(self, house):
        quote = await quote_services(house, await paid(house))
        with pytest.raises(NotFound):
            await exchange(house, quote, OnAccount())

    async def test_of_what_is_only_held_there_is_none(self, house):
        booking_id = (await house.reserve()).booking_id
        refusal = (await ask_services(house, booking_id, ServiceChoice(ref="aso_1"))).refusal
        assert isinstance(refusal, WrongState) and refusal.state == "HELD"

    async def test_of_what_is_not_for_sale_there_is_none(self, house):
        outcome = await ask_services(house, await paid(house), ServiceChoice(ref="aso_none"))
        assert isinstance(outcome.refusal, ServiceGone) and outcome.refusal.services == ("aso_none",)

    async def test_of_more_than_can_be_had_there_is_none(self, house):
        booking_id = await paid(house)
        some = (await bags(house, booking_id))[0]
        outcome = await ask_services(house, booking_id, ServiceChoice(ref=some.ref, quantity=some.most + 1))
        assert isinstance(outcome.refusal, InvalidInput)

    async def test_a_carrier_without_services_says_so(self, house):
        booking_id = await paid(house)
        house.overrides = {"abilities": [each for each in Ability if each is not Ability.SERVICES]}
        house.compose()
        outcome = await ask_services(house, booking_id, ServiceChoice(ref="aso_1"))
        assert isinstance(outcome.refusal, Unsupported)


class TestAfterwards:
    async def test_a_void_gives_everything_back(self, house):
        offer = await by_airline(house, "AA", BASIC, "JFK", "MIA")
        seat, _ = await seat_and_bag(house, offer)
        booking_id = (await house.reserve("r1", offer, services=(seat,))).booking_id
        await house.pay(booking_id)
        await add_services(house, await quote_services(house, booking_id))
        total = (await house.booking(booking_id)).total_minor
        quote = await quote_refund(house, booking_id)
        assert refund_facts(quote).back.minor == total
        await refund(house, quote)
        assert (await house.booking(booking_id)).state == "REFUNDED"
        assert sum(row.refunded_minor for row in await payments(house)) == total
        await judge(house)

    async def test_a_refund_gives_a_bag_back_and_keeps_a_seat(self, house):
        offer = await floating(house, FLEX)
        booking_id = (await house.reserve("r1", offer, services=await seat_and_bag(house, offer))).booking_id
        await house.pay(booking_id)
        house.clock.advance(AFTER_VOID_WINDOW)
        (item,) = await house.items(booking_id)
        (seat,) = [service for service in item.services if service["kind"] == "SEAT"]
        quote = await quote_refund(house, booking_id)
        assert refund_facts(quote).fee.minor == seat["price"]["minor"]
        await refund(house, quote)
        await judge(house)

    async def test_an_exchange_leaves_behind_what_was_on_the_old_flight(self, house):
        booking_id = await paid(house, STANDARD)
        await add_services(house, await quote_services(house, booking_id))
        quote = await asking_money(house, booking_id)
        await exchange(house, quote, OnAccount())
        old, new = await house.items(booking_id)
        assert (len(old.services), new.services) == (1, [])
        assert price_of(new).services == price_of(old).services
        assert price_of(new).total == price_of(old).total + exchange_facts(quote).balance
        await judge(house)

    async def test_what_is_not_paid_is_held_anew_without_them(self, house):
        offer = await floating(house)
        booking_id = (await house.reserve("r1", offer, services=await seat_and_bag(house, offer))).booking_id
        quote, *_ = await quote_exchange(house, booking_id)
        await exchange(house, quote)
        old, new = await house.items(booking_id)
        assert (old.state, new.state, new.inventory_held) == ("EXCHANGED", "HELD", True)
        assert (new.services, price_of(new).services) == ([], None)
        await house.pay(booking_id)
        await judge(house)

    async def test_they_stay_on_the_flight_that_the_carrier_moves(self, house):
        house.listen()
        booking_id = await paid(house, STANDARD)
        await add_services(house, await quote_services(house, booking_id))
        house.change_flight((await house.items(booking_id))[0].order_reference, "moved", minutes=30)
        await house.deliver()
        await house.later(timedelta())
        (change,) = await house.rows(select(CarrierChangeRow))
        await house.settled(await take_accept(house.desk, viewer(), "ac1", AcceptWish(change_id=change.id)))
        (item,) = await house.items(booking_id)
        (flight,) = item.offer["journeys"][0]["segments"]
        assert [service["segments"] for service in item.services] == [[flight["ref"]]]
        await judge(house)
