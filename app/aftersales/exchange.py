"""Exchange a paid item: the carrier changes its order, a new item takes the old one's place, tickets are reissued."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

from sqlmodel import Session, select

from app import ledger
from app.aftersales import steps
from app.aftersales.carrier_changes import carry_changes
from app.aftersales.quotes import as_quoted
from app.aftersales.refund import pay_back
from app.booking.balance_due import follow_balance
from app.booking.desk import Tools
from app.booking.differences import Difference, Subject
from app.booking.discrepancies import write
from app.booking.facts import move, offer_of, tell, travel_keys
from app.booking.funds import Fund, void
from app.booking.looks import watch
from app.booking.tickets import write_tickets
from app.domain import codec
from app.domain.aftersales import RefundForm
from app.domain.booking import ItemState, TicketStatus
from app.domain.errors import Refusal
from app.domain.events import EventKind
from app.domain.money import Money
from app.domain.quotes import ExchangeQuote
from app.domain.refusals import QuoteExpired
from app.journal.run import Claim, Run
from app.store.aftersales_tables import DiscrepancyKind
from app.store.partners import partner_of
from app.store.tables import ItemRow, PartnerRow, TicketRow
from carriers.contract import CarrierOrder

_REASON = "EXCHANGED"


@dataclass(frozen=True, kw_only=True, slots=True)
class ExchangeOrder:
    """The quote to exchange by, and the id of the item that takes the old one's place."""

    quote: ExchangeQuote
    new_item: str


async def exchange(tools: Tools, run: Run, order: ExchangeOrder, funds: Sequence[Fund]) -> None:
    """Let the carrier make the exchange; its Refusal leaves the original whole, and releases the `funds`."""
    quote = order.quote
    try:
        pending = await run.step(
            steps.select_exchange(
                tools, quote.item, steps.SelectRequest(carrier=quote.carrier, offer=quote.offer or "")
            )
        )
        if pending.balance != quote.carrier_balance:
            raise QuoteExpired(message="The carrier now asks another amount for this exchange.")
        request = steps.PendingRequest(carrier=quote.carrier, pending=pending)
        settle = partial(_write_exchanged, tools, run.claim, order)
        await run.step(steps.exchange(tools, quote.item, request, settle))
    except Refusal as refusal:
        await void(tools, run, funds, reason=refusal.code)
        raise as_quoted(refusal) from None


async def return_balance(tools: Tools, run: Run) -> None:
    """Give back what the exchange made cheaper, once the carrier has made it."""
    refused = await pay_back(tools, run, reason=_REASON)
    if refused:
        raise refused[0]


def _write_exchanged(tools: Tools, claim: Claim, order: ExchangeOrder, session: Session, made: CarrierOrder) -> None:
    now = tools.clock.now()
    old = session.get_one(ItemRow, order.quote.item, with_for_update=True)
    new = _new_item(order, old, made)
    new.confirmed_at = now
    session.add(new)
    for ticket in session.exec(select(TicketRow).where(TicketRow.item_id == old.id)).all():
        if ticket.status == TicketStatus.VALID:
            ticket.status = TicketStatus.EXCHANGED
    old.check_tickets_at = old.check_order_at = old.stuck = None
    session.flush()
    carry_changes(session, old, new, made, now)
    watch(tools, session, new)
    move(session, old, ItemState.EXCHANGED)
    _post(tools, claim, order, old, new, session)
    # Whether or not its payment can be taken: the rest is due by the new day.
    follow_balance(session, new.booking_id, now)
    tell(
        session,
        claim,
        EventKind.ITEM_EXCHANGED,
        now,
        item_id=old.id,
        replacedBy=new.id,
        balance=order.quote.balance,
        fee=order.quote.fee,
    )
    write_tickets(tools, claim, new, made, session)
    if made.total != order.quote.price.carrier_total:
        write(session, tools.ids, [_other_total(order, new, made)], now, now)


def _other_total(order: ExchangeOrder, new: ItemRow, made: CarrierOrder) -> Difference:
    """The carrier exchanged it at another total than it quoted, which the customer neither agreed to nor pays.

    It is as reconciliation finds it, which settles it once both sides' records agree.
    """
    return Difference(
        kind=DiscrepancyKind.ORDER_AMOUNT,
        source=new.carrier,
        ref=made.ref,
        about=Subject(partner=new.partner_id, booking=new.booking_id, item=new.id),
        ours={"state": new.state, "total": order.quote.price.carrier_total},
        theirs={"state": made.state, "reference": made.reference, "total": made.total},
    )


def _new_item(order: ExchangeOrder, old: ItemRow, made: CarrierOrder) -> ItemRow:
    """The item as it is after the exchange: the same order, other journeys or days, another price."""
    offer = offer_of(old)
    assert offer is not None  # noqa: S101 - what is sold was checked
    changed = replace(
        offer,
        journeys=made.journeys,
        stay=order.quote.stay,
        total=order.quote.price.carrier_total,
        # Once nothing is left to be paid later, no deposit confirms the stay any more.
        deposit=None if order.quote.stay and not order.quote.rest else offer.deposit,
        conditions=order.quote.conditions,
    )
    return ItemRow(
        id=order.new_item,
        partner_id=old.partner_id,
        booking_id=old.booking_id,
        position=old.position,
        carrier=old.carrier,
        state=ItemState.CONFIRMED,
        inventory_held=True,
        offer=codec.dump(changed),
        price=codec.dump(order.quote.price),
        passengers=old.passengers,
        flights=travel_keys(made.journeys, order.quote.stay),
        order_ref=made.ref,
        order_reference=made.reference,
        services=[codec.dump(service) for service in made.services],
        replaces=old.id,
    )


def _cost(session: Session, old: ItemRow, quote: ExchangeQuote) -> Money:
    """What the carrier has been paid for the order in all; credit that it keeps for the travellers is no money back."""
    before, balance = ledger.item_cost(session, old.id), quote.carrier_balance
    assert before is not None  # noqa: S101 - what is sold was paid for
    return before if balance.minor < 0 and quote.form is not RefundForm.MONEY else before + balance


def _post(tools: Tools, claim: Claim, order: ExchangeOrder, old: ItemRow, new: ItemRow, session: Session) -> None:
    """The old item's sale and cost move to the new one, at its price."""
    now, kind, price = tools.clock.now(), ledger.EntryKind.EXCHANGE, order.quote.price
    partner = partner_of(session.get_one(PartnerRow, claim.partner_id))
    before = [*ledger.sold(session, old.id), *ledger.cost(session, old.id)]
    after = [
        *ledger.sale(price, claim.partner_id, new.carrier),
        *ledger.carrier_cost(_cost(session, old, order.quote), new.carrier),
    ]
    ledger.post(session, claim, kind, ledger.reversed_lines(before), now, old.id)
    ledger.post(session, claim, kind, after, now, new.id)
    lost, earned = (
        ledger.reversed_lines(ledger.earned(session, old.id)),
        ledger.commission(price.commissionable, partner),
    )
    ledger.post(session, claim, ledger.EntryKind.COMMISSION, lost, now, old.id)
    ledger.post(session, claim, ledger.EntryKind.COMMISSION, earned, now, new.id)
