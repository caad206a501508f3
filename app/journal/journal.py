"""Operations: opened with their preconditions, claimed when due, run to an end or parked. Knows no verb."""

import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

from sqlalchemy import bindparam
from sqlalchemy import select as sql
from sqlmodel import Session, col, select

from app.domain import codec
from app.domain.clock import Clock
from app.domain.errors import Refusal
from app.domain.ids import Ids
from app.domain.refusals import BookingBusy, InvalidInput, KeyReused, NotFound
from app.journal.run import Claim, Run, claim_of, held, pause
from app.journal.steps import Fenced, Parked, Stuck
from app.store.engine import Store
from app.store.tables import OperationRow, OperationState

log = logging.getLogger(__name__)

VerbFunction = Callable[[Run], Awaitable[None]]

# Long enough for a run to reach its first step; every step extends it.
LEASE = timedelta(seconds=30)
_FAILURES_BEFORE_STUCK = 10
_LONGEST_KEY = 255
# The client may correct these, or wait, and come back with the same key.
_NOT_RECORDED = (InvalidInput, NotFound, BookingBusy)
# Built once, for it is asked every second.
_WAITING = select(OperationRow).where(
    OperationRow.state == OperationState.OPEN,
    OperationRow.due_at <= bindparam("now"),
    col(OperationRow.verb).in_(bindparam("verbs", expanding=True)),
)
_ANY_DUE = sql(_WAITING.exists())
_DUE = _WAITING.order_by(col(OperationRow.due_at)).limit(bindparam("limit")).with_for_update(skip_locked=True)


