"""One run of an operation's verb: settled steps answer from the journal, the unsettled one is asked or looked up.

There is no other code path for recovery: a worker that takes an operation up runs the same function again.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, TypeVar

from sqlalchemy import ScalarResult, bindparam
from sqlmodel import Session, select

from app.domain import codec
from app.domain.clock import Clock
from app.domain.errors import Refusal, Trouble, Unknown
from app.domain.recovery import Call, Lost
from app.journal.steps import Fenced, Parked, Step, Stuck
from app.store.engine import Store
from app.store.tables import OperationRow, OperationState, StepRow, StepState

Q = TypeVar("Q")
A = TypeVar("A")
T = TypeVar("T")

SEND_WINDOW = timedelta(seconds=10)
_SHORTEST_PAUSE = timedelta(seconds=1)
_LONGEST_PAUSE = timedelta(minutes=5)


@dataclass(frozen=True, kw_only=True, slots=True)
class Claim:
    """The right to run one operation, until somebody claims it with a higher fence."""

    operation_id: str
    fence: int
    verb: str
    partner_id: str
    booking_id: str | None
    actor: str
    input: dict[str, Any]
    opened_at: datetime


def claim_of(row: OperationRow) -> Claim:
    """The claim that the row's present fence stands for."""
    return Claim(
        operation_id=row.id,
        fence=row.fence,
        verb=row.verb,
        partner_id=row.partner_id,
        booking_id=row.booking_id,
        actor=row.actor,
        input=row.input,
        opened_at=row.created_at,
    )


def pause(since: datetime, now: datetime) -> timedelta:
    """How long to wait before trying again: half the time already spent, within bounds."""
    return min(max((now - since) / 2, _SHORTEST_PAUSE), _LONGEST_PAUSE)


# Built once, for every commit begins with one of them.
_HELD = (
    select(OperationRow)
    .where(
        OperationRow.id == bindparam("operation"),
        OperationRow.state == OperationState.OPEN,
        OperationRow.fence == bindparam("fence"),
    )
    .with_for_update()
)
_STEP = select(StepRow).where(
    StepRow.operation_id == bindparam("operation"),
    StepRow.name == bindparam("name"),
    StepRow.item_id == bindparam("item"),
)


def held(session: Session, claim: Claim) -> OperationRow:
    """The operation's row, locked; Fenced when this claim is no longer the newest."""
    row = session.exec(_HELD, params={"operation": claim.operation_id, "fence": claim.fence}).one_or_none()
    if row is None:
        raise Fenced
    return row


