"""Refund: let the carriers refund by exactly the quoted terms, then give the money back to where it came from."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from sqlmodel import Session, col, select

from app import ledger
from app.aftersales import steps
from app.aftersales.amounts import GivenBack, carrier_refund, given_back
from app.aftersales.carrier_changes import settle_changes
from app.aftersales.quotes import confirmed, facts_of, owned_quote
from app.booking.desk import Desk, Outcome, Tools
from app.booking.duties import Due, Duty, waiting
from app.booking.facts import items_of, move, price_of, refresh, tell
from app.booking.funds import give_back
from app.domain import codec
from app.domain.aftersales import RefundForm
from app.domain.booking import ItemState, TicketStatus
from app.domain.errors import Refusal
from app.domain.events import EventKind
from app.domain.money import Money
from app.domain.partner import Viewer
from app.domain.quotes import RefundQuote
from app.domain.refusals import NotFound
from app.journal.journal import Prepared
from app.journal.run import Claim, Run
from app.journal.steps import Step
from app.store.aftersales_tables import ChangeState, QuoteKind, QuoteRow, QuoteState
from app.store.tables import BookingRow, ItemRow, TicketRow
from carriers.contract import Cancelled

VERB = "refund@1"
FOLLOW = "follow-refund@1"
_REASON = "REFUNDED"
_DISPUTED = "REFUND_DISPUTED"
_FIRST_LOOK = timedelta(minutes=30)


@dataclass(frozen=True, kw_only=True, slots=True)
class RefundWish:
    """The refund quote to confirm."""

    quote_id: str


@dataclass(frozen=True, kw_only=True, slots=True)
class RefundItem:
    """An item to refund by the carrier's terms; `unpaid` is what was never paid of its price."""

    item: str
    carrier: str
    terms: str
    unpaid: Money


@dataclass(frozen=True, kw_only=True, slots=True)
class RefundOrder:
    """All that the verb reads."""

    items: tuple[RefundItem, ...]


async def take_refund(desk: Desk, viewer: Viewer, key: str, wish: RefundWish) -> Outcome:
    """Confirm a refund quote; QuoteExpired, QuotePending, QuoteUsed, NotRefundable or ChangeUnpaid says why not."""
    partner_id = viewer.partner.id
    quote = await desk.tools.store.read(lambda session: owned_quote(session, partner_id, wish.quote_id))

    def prepare(session: Session, operation_id: str) -> Prepared:
        now = desk.tools.clock.now()
        row, booking = confirmed(session, partner_id, wish.quote_id, QuoteKind.REFUND, operation_id, now)
        return Prepared(booking_id=booking.id, input=codec.dump(_order(facts_of(RefundQuote, row))))

    return await desk.take(desk.opening(viewer, VERB, key, wish), prepare, booking_id=quote.booking_id)


async def refund(tools: Tools, run: Run) -> None:
    """The verb: the carriers first, then the money; the client hears of the first who refused."""
    order = codec.load(RefundOrder, run.claim.input)
    answers = await run.each([_refund(tools, run.claim, item) for item in order.items])
    refused = [answer for answer in answers if isinstance(answer, Refusal)]
    if len(refused) < len(answers):
        refused += await pay_back(tools, run)
    if refused:
        raise refused[0]


async def follow(tools: Tools, run: Run) -> None:
    """The verb for a refund whose amount the carrier had not told: ask for it, then give the money back."""
    item = codec.load(RefundItem, run.claim.input)
    settle = partial(_write_told, tools, run.claim, item)

    def refused(session: Session, _refusal: Refusal) -> None:
        _look_again(tools, session.get_one(ItemRow, item.item))

    request = steps.TermsRequest(carrier=item.carrier, terms=item.terms)
    with suppress(Refusal):
        answer = await run.step(steps.follow_refund(tools, item.item, request, settle, refused))
        if answer.refund is not None or answer.form is not RefundForm.MONEY:
            await pay_back(tools, run)


async def pay_back(tools: Tools, run: Run, *, reason: str = _REASON) -> list[Refusal]:
    """Give back what is paid beyond what the booking costs; only then are its items shown as refunded."""
    refused = await give_back(tools, run, reason=reason)
    if not refused:
        await run.record("refunded", bool, partial(_write_refunded, tools, run.claim))
    return refused


def _order(quote: RefundQuote) -> RefundOrder:
    return RefundOrder(
        items=tuple(
            RefundItem(item=part.item, carrier=part.carrier, terms=part.terms, unpaid=part.unpaid)
            for part in quote.parts
            if part.rule.allowed and part.terms is not None
        )
    )


def _refund(tools: Tools, claim: Claim, item: RefundItem) -> Step[steps.TermsRequest, Cancelled]:
    request = steps.TermsRequest(carrier=item.carrier, terms=item.terms)
    return steps.refund(tools, item.item, request, partial(_write_cancelled, tools, claim, item))


def _write_cancelled(tools: Tools, claim: Claim, item: RefundItem, session: Session, done: Cancelled) -> None:
    """The carrier has refunded: the tickets are worth nothing any more, and the money is still to be moved."""
    now = tools.clock.now()
    row = session.get_one(ItemRow, item.item, with_for_update=True)
    row.refund_terms = item.terms
    row.check_tickets_at = row.check_order_at = None
    # Until now it counted looks for changes; from here on, for the amount.
    row.order_checks = 0
    settle_changes(session, row.id, ChangeState.REFUNDED, now)
    row.kept_minor = (price_of(row).total - item.unpaid).minor
    for ticket in session.exec(select(TicketRow).where(TicketRow.item_id == row.id)).all():
        if ticket.status == TicketStatus.VALID:
            ticket.status = TicketStatus.REFUNDED
    move(session, row, ItemState.CANCELLED)
    tell(session, claim, EventKind.ITEM_CANCELLED, now, item_id=row.id, reason=_REASON, refund=done.refund)
    note_discrepancy(tools, claim, row, done, session)
    _write_amount(tools, claim, row, item.unpaid, done, session)


