"""Quotes as the verbs write them down, about what was booked in the sandbox."""

from dataclasses import replace
from datetime import timedelta

from sqlmodel import select

from app.booking.facts import offer_of, price_of
from app.domain import codec
from app.domain.aftersales import RefundForm, Rule, RuleGround
from app.domain.itinerary import Condition, FareConditions
from app.domain.money import Money
from app.domain.quotes import (
    ArrivalBasis,
    ExchangeQuote,
    RefundPart,
    RefundQuote,
    RefundShare,
    RefundSource,
)
from app.store.aftersales_tables import QuoteRow
from app.store.tables import BookingRow, ItemRow, PaymentRow, TicketRow
from tests.booking.house import PARTNER
from tests.carriers.worlds import START

FEE = Money.of("10.00", "GBP")
RULE = Rule(ground=RuleGround.FARE_CONDITIONS, allowed=True, fee=FEE, deadline=START + timedelta(days=90))
END = START + timedelta(minutes=20)


async def quoted(gateway, kind, facts, **row):
    """The id of a quote with these facts of the gateway's one booking."""

    def write(session):
        booking = session.exec(select(BookingRow)).one()
        known = {
            "id": "qt_1",
            "partner_id": PARTNER.id,
            "booking_id": booking.id,
            "operation_id": "op_asked",
            "kind": kind,
            "state": "READY",
            "version": booking.version,
            "facts": codec.dump(facts),
            "expires_at": END,
            "created_at": START,
        }
        session.add(QuoteRow(**known | row))

    await gateway.house.store.write(write)
    return row.get("id", "qt_1")


async def only(gateway, kind):
    """The one row there is of a kind."""
    (row,) = await gateway.house.rows(select(kind))
    return row


async def refund_part(gateway, **facts):
    """What the carrier would give back of the booking's one item: all but a fee."""
    item, tickets = await only(gateway, ItemRow), await gateway.house.rows(select(TicketRow))
    paid = price_of(item).total
    everybody = tuple(item.passengers)
    shared = zip(tickets, *(amount.split([1] * len(tickets)) for amount in (paid, FEE, paid - FEE)), strict=True)
    known = RefundPart(
        item=item.id,
        carrier=item.carrier,
        rule=RULE,
        asked=everybody,
        travellers=everybody,
        segments=tuple(segment.ref for journey in offer_of(item).journeys for segment in journey.segments),
        paid=paid,
        unpaid=Money.zero(paid.currency),
        fee=FEE,
        back=paid - FEE,
        shares=tuple(
            RefundShare(ticket=ticket.id, traveller=ticket.traveller_id, paid=price, fee=fee, back=back)
            for ticket, price, fee, back in shared
        ),
        terms="ore_1",
        expires_at=END,
    )
    return replace(known, **facts)


async def refund_quote(gateway, *parts, sources=None):
    """The quote of these parts, or of the one there is; back to the payment, or where the sources say."""
    known = parts or (await refund_part(gateway),)
    payment, *_ = await gateway.house.rows(select(PaymentRow).order_by(PaymentRow.created_at))
    money = RefundSource(
        form=RefundForm.MONEY,
        amount=known[0].back,
        payment=payment.id,
        expected_by=START,
        basis=ArrivalBasis.AT_ONCE,
    )
    sources = (money,) if sources is None else sources
    return RefundQuote(parts=known, sources=sources, set_off=Money.zero("GBP"), currency="GBP")


async def exchange_quote(gateway, **facts):
    """What the booking's one item could be exchanged for: the same a day later, for more."""
    item = await only(gateway, ItemRow)
    (old,) = offer_of(item).journeys
    (segment,) = old.segments
    day = timedelta(days=1)
    moved = replace(segment, ref="seg_new", departs_at=segment.departs_at + day, arrives_at=segment.arrives_at + day)
    price = price_of(item)
    known = ExchangeQuote(
        item=item.id,
        carrier=item.carrier,
        kept=(),
        removed=(old,),
        added=(replace(old, ref="sli_new", segments=(moved,)),),
        price=replace(price, base=price.base + FEE, change_fees=FEE),
        difference=FEE,
        fee=FEE,
        balance=FEE + FEE,
        carrier_balance=FEE + FEE,
        conditions=FareConditions(change=Condition(allowed=True, fee=FEE)),
        offer="oco_1",
    )
    return replace(known, **facts)