class Run:
    """What a verb works with: the operation's input, and steps."""

    def __init__(self, store: Store, clock: Clock, claim: Claim) -> None:
        self._store = store
        self._clock = clock
        self.claim = claim

    async def step(self, step: Step[Q, A]) -> A:
        """The step's answer, however often the process died on the way; a Refusal is raised, also from the journal."""
        row, fresh = await self._store.write(partial(self._intend, step))
        if row.state == StepState.SETTLED:
            return codec.load(step.answer, row.answer)
        if row.state == StepState.REFUSED:
            raise codec.load_refusal(row.answer)
        if fresh:
            return await self._ask(step, row, alone=True)
        looked_at = self._clock.now()
        found = await self._resolve(step, row, looked_at)
        if found is not None:
            return await self._settle(step, found)
        again = await self._store.write(partial(self._intend_again, step))
        return await self._ask(step, again, alone=step.find is not None and looked_at >= row.quiet_at)

    async def each(self, steps: Sequence[Step[Any, A]]) -> list[A | Refusal]:
        """Every step's answer or Refusal, in order. Waits for all of them; an unsettled one parks the operation."""
        results = await asyncio.gather(*(self.step(step) for step in steps), return_exceptions=True)
        self._raise_unsettled(results)
        return [result for result in results if isinstance(result, Refusal) or not isinstance(result, BaseException)]

    async def record(self, name: str, kind: type[T], make: Callable[[Session], T], item: str = "") -> T:
        """A fact of our own, made once in one transaction: a replay gets the same value or the same Refusal."""
        row = await self._store.write(partial(self._record, name, item, make))
        if row.state == StepState.REFUSED:
            raise codec.load_refusal(row.answer)
        return codec.load(kind, row.answer)

    @staticmethod
    def _raise_unsettled(results: Sequence[Any]) -> None:
        unsettled = [r for r in results if isinstance(r, BaseException) and not isinstance(r, Refusal)]
        for error in unsettled:
            if not isinstance(error, (Parked, Stuck)):
                raise error
        # What can still be settled is settled before a person is called.
        parked = [error for error in unsettled if isinstance(error, Parked)]
        if parked:
            raise min(parked, key=lambda error: error.at)
        for error in unsettled:
            raise error

    def _intend(self, step: Step[Q, A], session: Session) -> tuple[StepRow, bool]:
        operation = held(session, self.claim)
        row = self._written(session, step.name, step.item).one_or_none()
        if row is None:
            row = self._new_row(step)
            session.add(row)
        elif row.state == StepState.FREE:
            self._schedule(row, step)
        else:
            return row, False
        operation.due_at = max(operation.due_at, row.quiet_at)
        return row, True

    def _intend_again(self, step: Step[Q, A], session: Session) -> StepRow:
        operation = held(session, self.claim)
        row = self._row(session, step)
        self._schedule(row, step)
        operation.due_at = max(operation.due_at, row.quiet_at)
        return row

    def _new_row(self, step: Step[Q, A]) -> StepRow:
        now = self._clock.now()
        send_by = now + SEND_WINDOW
        return StepRow(
            operation_id=self.claim.operation_id,
            name=step.name,
            item_id=step.item,
            key="/".join(filter(None, (self.claim.operation_id, step.name, step.item))),
            request=codec.dump(step.request),
            asked_first_at=now,
            send_by=send_by,
            quiet_at=send_by + step.deadline + step.recovery.settle_delay,
        )

    def _schedule(self, row: StepRow, step: Step[Q, A]) -> None:
        row.state = StepState.ASKING
        row.attempts += 1
        row.send_by = self._clock.now() + SEND_WINDOW
        row.quiet_at = row.send_by + step.deadline + step.recovery.settle_delay

    def _row(self, session: Session, step: Step[Q, A]) -> StepRow:
        return self._written(session, step.name, step.item).one()

    def _written(self, session: Session, name: str, item: str) -> ScalarResult[StepRow]:
        key = {"operation": self.claim.operation_id, "name": name, "item": item}
        return session.exec(_STEP, params=key)

    async def _ask(self, step: Step[Q, A], row: StepRow, *, alone: bool) -> A:
        """Ask; `alone` when no earlier ask of the step can have had, or still have, an effect."""
        request = codec.load(type(step.request), row.request)
        try:
            answer = await step.ask(request, Call(key=row.key, send_by=row.send_by))
        except Refusal as refusal:
            await self._store.write(partial(self._write_refusal, step, refusal))
            raise
        except Trouble as trouble:
            raise await self._after_trouble(step, trouble, alone=alone) from trouble
        except Unknown as unknown:
            raise await self._after_unknown(step, unknown) from unknown
        except Exception as error:
            # A bug, and so counted as one; what it did is as unknown as any lost answer.
            await self._after_unknown(step, Unknown(type(error).__name__))
            raise
        return await self._settle(step, answer)

    async def _resolve(self, step: Step[Q, A], row: StepRow, looked_at: datetime) -> A | None:
        """What became of an ask whose answer was lost; None when it is safe to ask again.

        A lookup tells of the time it began: an effect may land behind a slow one's back.
        """
        if step.recovery.lost == Lost.NEVER:
            await self._store.write(partial(self._mark_stuck, step))
            raise Stuck(f"the answer to {step.name!r} was lost and cannot be looked up")
        found: A | None = None
        if step.find is not None:
            found = await self._find(step, row)
        if found is None and looked_at < row.quiet_at and step.recovery.waits:
            now = self._clock.now()
            raise Parked(min(row.quiet_at, now + pause(row.asked_first_at, now)))
        return found

    async def _find(self, step: Step[Q, A], row: StepRow) -> A | None:
        assert step.find is not None  # noqa: S101 - the caller has asked
        request = codec.load(type(step.request), row.request)
        try:
            return await step.find(request, Call(key=row.key, send_by=row.send_by), row.asked_first_at)
        except Refusal as refusal:
            await self._store.write(partial(self._write_refusal, step, refusal))
            raise
        except (Trouble, Unknown) as error:
            now = self._clock.now()
            raise Parked(now + pause(row.asked_first_at, now)) from error

    async def _settle(self, step: Step[Q, A], answer: A) -> A:
        def body(session: Session) -> None:
            held(session, self.claim)
            row = self._row(session, step)
            row.state, row.answer, row.problem = StepState.SETTLED, codec.dump(answer, step.answer), None
            step.settle(session, answer)

        await self._store.write(body)
        return answer

    def _write_refusal(self, step: Step[Q, A], refusal: Refusal, session: Session) -> None:
        held(session, self.claim)
        row = self._row(session, step)
        row.state, row.answer, row.problem = StepState.REFUSED, codec.dump_refusal(refusal), None
        step.refused(session, refusal)

    async def _after_trouble(self, step: Step[Q, A], trouble: Trouble, *, alone: bool) -> Exception:
        """Parked, or the Refusal that giving up is: only where no earlier ask can have had an effect either."""

        def body(session: Session) -> Exception:
            held(session, self.claim)
            row = self._row(session, step)
            row.troubles, row.problem = row.troubles + 1, str(trouble)
            row.state = StepState.FREE if alone else row.state
            if alone and step.gives_up is not None and row.troubles > step.patience:
                self._write_refusal(step, step.gives_up, session)
                return step.gives_up
            now = self._clock.now()
            return Parked(now + max(pause(row.asked_first_at, now), trouble.retry_after or timedelta()))

        return await self._store.write(body)

    async def _after_unknown(self, step: Step[Q, A], unknown: Unknown) -> Parked:
        def body(session: Session) -> Parked:
            held(session, self.claim)
            row = self._row(session, step)
            now = self._clock.now()
            row.problem = str(unknown)
            if unknown.settle_delay is not None:
                row.quiet_at = max(row.quiet_at, now + unknown.settle_delay)
            return Parked(now + pause(row.asked_first_at, now))

        return await self._store.write(body)

    def _mark_stuck(self, step: Step[Q, A], session: Session) -> None:
        held(session, self.claim)
        self._row(session, step).state = StepState.STUCK

    def _record(self, name: str, item: str, make: Callable[[Session], T], session: Session) -> StepRow:
        held(session, self.claim)
        row = self._written(session, name, item).one_or_none()
        if row is not None:
            return row
        state, answer = self._made(make, session)
        now = self._clock.now()
        row = StepRow(
            operation_id=self.claim.operation_id,
            name=name,
            item_id=item,
            state=state,
            key="/".join(filter(None, (self.claim.operation_id, name, item))),
            request=None,
            answer=answer,
            asked_first_at=now,
            send_by=now,
            quiet_at=now,
        )
        session.add(row)
        return row

    @staticmethod
    def _made(make: Callable[[Session], T], session: Session) -> tuple[StepState, Any]:
        try:
            with session.begin_nested():
                return StepState.SETTLED, codec.dump(make(session))
        except Refusal as refusal:
            return StepState.REFUSED, codec.dump_refusal(refusal)