@dataclass(frozen=True, kw_only=True, slots=True)
class Opening:
    """A wish to open an operation.

    `input_hash` is a keyed hash of the client's whole canonical input; `same_input` tells whether an earlier hash is of
    the same input, also when the hashing key has been rotated since.
    """

    partner_id: str
    key: str
    verb: str
    input_hash: str
    same_input: Callable[[str], bool]
    actor: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Prepared:
    """What the preconditions made of the input: all the verb will ever read, and the booking it changes, if any."""

    booking_id: str | None
    input: dict[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Opened:
    """The operation of a key: `claim` when this call opened it, None when it existed already or was refused."""

    operation: OperationRow
    claim: Claim | None


class Journal:
    """Opens, claims and runs operations over the store."""

    def __init__(self, store: Store, clock: Clock, ids: Ids, verbs: Mapping[str, VerbFunction]) -> None:
        self._store = store
        self._clock = clock
        self._ids = ids
        self._verbs = verbs

    async def known(self, opening: Opening) -> OperationRow | None:
        """The operation this key already opened; KeyReused when it was another verb or input."""
        return await self._store.read(partial(self._known, opening))

    async def open(self, opening: Opening, prepare: Callable[[Session, str], Prepared], booking_id: str = "") -> Opened:
        """Open the operation, claimed, in the transaction in which `prepare` checks the preconditions.

        A Refusal of `prepare` is recorded and final for the key; wrong input and BookingBusy are raised instead.
        """
        return await self._store.write(partial(self._open, opening, prepare, booking_id))

    async def claim_due(self, limit: int) -> list[Claim]:
        """Claim up to `limit` operations whose time has come, each with a new fence."""
        # Nearly always none has, and whoever only looks keeps nobody from writing.
        if not await self._store.read(self._any_due):
            return []
        return await self._store.write(partial(self._claim_due, limit))

    async def nudge(self, operation_id: str) -> None:
        """Let an open operation be taken up now: something was heard that may settle it."""
        await self._store.write(partial(self._nudge, operation_id))

    async def execute(self, claim: Claim) -> None:
        """Run the verb until it ends or parks; whatever happens is written down, unless a newer claim exists."""
        try:
            end = await self._attempt(claim)
            await self._store.write(partial(self._write_end, claim, end))
        except Fenced:
            log.info("operation %s was taken over", claim.operation_id)

    async def _attempt(self, claim: Claim) -> Exception | None:
        try:
            await self._verbs[claim.verb](Run(self._store, self._clock, claim))
        except (Refusal, Parked, Stuck) as end:
            return end
        except Fenced:
            raise
        except Exception as error:
            log.exception("operation %s failed unexpectedly", claim.operation_id)
            return error
        return None

    def _write_end(self, claim: Claim, end: Exception | None, session: Session) -> None:
        row = held(session, claim)
        match end:
            case None:
                self._close(row, OperationState.DONE)
            case Refusal():
                row.refusal = codec.dump_refusal(end)
                self._close(row, OperationState.REFUSED)
            case Parked():
                # A nudge during the run has made it due already: what was heard may be news to it.
                row.due_at = row.due_at if row.due_at <= self._clock.now() else end.at
            case Stuck():
                log.error("operation %s is stuck: %s", row.id, end)
                row.state = OperationState.STUCK
            case _:
                self._fail(row)

    def _close(self, row: OperationRow, state: OperationState) -> None:
        row.state, row.closed_at = state, self._clock.now()

    def _fail(self, row: OperationRow) -> None:
        row.failures += 1
        now = self._clock.now()
        row.due_at = now + pause(row.created_at, now)
        if row.failures >= _FAILURES_BEFORE_STUCK:
            log.error("operation %s is stuck after %d failures", row.id, row.failures)
            row.state = OperationState.STUCK

    def _known(self, opening: Opening, session: Session) -> OperationRow | None:
        query = select(OperationRow).where(
            OperationRow.partner_id == opening.partner_id, OperationRow.key == opening.key
        )
        row = session.exec(query).first()
        if row is not None and not (row.verb == opening.verb and opening.same_input(row.input_hash)):
            raise KeyReused(
                message="This idempotency key was already used for another request. Use a new key for a new request.",
                path=("input", "idempotencyKey"),
            )
        return row

    def _open(
        self, opening: Opening, prepare: Callable[[Session, str], Prepared], booking_id: str, session: Session
    ) -> Opened:
        known = self._known(opening, session) or self._not_busy(opening, booking_id, session)
        if known is not None:
            return Opened(operation=known, claim=None)
        row = self._new_row(opening)
        try:
            with session.begin_nested():
                prepared = prepare(session, row.id)
        except _NOT_RECORDED:
            raise
        except Refusal as refusal:
            row.refusal, row.booking_id = codec.dump_refusal(refusal), booking_id or None
            self._close(row, OperationState.REFUSED)
            session.add(row)
            return Opened(operation=row, claim=None)
        row.booking_id, row.input = prepared.booking_id, prepared.input
        session.add(row)
        session.flush()
        return Opened(operation=row, claim=claim_of(row))

    def _new_row(self, opening: Opening) -> OperationRow:
        now = self._clock.now()
        if not opening.key.strip() or len(opening.key) > _LONGEST_KEY:
            raise InvalidInput(
                message=f"An idempotency key has 1 to {_LONGEST_KEY} characters, not only blanks.",
                path=("input", "idempotencyKey"),
            )
        return OperationRow(
            id=self._ids.new("op"),
            partner_id=opening.partner_id,
            key=opening.key,
            verb=opening.verb,
            input_hash=opening.input_hash,
            input={},
            actor=opening.actor,
            due_at=now + LEASE,
            created_at=now,
        )

    def _not_busy(self, opening: Opening, booking_id: str, session: Session) -> OperationRow | None:
        """BookingBusy when another of the partner's operations is changing the booking.

        The key's own operation is answered instead: it may have been opened since it was looked for.
        """
        query = select(OperationRow).where(
            OperationRow.booking_id == booking_id,
            OperationRow.partner_id == opening.partner_id,
            col(OperationRow.state).in_([OperationState.OPEN, OperationState.STUCK]),
        )
        busy = session.exec(query).first()
        if busy is not None and busy.key != opening.key:
            raise BookingBusy(
                message="Another operation is changing this booking. Wait until it has ended, then try again.",
                operation_id=busy.id,
            )
        return busy and self._known(opening, session)

    def _any_due(self, session: Session) -> bool:
        return bool(session.connection().execute(_ANY_DUE, self._due_now()).scalar_one())

    def _due_now(self) -> dict[str, Any]:
        return {"now": self._clock.now(), "verbs": list(self._verbs)}

    def _claim_due(self, limit: int, session: Session) -> list[Claim]:
        now = self._clock.now()
        rows = session.exec(_DUE, params=self._due_now() | {"limit": limit}).all()
        for row in rows:
            row.fence += 1
            row.due_at = now + LEASE
        return [claim_of(row) for row in rows]

    def _nudge(self, operation_id: str, session: Session) -> None:
        row = session.get(OperationRow, operation_id, with_for_update=True)
        if row is not None and row.state == OperationState.OPEN:
            row.due_at = min(row.due_at, self._clock.now())
