"""Mutations: the verb takes the wish, and whatever it refuses is an answer."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from app.booking.desk import Desk, Outcome
from app.domain.errors import Refusal
from app.domain.events import EventKind
from app.domain.partner import Scope, Viewer
from app.store.tables import EventRow
from resolvers.context import Context
from resolvers.loaders import TIMELINE, own

_WARNINGS = {EventKind.DUPLICATE_SUSPECTED, EventKind.FACTS_NOT_SENT}


@dataclass(frozen=True, kw_only=True, slots=True)
class Taken:
    """What became of a wish: the operation and booking, unless it was refused before anything opened; the Refusal."""

    operation_id: str | None = None
    booking_id: str | None = None
    refusal: Refusal | None = None


async def taken(context: Context, take: Callable[[Desk, Viewer], Awaitable[Outcome]], *scopes: Scope) -> Taken:
    """Let the verb take the wish; Access without the scope `book`, or one of the others that it needs.

    Shielded: a client that goes away must not leave an opened operation to wait for a worker.
    """
    for scope in (Scope.BOOK, *scopes):
        context.viewer.need(scope)
    try:
        outcome = await asyncio.shield(asyncio.ensure_future(take(context.services.desk, context.viewer)))
    except Refusal as refusal:
        return Taken(refusal=refusal)
    finally:
        context.forget()
    return Taken(operation_id=outcome.operation_id, booking_id=outcome.booking_id, refusal=outcome.refusal)


async def warnings(context: Context, done: Taken) -> list[EventRow]:
    """What the operation noticed and a person should look at."""
    if done.booking_id is None:
        return []
    events = await own(context, TIMELINE, done.booking_id)
    return [event for event in events if event.operation_id == done.operation_id and event.kind in _WARNINGS]
