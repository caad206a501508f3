"""Follow a request: ask the operator until it accepts or refuses, or the time for that is over; all or nothing."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial

from sqlmodel import Session, col

from app.booking import orders
from app.booking.cancel import live_items
from app.booking.costs import owe_confirmed
from app.booking.desk import Tools
from app.booking.duties import Due, Duty, waiting
from app.booking.facts import before, items_of, move, price_of, tell
from app.booking.hold import TIME_TO_PAY, keep_order, write_limit
from app.booking.release import LiveItem, release
from app.domain import codec
from app.domain.booking import ItemState
from app.domain.errors import Refusal
from app.domain.events import EventKind
from app.domain.money import Money
from app.domain.refusals import NotFound
from app.journal.journal import Prepared
from app.journal.run import Claim, Run
from app.journal.steps import Step
from app.store.partners import partner_of
from app.store.tables import BookingRow, ItemRow, PartnerRow
from carriers.contract import Ability, CarrierOrder, OrderState

VERB = "follow-request@1"
# Built once, for it is asked every second.
# Operators answer within minutes where they answer by system, within hours where a person does.
_FIRST_PAUSE = timedelta(minutes=1)
_LONGEST_PAUSE = timedelta(minutes=30)


class _Answer(StrEnum):
    WAITING = "WAITING"
    ACCEPTED = "ACCEPTED"
    REFUSED = "REFUSED"
    LAPSED = "LAPSED"
    OTHER_CURRENCY = "OTHER_CURRENCY"


# What nothing is left of at the operator.
_ENDED = {OrderState.REJECTED, OrderState.CANCELLED}
_ENDINGS = {
    _Answer.REFUSED: ItemState.REJECTED,
    _Answer.LAPSED: ItemState.EXPIRED,
    _Answer.OTHER_CURRENCY: ItemState.REJECTED,
}
_EVENTS = {
    _Answer.REFUSED: EventKind.REQUEST_REJECTED,
    _Answer.LAPSED: EventKind.REQUEST_LAPSED,
    _Answer.OTHER_CURRENCY: EventKind.PRICE_CHANGED,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class FollowRequest:
    """The request to look at, made at the price `asked`, and what goes with it if it comes to nothing.

    `late` when it is not waited for after this look, since its answer was due by `answer_by`; `unwanted` when it was
    to be withdrawn before, and could not be. Once accepted, it is to be kept until `keep_until`, and paid by `pay_by`
    where the partner has a limit of its own; in time for `keep_until` where neither the partner nor the operator has.
    """

    item: str
    carrier: str
    order: str
    asked: Money
    late: bool
    answer_by: datetime | None
    unwanted: bool
    keep_until: datetime
    pay_by: datetime | None
    others: tuple[LiveItem, ...]


async def follow(tools: Tools, run: Run) -> None:
    """The verb: read the order once, and do as the operator says; a later look is a fact with a deadline."""
    order = codec.load(FollowRequest, run.claim.input)
    try:
        found = await run.step(_look(tools, run.claim, order))
    except NotFound:
        await _end(tools, run, order, _Answer.REFUSED, None)
        return
    except Refusal:
        return
    answer = _answer(order, found)
    if answer == _Answer.ACCEPTED:
        await _keep(tools, run, order, found)
        await run.record("limit", bool, partial(_write_limit, tools, run.claim, order, found))
    elif answer != _Answer.WAITING:
        await _end(tools, run, order, answer, None if found.state in _ENDED else order.order)


def _answer(order: FollowRequest, found: CarrierOrder) -> _Answer:
    """What the operator's order says of the request; whatever it has become, it is not had where it is unwanted."""
    if order.unwanted:
        return _Answer.LAPSED
    if found.state == OrderState.REQUESTED:
        return _Answer.LAPSED if order.late else _Answer.WAITING
    if found.state not in _ENDED:
        # Another price can be agreed to before it is paid; one that the customer is not sold in cannot.
        return _Answer.ACCEPTED if found.total.currency == order.asked.currency else _Answer.OTHER_CURRENCY
    return _Answer.LAPSED if order.late and _by_the_clock(order, found) else _Answer.REFUSED


def _by_the_clock(order: FollowRequest, found: CarrierOrder) -> bool:
    """Whether it ended because nobody had answered: operators also reject such a request, once its time is over."""
    if found.changed_at is None or order.answer_by is None:
        return found.state is not OrderState.REJECTED
    return found.changed_at >= order.answer_by


def _look(tools: Tools, claim: Claim, order: FollowRequest) -> Step[orders.OrderRequest, CarrierOrder]:
    def settle(session: Session, found: CarrierOrder) -> None:
        answer = _answer(order, found)
        prices = {"oldTotal": order.asked, "newTotal": found.total}
        _write(tools, claim, order, answer, session, **(prices if answer == _Answer.OTHER_CURRENCY else {}))
        owe_confirmed(session, claim, session.get_one(ItemRow, order.item), found, tools.clock.now())
        if answer == _Answer.ACCEPTED:
            _accept(tools, claim, order, found, session)

    def refused(session: Session, refusal: Refusal) -> None:
        gone = isinstance(refusal, NotFound)
        _write(tools, claim, order, _Answer.REFUSED if gone else _Answer.WAITING, session)

    request = orders.OrderRequest(carrier=order.carrier, order=order.order)
    return orders.read(tools, order.item, request, settle, refused)


