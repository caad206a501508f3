"""The job: both sides' records read and compared, what is safe repaired through the journal, the rest written down."""

import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import update
from sqlmodel import Session, col, select

from app.booking.desk import Desk
from app.booking.differences import Difference
from app.booking.discrepancies import doubtful, settle_gone, write
from app.booking.facts import busy_bookings
from app.domain.errors import Refusal, Trouble
from app.journal.run import Claim
from app.journal.runner import Chore
from app.reconcile import release_charge, release_order
from app.reconcile.findings import Comparison
from app.reconcile.leftovers import KINDS as LEFTOVERS
from app.reconcile.leftovers import leftovers
from app.reconcile.sides import Charges, Orders, Side
from app.reconcile.under_way import Span, chunks
from app.store.aftersales_tables import CarrierChangeRow, ChangeState, DiscrepancyRow
from app.store.tables import BookingRow, ItemRow, PaymentRow, PaymentStatus

log = logging.getLogger(__name__)

# What lists do not tell is asked for one by one, so many a run; the next run goes on where this one stopped.
_ASKED = 50
# One record may be unreadable; so many in a run, and it is the other side that does not answer.
_TROUBLES = 3


@dataclass
class Reconciler:
    """Compares our records with everybody's. `reached` is how far the records that no list tells have been asked for.

    Two at once do each other no harm: what they find is written once, and what they repair is one operation.
    """

    desk: Desk
    reached: dict[str, str] = field(default_factory=dict)

    async def run(self) -> None:
        """Compare with every carrier and every payment provider in turn, then look through our own records."""
        tools = self.desk.tools
        sides: list[Side[Any]] = [*map(Orders, tools.carriers), *map(Charges, tools.providers)]
        for side in sides:
            await self._compare(side)
        now = tools.clock.now()
        found = await tools.store.read(lambda session: leftovers(session, now))
        await tools.store.write(partial(_write_leftovers, self.desk, found, now))

    async def _compare(self, side: Side[Any]) -> None:
        """Compare with one of them; what keeps one from answering must not keep the others from being asked."""
        now = self.desk.tools.clock.now()
        span = Span(since=now - self.desk.tools.terms.reconciled, now=now)
        try:
            await self._act(side, await self._comparison(side, span), span)
        except (Trouble, Refusal) as error:
            log.warning("the records of %s could not be read: %s", side.source, error)
        except Exception:
            log.exception("comparing with %s failed", side.source)

    async def _comparison(self, side: Side[Any], span: Span) -> Comparison:
        """Theirs are read first: whatever changes ours meanwhile is then known to be under way."""
        store = self.desk.tools.store
        theirs: dict[str, Any] = {**await side.listed(span.since)}
        owners = await store.read(lambda session: doubtful(session, side.source, side.kinds, _ASKED))
        after = self.reached.get(side.source, "")
        waiting = await store.read(lambda session: side.unlisted(session, theirs, span, after, _ASKED))
        theirs |= await _asked(side, {*owners, *(ref for _, ref in waiting)} - theirs.keys(), span)
        self.reached[side.source] = waiting[-1][0] if len(waiting) == _ASKED else ""
        return await store.read(lambda session: side.compare(session, theirs, owners, span.now))

    async def _act(self, side: Side[Any], comparison: Comparison, span: Span) -> None:
        waiting = await self.desk.tools.store.write(partial(_write, self.desk, side, comparison, span))
        for discrepancy, difference in waiting.items():
            if difference.safe:
                await self._release(discrepancy, difference)
        for operation in comparison.nudged:
            await self.desk.journal.nudge(operation)
        if comparison.nudged:
            self.desk.runner.wake()

    async def _release(self, discrepancy: str, difference: Difference) -> None:
        """Give back what nobody uses, once a day where that is refused."""
        booking = await self.desk.tools.store.read(
            lambda session: session.get_one(BookingRow, difference.about.booking)
        )
        day = f"{self.desk.tools.clock.now():%Y-%m-%d}"
        verb, prepare = _releasing(discrepancy, difference)
        claim = await self.desk.take_due(verb, f"{discrepancy}/{day}", booking, prepare)
        if claim is not None:
            self.desk.runner.start(claim)


def chore(desk: Desk) -> Chore:
    """Reconcile beside everything else, at the pace of the terms, first once that time has passed; or never."""
    reconciler, clock, every = Reconciler(desk), desk.tools.clock, desk.tools.terms.reconcile_every
    due_at = None if every is None else clock.now() + every

    async def at_times() -> Sequence[Claim]:
        nonlocal due_at
        if every is not None and due_at is not None and clock.now() >= due_at:
            due_at = clock.now() + every
            desk.runner.beside("reconcile", reconciler.run)
        return ()

    return at_times


async def _asked(side: Side[Any], refs: Collection[str], span: Span) -> dict[str, Any]:
    """These records, one by one. One that cannot be read is left for later; Trouble where it is the other side."""
    found: dict[str, Any] = {}
    troubles: list[Trouble] = []
    for ref in sorted(refs):
        try:
            found[ref] = await side.asked(ref, span.since)
        except Trouble as trouble:
            log.warning("%s of %s could not be read: %s", ref, side.source, trouble)
            troubles.append(trouble)
            if len(troubles) == _TROUBLES:
                raise
    return found


def _releasing(discrepancy: str, difference: Difference) -> tuple[str, Any]:
    if difference.about.payment is not None:
        return release_charge.VERB, partial(release_charge.prepare, discrepancy)
    return release_order.VERB, partial(release_order.prepare, discrepancy)


def _write(
    desk: Desk, side: Side[Any], comparison: Comparison, span: Span, session: Session
) -> Mapping[str, Difference]:
    now = desk.tools.clock.now()
    _look_at(session, comparison, now)
    waiting = write(session, desk.tools.ids, comparison.differences, span.now, now)

    def gone(row: DiscrepancyRow) -> bool:
        return row.source == side.source and row.ref in comparison.looked_at

    settle_gone(session, side.kinds, gone, span.now, now)
    return waiting


def _look_at(session: Session, comparison: Comparison, now: datetime) -> None:
    """Let items and payments be looked at. A change of an order that waits for an answer is known already."""
    changing = select(CarrierChangeRow.item_id).where(CarrierChangeRow.state == ChangeState.OPEN)
    for items in chunks(sorted(comparison.items)):
        moved = col(ItemRow.id).in_(items), col(ItemRow.id).not_in(changing)
        session.exec(update(ItemRow).where(*moved).values(check_order_at=now))
    for payments in chunks(sorted(comparison.payments)):
        waiting = col(PaymentRow.id).in_(payments), col(PaymentRow.status) == PaymentStatus.PENDING
        session.exec(update(PaymentRow).where(*waiting).values(check_at=now))


def _write_leftovers(desk: Desk, found: Sequence[Difference], read_at: datetime, session: Session) -> None:
    now = desk.tools.clock.now()
    write(session, desk.tools.ids, found, read_at, now)
    changing = set(session.exec(busy_bookings()))
    settle_gone(session, LEFTOVERS, lambda row: row.booking_id not in changing, read_at, now)
