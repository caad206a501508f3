"""Look at a paid order: hear of a change by webhook, or come by at times, and write what the carrier changed."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

from sqlmodel import Session, col

from app.aftersales import steps
from app.aftersales.carrier_changes import follow_order, open_changes, tell_flown, write_changes
from app.booking import orders
from app.booking.desk import Tools
from app.booking.duties import Due, Duty, waiting
from app.booking.facts import earliest, offer_of
from app.booking.looks import WATCHED, next_look
from app.domain import codec
from app.domain.aftersales import CarrierChange
from app.domain.errors import Refusal
from app.domain.refusals import NotFound
from app.domain.tours import TourStay
from app.journal.journal import Prepared
from app.journal.run import Claim, Run
from app.store.tables import BookingRow, ItemRow
from carriers.contract import Ability, CarrierOrder

VERB = "look-at-order@1"


@dataclass(frozen=True, kw_only=True, slots=True)
class LookOrder:
    """The item whose order to look at; of a tour, with the stay that was agreed."""

    item: str
    carrier: str
    order: str
    agreed: TourStay | None


async def look(tools: Tools, run: Run) -> None:
    """The verb: one look."""
    await look_at(tools, run, codec.load(LookOrder, run.claim.input))


async def look_at(tools: Tools, run: Run, order: LookOrder) -> None:
    """Ask for the changes and for the order, then write both at once; a carrier that does not answer hinders nobody."""

    def refused(session: Session, _refusal: Refusal) -> None:
        look_again(tools, session.get_one(ItemRow, order.item), session)

    asked = steps.ChangesRequest(carrier=order.carrier, order=order.order, agreed=order.agreed)
    request = orders.OrderRequest(carrier=order.carrier, order=order.order)
    with suppress(Refusal):
        told = await run.step(steps.changes(tools, order.item, asked, refused))
        settle = partial(_write, tools, run.claim, order.item, told.changes)
        await run.step(orders.read(tools, order.item, request, settle, refused))


def looks_at(tools: Tools, items: Sequence[ItemRow]) -> tuple[LookOrder, ...]:
    """A look at each of the items whose carrier tells what it changes."""
    watched = (row for row in items if row.state in WATCHED and row.order_ref is not None)
    return tuple(
        _look_order(row) for row in watched if Ability.CHANGES in tools.carriers.get(row.carrier).profile.abilities
    )


def look_again(tools: Tools, row: ItemRow, session: Session) -> None:
    """When to look next, unless something was heard meanwhile: no later than an open change ends."""
    offer = offer_of(row)
    if row.check_order_at is None and offer is not None:
        ends = [change.deadline for change in open_changes(session, row.id)]
        row.check_order_at = earliest(next_look(offer, tools.clock.now()), *ends)


def _write(
    tools: Tools, claim: Claim, item_id: str, listed: Sequence[CarrierChange], session: Session, order: CarrierOrder
) -> None:
    item = session.get_one(ItemRow, item_id, with_for_update=True)
    explained = write_changes(tools, claim, item, listed, session)
    was = offer_of(item)
    if follow_order(tools, item, order, session) and was is not None and not explained:
        tell_flown(session, claim, item, tools.clock.now(), was.journeys)
    look_again(tools, item, session)


def _due(_tools: Tools, row: tuple[ItemRow, BookingRow]) -> Due:
    item, booking = row
    return Due(subject=f"{item.id}/{item.order_checks}", booking=booking, prepare=_prepare(item.id))


def _prepare(item_id: str) -> Callable[[Session, str], Prepared]:
    def prepare(session: Session, booking_id: str) -> Prepared:
        row = session.get_one(ItemRow, item_id, with_for_update=True)
        if row.state not in WATCHED or row.check_order_at is None or row.order_ref is None:
            raise NotFound(message="Looked at, or ended, in the meantime.")
        # Whatever is heard from now on asks for another look.
        row.order_checks, row.check_order_at = row.order_checks + 1, None
        return Prepared(booking_id=booking_id, input=codec.dump(_look_order(row)))

    return prepare


def _look_order(row: ItemRow) -> LookOrder:
    offer = offer_of(row)
    return LookOrder(item=row.id, carrier=row.carrier, order=row.order_ref or "", agreed=offer.stay if offer else None)


# What was heard of, or was not looked at for long.
DUTY = Duty(
    verb=VERB,
    waiting=waiting(ItemRow, col(ItemRow.check_order_at), col(ItemRow.state).in_(WATCHED)),
    due=_due,
)
