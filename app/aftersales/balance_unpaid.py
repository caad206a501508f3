"""Balance unpaid: what a deposit confirmed, and nobody paid the rest of, is cancelled; what is kept is the deposit.

Nothing is kept of what the carrier itself has ended or changed: nobody had to pay the rest of that.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import bindparam
from sqlmodel import Session, col, func, select

from app import ledger
from app.aftersales import forfeit, steps
from app.aftersales.carrier_changes import settle_changes
from app.aftersales.look_at_order import LookOrder, look_at, looks_at
from app.aftersales.refund import note_discrepancy, pay_back
from app.booking import orders
from app.booking.balance_due import due_by, follow_balance, paid_of_live, unpaid_rows
from app.booking.complete import settle_cover
from app.booking.desk import Tools
from app.booking.duties import BATCH, Due, Duty
from app.booking.facts import balance_due_at, busy_bookings, live_rows, move, offer_of, price_of, stay_of, tell
from app.booking.funds import Fund
from app.booking.sessions import close_forms, open_forms
from app.domain import codec
from app.domain.booking import BookingState, ItemState, TicketStatus
from app.domain.errors import Refusal
from app.domain.events import EventKind
from app.domain.itinerary import CarrierOffer
from app.domain.money import Money
from app.domain.refusals import CarrierUnavailable, NotFound
from app.domain.tours import TourStay
from app.journal.journal import Prepared
from app.journal.run import Claim, Run
from app.journal.steps import Step
from app.store.aftersales_tables import ChangeState
from app.store.tables import BookingRow, ItemRow, OperationRow, StepRow, TicketRow
from carriers.contract import Cancelled, RefundTerms

VERB = "balance-unpaid@1"
_REASON = "BALANCE_UNPAID"
_CARRIERS_DOING = "CARRIER_CHANGED"
# The steps that end an order at its carrier.
_ENDING_STEPS = ("cancel", "refund")
# A carrier that would not cancel, or could not be asked, is asked again after this.
_AGAIN_AFTER = timedelta(hours=1)
_CONFIRMED = (BookingState.CONFIRMED, BookingState.TICKETED)


@dataclass(frozen=True, kw_only=True, slots=True)
class UnpaidOrder:
    """The card forms to close first: one of them may have been paid in time. Then the orders to look at."""

    forms: tuple[Fund, ...]
    looks: tuple[LookOrder, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class UnpaidItem:
    """An item whose rest was not paid, its order at the carrier, and the stay that this was sold for."""

    item: str
    carrier: str
    order: str
    stay: TourStay | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Unpaid:
    """What is to be cancelled; nothing where enough was paid after all."""

    items: tuple[UnpaidItem, ...]


async def balance_unpaid(tools: Tools, run: Run) -> None:
    """The verb: close the card forms first, take what came in time, then cancel what is still not paid.

    Its orders are looked at before that: their carriers may have ended them, or moved the limit.
    """
    order = codec.load(UnpaidOrder, run.claim.input)
    await close_forms(tools, run, order.forms)
    # A card that cannot be taken pays nothing.
    with suppress(Refusal):
        await settle_cover(tools, run)
    for each in order.looks:
        await look_at(tools, run, each)
    unpaid = await run.record("unpaid", Unpaid, partial(_unpaid, tools, run.claim))
    asked = await run.each([_ask(tools, item) for item in unpaid.items])
    terms = {item.item: answer for item, answer in zip(unpaid.items, asked, strict=True)}
    refused = await _cancel_all(tools, run, unpaid.items, terms)
    if len(refused) < len(unpaid.items):
        refused += await pay_back(tools, run, reason=_REASON)
    if refused:
        raise refused[0]


async def _cancel_all(
    tools: Tools, run: Run, items: Sequence[UnpaidItem], terms: Mapping[str, RefundTerms | Refusal]
) -> list[Refusal]:
    """Cancel every item whose carrier could be asked what that costs; answers why the others stand."""
    silent = {item: no for item, no in terms.items() if isinstance(no, CarrierUnavailable)}
    for item, no in silent.items():
        await run.record("silent", bool, partial(_stand, tools, run.claim, item, no), item)
    known = [item for item in items if item.item not in silent]
    answers = await run.each([_cancel(tools, run.claim, item, terms[item.item]) for item in known])
    return [*silent.values(), *(answer for answer in answers if isinstance(answer, Refusal))]


def _cancel(
    tools: Tools, claim: Claim, item: UnpaidItem, terms: RefundTerms | Refusal
) -> Step[orders.OrderRequest, Cancelled]:
    def settle(session: Session, done: Cancelled) -> None:
        _write_cancelled(tools, claim, item, terms, session, done)

    def refused(session: Session, refusal: Refusal) -> None:
        _stand(tools, claim, item.item, refusal, session)

    return orders.cancel(tools, item.item, _request(item), settle, refused)


def _ask(tools: Tools, item: UnpaidItem) -> Step[steps.RefundRequest, RefundTerms]:
    request = steps.RefundRequest(carrier=item.carrier, order=item.order, stay=item.stay)
    return steps.quote_refund(tools, item.item, request)


def _request(item: UnpaidItem) -> orders.OrderRequest:
    return orders.OrderRequest(carrier=item.carrier, order=item.order)


def _stand(tools: Tools, claim: Claim, item: str, refusal: Refusal, session: Session) -> bool:
    """The item stands at the carrier: everybody sees that, and it is tried again."""
    row = session.get_one(ItemRow, item, with_for_update=True)
    if row.stuck is None:
        tell(session, claim, EventKind.ITEM_STUCK, tools.clock.now(), item_id=row.id, reason=refusal.code)
    row.stuck = f"The rest of it is not paid, and the carrier did not cancel its order: {refusal.message}"
    return True


def _write_cancelled(
    tools: Tools, claim: Claim, item: UnpaidItem, terms: RefundTerms | Refusal, session: Session, done: Cancelled
) -> None:
    """The carrier has cancelled: its tickets are void, and no more is owed for it than is kept."""
    now = tools.clock.now()
    row = session.get_one(ItemRow, item.item, with_for_update=True)
    booking = session.get_one(BookingRow, row.booking_id, with_for_update=True)
    limit, price = balance_due_at(row), price_of(row)
    assert limit is not None  # noqa: S101 - it has passed
    paid = _paid_of(session, booking, row, limit)
    before = _cancelled_before(session, claim, row)
    forfeited = not forfeit.is_carriers_doing(terms, done, cancelled_before=before)
    keep = forfeit.kept_by(price, _offer(row), terms, done, paid) if forfeited else forfeit.nothing(price.currency)
    _post(tools, claim, row, keep, session)
    row.kept_minor = keep.whole.minor
    row.check_tickets_at = row.check_order_at = None
    note_discrepancy(tools, claim, row, done, session)
    settle_changes(session, row.id, ChangeState.REFUNDED, now)
    for ticket in session.exec(select(TicketRow).where(TicketRow.item_id == row.id)).all():
        ticket.status = TicketStatus.VOID
    move(session, row, ItemState.CANCELLED)
    if forfeited:
        tell(session, claim, EventKind.ITEM_CANCELLED, now, item_id=row.id, reason=_REASON)
        unpaid = max(price.total - paid, Money.zero(price.currency))
        amounts = {"total": price.total, "unpaid": unpaid, "kept": keep.whole}
        tell(session, claim, EventKind.BALANCE_UNPAID, now, item_id=row.id, balanceDueAt=limit, **amounts)
    else:
        tell(session, claim, EventKind.ITEM_CANCELLED, now, item_id=row.id, reason=_CARRIERS_DOING, back=paid)
    follow_balance(session, booking.id, now)


def _cancelled_before(session: Session, claim: Claim, row: ItemRow) -> bool:
    """Whether another operation had asked the carrier to end the order, so that its end may be our own doing."""
    query = (
        select(StepRow.key)
        .join(OperationRow, col(OperationRow.id) == StepRow.operation_id)
        .where(
            OperationRow.booking_id == row.booking_id,
            OperationRow.id != claim.operation_id,
            StepRow.item_id == row.id,
            col(StepRow.name).in_(_ENDING_STEPS),
        )
    )
    return session.exec(query).first() is not None


def _post(tools: Tools, claim: Claim, row: ItemRow, keep: forfeit.Kept, session: Session) -> None:
    """What is not kept is owed no more: by the customer, and to the carrier."""
    now, price = tools.clock.now(), price_of(row)
    cost = ledger.item_cost(session, row.id)
    if cost:
        back = forfeit.owed_no_more(price, cost, keep.carrier_part)
        lines = ledger.carrier_refunded(back, row.carrier)
        ledger.post(session, claim, ledger.EntryKind.CARRIER_REFUND, lines, now, row.id)
    part, fees = price.carrier_part - keep.carrier_part, price.fee_total - keep.fees
    ledger.refund_sale(session, claim, row.id, now, carrier_part=part, fees=fees, price=price)


def _paid_of(session: Session, booking: BookingRow, row: ItemRow, limit: datetime) -> Money:
    """What was paid of this item by its limit: all that was, less what was due of the others before anything missed."""
    others = [other for other in live_rows(session, booking.id) if other.id != row.id]
    missed = min(limit, booking.balance_due_at or limit)
    return paid_of_live(session, booking) - due_by(others, missed - timedelta.resolution, booking.currency)


def _offer(row: ItemRow) -> CarrierOffer:
    offer = offer_of(row)
    assert offer is not None  # noqa: S101 - what is sold was checked
    return offer


def _unpaid(tools: Tools, claim: Claim, session: Session) -> Unpaid:
    """Decide what was not paid, also beside what its carrier would not cancel before."""
    now = tools.clock.now()
    booking = session.get_one(BookingRow, claim.booking_id, with_for_update=True)
    follow_balance(session, booking.id, now)
    items = (
        UnpaidItem(item=row.id, carrier=row.carrier, order=row.order_ref, stay=stay_of(row))
        for row in unpaid_rows(session, booking, now)
        if row.order_ref is not None
    )
    return Unpaid(items=tuple(items))


def _rest_due() -> Any:  # noqa: ANN401 - SQL
    """Bookings that are due, and how often that was tried; what was tried lately must not hide the others."""
    mine = OperationRow.booking_id == BookingRow.id, OperationRow.verb == VERB
    lately = select(OperationRow.id).where(*mine, col(OperationRow.closed_at) > bindparam("tried_after"))
    tries = select(func.count()).select_from(OperationRow).where(*mine).scalar_subquery()
    return (
        select(BookingRow, tries)
        .where(
            col(BookingRow.balance_due_at) <= bindparam("now"),
            col(BookingRow.state).in_(_CONFIRMED),
            col(BookingRow.id).not_in(busy_bookings()),
            ~lately.exists(),
        )
        .order_by(col(BookingRow.balance_due_at))
        .limit(BATCH)
    )


def _due(tools: Tools, row: tuple[BookingRow, int]) -> Due:
    booking, tries = row
    return Due(subject=f"{booking.id}/{tries}", booking=booking, prepare=partial(_prepare, tools))


def _prepare(tools: Tools, session: Session, booking_id: str) -> Prepared:
    booking = session.get_one(BookingRow, booking_id, with_for_update=True)
    due = booking.balance_due_at is not None and booking.balance_due_at <= tools.clock.now()
    if booking.state not in _CONFIRMED or not due:
        raise NotFound(message="Paid, exchanged or cancelled in the meantime.")
    looks = looks_at(tools, unpaid_rows(session, booking, tools.clock.now()))
    order = UnpaidOrder(forms=open_forms(session, booking_id), looks=looks)
    return Prepared(booking_id=booking_id, input=codec.dump(order))


DUTY = Duty(verb=VERB, waiting=_rest_due(), due=_due, ago={"tried_after": _AGAIN_AFTER})