def _write_told(tools: Tools, claim: Claim, item: RefundItem, session: Session, done: Cancelled) -> None:
    row = session.get_one(ItemRow, item.item, with_for_update=True)
    _write_amount(tools, claim, row, item.unpaid, done, session)


def _write_amount(tools: Tools, claim: Claim, row: ItemRow, unpaid: Money, done: Cancelled, session: Session) -> None:
    """So much less is owed for the item; until the carrier tells how much, all that was paid of it stays paid for."""
    back = _back(row, unpaid, done)
    now, price = tools.clock.now(), price_of(row)
    if back is None:
        if not row.order_checks:
            tell(session, claim, EventKind.REFUND_PENDING, now, item_id=row.id)
        _look_again(tools, row)
        return
    row.check_order_at = None
    row.kept_minor = (price.total - back.lessened).minor
    refresh(session, row.booking_id)
    _post_carrier(claim, row, back, done, now, session)
    ledger.refund_sale(session, claim, row.id, now, carrier_part=back.carrier_part, fees=back.fees, price=price)


def note_discrepancy(tools: Tools, claim: Claim, row: ItemRow, done: Cancelled, session: Session) -> None:
    """Show what a person has to settle with the carrier about a cancelled order; nothing else is left to be mended."""
    row.stuck = done.discrepancy
    if done.discrepancy is not None:
        tell(session, claim, EventKind.ITEM_STUCK, tools.clock.now(), item_id=row.id, reason=_DISPUTED)


def _post_carrier(
    claim: Claim, row: ItemRow, back: GivenBack, done: Cancelled, now: datetime, session: Session
) -> None:
    """What the carrier is owed less: what it gave back as money, and what it keeps no more than was paid of."""
    cost = ledger.item_cost(session, row.id)
    assert cost is not None  # noqa: S101 - what is sold was paid for
    money = done.refund if done.form is RefundForm.MONEY else None
    refund = carrier_refund(price_of(row), cost, money or Money.zero(cost.currency), back)
    lines = ledger.carrier_refunded(refund, row.carrier)
    ledger.post(session, claim, ledger.EntryKind.CARRIER_REFUND, lines, now, row.id)


def _back(row: ItemRow, unpaid: Money, done: Cancelled) -> GivenBack | None:
    """What comes back of the item; credit with the carrier that is not told leaves nothing to give back in money."""
    price = price_of(row)
    credit = done.refund is None and done.form is not RefundForm.MONEY
    return given_back(price, Money.zero(price.currency) if credit else done.refund, done.form, unpaid)


def _look_again(tools: Tools, row: ItemRow) -> None:
    """Ever more rarely: airlines' own desks take hours or days."""
    row.check_order_at = tools.clock.now() + _FIRST_LOOK * 2 ** min(row.order_checks, 6)


def _write_refunded(tools: Tools, claim: Claim, session: Session) -> bool:
    now = tools.clock.now()
    for row in items_of(session, str(claim.booking_id)):
        if row.state == ItemState.CANCELLED and row.refund_terms is not None and row.check_order_at is None:
            move(session, row, ItemState.REFUNDED)
            paid = _paid(row, session)
            kept = Money(row.kept_minor, paid.currency)
            tell(session, claim, EventKind.ITEM_REFUNDED, now, item_id=row.id, back=paid - kept, kept=kept)
    return True


def _paid(row: ItemRow, session: Session) -> Money:
    """What was paid for the item, as the quote said that it was refunded by."""
    query = select(QuoteRow).where(
        QuoteRow.booking_id == row.booking_id, QuoteRow.kind == QuoteKind.REFUND, QuoteRow.state == QuoteState.USED
    )
    parts = (part for quote in session.exec(query).all() for part in facts_of(RefundQuote, quote).parts)
    return next(part.paid for part in parts if (part.item, part.terms) == (row.id, row.refund_terms))


def _due(_tools: Tools, row: tuple[ItemRow, BookingRow]) -> Due:
    item, booking = row
    return Due(subject=f"{item.id}/{item.order_checks}", booking=booking, prepare=_prepare_follow(item.id))


def _prepare_follow(item_id: str) -> Callable[[Session, str], Prepared]:
    def prepare(session: Session, booking_id: str) -> Prepared:
        row = session.get_one(ItemRow, item_id, with_for_update=True)
        if row.check_order_at is None or row.refund_terms is None or row.state != ItemState.CANCELLED:
            raise NotFound(message="Told in the meantime.")
        row.order_checks += 1
        # Until the amount is told, all that was paid is kept.
        price = price_of(row).total
        unpaid = price - Money(row.kept_minor, price.currency)
        item = RefundItem(item=row.id, carrier=row.carrier, terms=row.refund_terms, unpaid=unpaid)
        return Prepared(booking_id=booking_id, input=codec.dump(item))

    return prepare


# Refunds whose amount is not told yet.
DUTY = Duty(
    verb=FOLLOW,
    waiting=waiting(
        ItemRow,
        col(ItemRow.check_order_at),
        ItemRow.state == ItemState.CANCELLED,
        col(ItemRow.refund_terms).is_not(None),
    ),
    due=_due,
)
