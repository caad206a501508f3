"""Quote a refund: ask each carrier what it would give back, and by which rule. Nothing is refunded yet."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from sqlmodel import Session, col, select

from app import ledger
from app.aftersales import steps
from app.aftersales.quotes import check_no_change_unpaid, facts_of
from app.aftersales.refund_parts import Answers, AskedItem, answered, asked_item, unanswered
from app.booking.desk import Desk, Outcome, Tools
from app.booking.duties import Due, Duty, waiting
from app.booking.facts import earliest, owned_booking, standing_items, tell
from app.booking.rests import rests
from app.domain import codec
from app.domain.booking import ItemState
from app.domain.events import EventKind
from app.domain.partner import Viewer
from app.domain.quotes import RefundQuote
from app.domain.refusals import InvalidInput, NotFound
from app.journal.journal import Prepared
from app.journal.run import Claim, Run
from app.store.aftersales_tables import QuoteKind, QuoteRow, QuoteState
from app.store.tables import BookingRow, ItemRow, TicketRow

VERB = "quote-refund@1"
AGAIN = "quote-refund-again@1"
# Built once, for it is asked every second.
_FIRST_LOOK = timedelta(minutes=1)
_LONGEST_PAUSE = timedelta(minutes=30)
# A carrier that has not answered within a day will not.
_GIVE_UP_AFTER = timedelta(hours=24)
_OVER = {ItemState.REJECTED, ItemState.CANCELLED, ItemState.EXPIRED, ItemState.REFUNDED}


@dataclass(frozen=True, kw_only=True, slots=True)
class QuoteRefundWish:
    """What of a booking to quote: items, passengers or tickets, by id; nothing named means all that is left of it."""

    booking_id: str
    items: tuple[str, ...] = ()
    passengers: tuple[str, ...] = ()
    tickets: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class QuoteRefundOrder:
    """What to ask, and the quote to write it in."""

    quote: str
    items: tuple[AskedItem, ...]


async def take_quote_refund(desk: Desk, viewer: Viewer, key: str, wish: QuoteRefundWish) -> Outcome:
    """Quote a refund; NotFound for what the booking has not, ChangeUnpaid while a change of it is to be paid."""
    if sum(map(bool, (wish.items, wish.passengers, wish.tickets))) > 1:
        raise InvalidInput(message="Name items, passengers or tickets, not several of them.", path=("input",))
    opening = desk.opening(viewer, VERB, key, wish)
    return await desk.take(opening, partial(_prepare, desk.tools, viewer, wish), booking_id=wish.booking_id)


async def quote_refund(tools: Tools, run: Run) -> None:
    """The verb, also for asking again: each carrier is asked; who does not answer leaves the quote pending."""
    order = codec.load(QuoteRefundOrder, run.claim.input)
    asked = [item for item in order.items if item.order is not None]
    answers = await run.each(
        [
            steps.quote_refund(
                tools, item.item, steps.RefundRequest(carrier=item.carrier, order=str(item.order), stay=item.stay)
            )
            for item in asked
        ]
    )
    answer_of = dict(zip((item.item for item in asked), answers, strict=True))
    await run.record("quote", bool, partial(_write, tools, run.claim, order, answer_of))


def _prepare(tools: Tools, viewer: Viewer, wish: QuoteRefundWish, session: Session, operation_id: str) -> Prepared:
    booking = owned_booking(session, viewer.partner.id, wish.booking_id)
    check_no_change_unpaid(session, booking.id)
    items = standing_items(session, booking.id)
    tickets = _tickets(session, booking.id)
    asked = _asked(wish, items, tickets)
    row = QuoteRow(
        id=tools.ids.new("qt"),
        partner_id=booking.partner_id,
        booking_id=booking.id,
        operation_id=operation_id,
        kind=QuoteKind.REFUND,
        state=QuoteState.PENDING,
        version=booking.version,
        facts={},
        created_at=tools.clock.now(),
    )
    order = QuoteRefundOrder(quote=row.id, items=_asked_items(session, booking, asked, tickets))
    row.facts = codec.dump(unanswered(order.items, booking.currency))
    session.add(row)
    return Prepared(booking_id=booking.id, input=codec.dump(order))


def _asked(wish: QuoteRefundWish, items: Sequence[ItemRow], tickets: Sequence[TicketRow]) -> dict[str, set[str]]:
    """The travellers asked for, by item; NotFound for what the booking has not."""
    travellers = {item.id: set(item.passengers) for item in items}
    if wish.items:
        _check_known("items", wish.items, travellers)
        return {item: travellers[item] for item in wish.items}
    if wish.passengers:
        _check_known("passengers", wish.passengers, set().union(*travellers.values()))
        wanted = set(wish.passengers)
        return {item: wanted & people for item, people in travellers.items() if wanted & people}
    if wish.tickets:
        standing = {ticket.id: ticket for ticket in tickets if ticket.item_id in travellers}
        _check_known("tickets", wish.tickets, standing)
        owners = [standing[ticket] for ticket in wish.tickets]
        return {
            item: {ticket.traveller_id for ticket in owners if ticket.item_id == item}
            for item in {ticket.item_id for ticket in owners}
        }
    live = {item.id for item in items if item.state not in _OVER} or travellers.keys()
    return {item: people for item, people in travellers.items() if item in live}


def _check_known(field: str, wanted: Sequence[str], known: Mapping[str, object] | set[str]) -> None:
    for index, name in enumerate(wanted):
        if name not in known:
            message = f"The booking has nothing with the id {name!r}, or what it had was exchanged."
            raise NotFound(message=message, path=("input", field, str(index)))


def _write(tools: Tools, claim: Claim, order: QuoteRefundOrder, answers: Answers, session: Session) -> bool:
    now = tools.clock.now()
    row = session.get_one(QuoteRow, order.quote, with_for_update=True)
    booking = session.get_one(BookingRow, row.booking_id)
    late = now - row.created_at >= _GIVE_UP_AFTER
    quote = answered(tools, session, booking, order.items, answers, late=late)
    row.facts = codec.dump(quote)
    row.expires_at = earliest(*(part.expires_at for part in quote.parts))
    row.state = _state(quote)
    row.check_at = _next_look(row, now) if quote.pending else None
    if not quote.pending:
        tell(session, claim, EventKind.REFUND_QUOTED, now, quote=row.id, back=quote.back, fee=quote.fee)
    return True


def _state(quote: RefundQuote) -> QuoteState:
    if quote.pending:
        return QuoteState.PENDING
    return QuoteState.READY if any(part.rule.allowed for part in quote.parts) else QuoteState.REFUSED


def _next_look(row: QuoteRow, now: datetime) -> datetime:
    return now + min(max((now - row.created_at) / 2, _FIRST_LOOK), _LONGEST_PAUSE)


def _due(_tools: Tools, row: tuple[QuoteRow, BookingRow]) -> Due:
    quote, booking = row
    return Due(subject=f"{quote.id}/{quote.checks}", booking=booking, prepare=partial(_prepare_again, quote.id))


def _prepare_again(quote_id: str, session: Session, booking_id: str) -> Prepared:
    row = session.get_one(QuoteRow, quote_id, with_for_update=True)
    if row.state != QuoteState.PENDING:
        raise NotFound(message="Answered in the meantime.")
    row.checks, row.check_at = row.checks + 1, None
    parts = {part.item: set(part.asked) for part in facts_of(RefundQuote, row).parts}
    booking = session.get_one(BookingRow, booking_id)
    items = _asked_items(session, booking, parts, _tickets(session, booking_id))
    return Prepared(booking_id=booking_id, input=codec.dump(QuoteRefundOrder(quote=row.id, items=items)))


def _tickets(session: Session, booking_id: str) -> list[TicketRow]:
    return list(session.exec(select(TicketRow).where(TicketRow.booking_id == booking_id)).all())


def _asked_items(
    session: Session, booking: BookingRow, asked: Mapping[str, set[str]], tickets: Sequence[TicketRow]
) -> tuple[AskedItem, ...]:
    """The items that are asked for, each with what is still to be paid of it."""
    unpaid = rests(session, booking, ledger.outstanding(session, booking.id, booking.currency))
    items = [item for item in standing_items(session, booking.id) if item.id in asked]
    return tuple(asked_item(item, asked[item.id], tickets, unpaid.get(item.id)) for item in items)


# Quotes that wait for their carrier.
DUTY = Duty(
    verb=AGAIN,
    waiting=waiting(QuoteRow, col(QuoteRow.check_at), QuoteRow.state == QuoteState.PENDING),
    due=_due,
)
