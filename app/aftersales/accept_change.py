"""Accept what the carrier changed: it is told to the carrier, and the booking shows what is had now."""

from dataclasses import dataclass
from functools import partial

from sqlmodel import Session

from app.aftersales import steps
from app.aftersales.carrier_changes import accepted, change_of, follow_order, open_changes
from app.booking.desk import Desk, Outcome, Tools
from app.booking.facts import owned_booking
from app.booking.looks import WATCHED
from app.domain import codec
from app.domain.aftersales import ChangeAction
from app.domain.errors import Refusal
from app.domain.partner import Viewer
from app.domain.refusals import NotFound, WrongState
from app.journal.journal import Prepared
from app.journal.run import Claim, Run
from app.store.aftersales_tables import CarrierChangeRow, ChangeState
from app.store.tables import ItemRow
from carriers.contract import CarrierOrder

VERB = "accept-change@1"
_PATH = ("input", "changeId")


@dataclass(frozen=True, kw_only=True, slots=True)
class AcceptWish:
    """The carrier's change to accept."""

    change_id: str


@dataclass(frozen=True, kw_only=True, slots=True)
class AcceptOrder:
    """The change, its item, and what the carrier calls both."""

    change: str
    item: str
    request: steps.ChangeRequest


async def take_accept(desk: Desk, viewer: Viewer, key: str, wish: AcceptWish) -> Outcome:
    """Accept a change of the carrier's; WrongState where it is not open any more, or cannot be accepted."""
    partner_id = viewer.partner.id
    booking_id = await desk.tools.store.read(lambda session: _owned(session, partner_id, wish.change_id).booking_id)

    def prepare(session: Session, _operation_id: str) -> Prepared:
        booking = owned_booking(session, partner_id, booking_id)
        row = _owned(session, partner_id, wish.change_id)
        item = session.get_one(ItemRow, row.item_id)
        _check(desk.tools, row, item)
        request = steps.ChangeRequest(carrier=item.carrier, order=item.order_ref or "", change=row.ref)
        order = AcceptOrder(change=row.id, item=item.id, request=request)
        return Prepared(booking_id=booking.id, input=codec.dump(order))

    return await desk.take(desk.opening(viewer, VERB, key, wish), prepare, booking_id=booking_id)


async def accept_change(tools: Tools, run: Run) -> None:
    """The verb: one call; a carrier that says no is looked at again, for its change stands otherwise now."""
    order = codec.load(AcceptOrder, run.claim.input)

    def refused(session: Session, _refusal: Refusal) -> None:
        session.get_one(ItemRow, order.item).check_order_at = tools.clock.now()

    settle = partial(_write_accepted, tools, run.claim, order)
    await run.step(steps.accept_change(tools, order.item, order.request, settle, refused))


def _write_accepted(tools: Tools, claim: Claim, order: AcceptOrder, session: Session, now_is: CarrierOrder) -> None:
    item = session.get_one(ItemRow, order.item, with_for_update=True)
    accepted(tools, claim, session.get_one(CarrierChangeRow, order.change, with_for_update=True), session)
    follow_order(tools, item, now_is, session)
    if open_changes(session, item.id):
        # It may have settled others as well.
        item.check_order_at = tools.clock.now()


def _owned(session: Session, partner_id: str, change_id: str) -> CarrierChangeRow:
    row = session.get(CarrierChangeRow, change_id)
    if row is None or row.partner_id != partner_id:
        raise NotFound(message="No change with this id exists.", path=_PATH)
    return row


def _check(tools: Tools, row: CarrierChangeRow, item: ItemRow) -> None:
    """WrongState where there is nothing to accept, or the carrier does not let it be accepted."""
    lapsed = row.deadline is not None and row.deadline <= tools.clock.now()
    state = ChangeState.LAPSED if row.state == ChangeState.OPEN and lapsed else ChangeState(row.state)
    if state != ChangeState.OPEN:
        raise WrongState(message=f"This change is {state}: there is nothing to accept.", path=_PATH, state=state)
    if item.state not in WATCHED:
        raise WrongState(message=f"What was changed is {item.state}.", path=_PATH, state=item.state)
    if ChangeAction.ACCEPT not in change_of(row).actions:
        message = "The carrier does not let this change be accepted here; see its choices."
        raise WrongState(message=message, path=_PATH, state=state)