def _write(
    tools: Tools, claim: Claim, order: FollowRequest, answer: _Answer, session: Session, **facts: object
) -> None:
    """Tell what came of the request. It is looked at again even where it lapsed: withdrawing it may be refused."""
    row, now = session.get_one(ItemRow, order.item), tools.clock.now()
    row.request_checks += 1
    row.check_request_at = _next_look(row, now)
    if answer in _EVENTS and not order.unwanted:
        # What the other holds allowed is no limit any more.
        session.get_one(BookingRow, row.booking_id).pay_by = None
        tell(session, claim, _EVENTS[answer], now, item_id=row.id, order=row.order_reference, **facts)


def _next_look(row: ItemRow, now: datetime) -> datetime:
    """Ever more rarely, and at the latest when the time to answer is over."""
    pause: timedelta = _FIRST_PAUSE * 2 ** min(row.request_checks, 10)
    look = now + min(pause, _LONGEST_PAUSE)
    return min(look, row.answer_by) if row.answer_by and row.answer_by > now else look


def _accept(tools: Tools, claim: Claim, order: FollowRequest, found: CarrierOrder, session: Session) -> None:
    row, now = session.get_one(ItemRow, order.item), tools.clock.now()
    booking = session.get_one(BookingRow, row.booking_id)
    asked = Money(booking.total_minor, booking.currency)
    keep_order(row, found)
    row.check_request_at = None
    move(session, row, ItemState.HELD)
    facts = {"order": found.reference, "payBy": found.pay_by}
    tell(session, claim, EventKind.REQUEST_ACCEPTED, now, item_id=row.id, **facts)
    total = Money(booking.total_minor, booking.currency)
    if total != asked:
        tell(session, claim, EventKind.PRICE_CHANGED, now, oldTotal=asked, newTotal=total)


async def _keep(tools: Tools, run: Run, order: FollowRequest, found: CarrierOrder) -> None:
    """Have it kept until there was time to pay; where the operator would not, its own limit counts."""
    extends = Ability.EXTEND in tools.carriers.get(order.carrier).profile.abilities
    if not extends or found.pay_by is None or found.pay_by >= order.keep_until:
        return

    def settle(session: Session, kept: CarrierOrder) -> None:
        row = session.get_one(ItemRow, order.item)
        # For longer, not at another price.
        row.pay_by, row.price_guaranteed_until = kept.pay_by, kept.price_guaranteed_until

    request = orders.ExtendRequest(carrier=order.carrier, order=order.order, until=order.keep_until)
    with suppress(Refusal):
        await run.step(orders.extend(tools, order.item, request, settle))


def _write_limit(tools: Tools, claim: Claim, order: FollowRequest, found: CarrierOrder, session: Session) -> bool:
    # What an operator keeps without a limit would be kept for good, though nobody pays it.
    ours = None if found.pay_by else before(order.keep_until, tools.terms.pay_margin)
    write_limit(tools, claim, order.pay_by or ours, session)
    return True


async def _end(tools: Tools, run: Run, order: FollowRequest, answer: _Answer, live: str | None) -> None:
    """All or nothing: what is not had takes everything else of the booking with it."""
    request = LiveItem(item=order.item, carrier=order.carrier, order=live)
    await release(tools, run, [request, *order.others], _ENDINGS[answer], reason=_EVENTS[answer])


def _due(tools: Tools, row: tuple[ItemRow, BookingRow]) -> Due:
    item, booking = row
    return Due(subject=f"{item.id}/{item.request_checks}", booking=booking, prepare=_prepare(tools, item.id))


def _prepare(tools: Tools, item_id: str) -> Callable[[Session, str], Prepared]:
    def prepare(session: Session, booking_id: str) -> Prepared:
        row, now = session.get_one(ItemRow, item_id, with_for_update=True), tools.clock.now()
        if row.state != ItemState.REQUESTED or row.order_ref is None:
            raise NotFound(message="Answered or withdrawn in the meantime.")
        limit = partner_of(session.get_one(PartnerRow, row.partner_id)).payment_limit
        payable_from = max([now, *_answers_due(session, row)])
        order = FollowRequest(
            item=row.id,
            carrier=row.carrier,
            order=row.order_ref,
            asked=price_of(row).carrier_total,
            late=row.answer_by is not None and row.answer_by <= now,
            answer_by=row.answer_by,
            unwanted=row.stuck is not None,
            keep_until=payable_from + (limit or TIME_TO_PAY) + tools.terms.pay_margin,
            pay_by=now + limit if limit else None,
            others=tuple(item for item in live_items(session, booking_id) if item.item != row.id),
        )
        return Prepared(booking_id=booking_id, input=codec.dump(order))

    return prepare


def _answers_due(session: Session, row: ItemRow) -> list[datetime]:
    """Until when the booking's other requests are answered: nothing can be paid before."""
    others = (item for item in items_of(session, row.booking_id) if item.id != row.id)
    return [item.answer_by for item in others if item.state == ItemState.REQUESTED and item.answer_by]


DUTY = Duty(
    verb=VERB,
    waiting=waiting(ItemRow, col(ItemRow.check_request_at), ItemRow.state == ItemState.REQUESTED),
    due=_due,
)
