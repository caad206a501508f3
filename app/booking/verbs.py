"""Every verb with the version it is journalled under, and the deadlines that open some of them."""

from collections.abc import Awaitable, Callable, Mapping
from functools import partial

from app.booking import cancel, complete, correct, erase, expire, hold, pay, replay, reserve, sessions, tickets
from app.booking.desk import Desk, Tools
from app.journal.journal import VerbFunction
from app.journal.run import Run
from app.journal.runner import Chore

_VERBS: Mapping[str, Callable[[Tools, Run], Awaitable[None]]] = {
    reserve.VERB: hold.reserve,
    pay.VERB: pay.pay,
    sessions.VERB: sessions.open_session,
    complete.VERB: complete.complete,
    cancel.VERB: cancel.cancel,
    expire.VERB: expire.expire,
    tickets.VERB: tickets.follow,
    correct.VERB: correct.correct,
    erase.VERB: erase.erase,
    replay.VERB: replay.replay_webhook,
}


def verbs(tools: Tools) -> dict[str, VerbFunction]:
    """Every verb, ready for the journal."""
    return {name: partial(function, tools) for name, function in _VERBS.items()}


def chores(desk: Desk) -> list[Chore]:
    """What opens operations when a deadline comes: card forms to look at, unpaid holds, tickets to ask for."""
    return [partial(due, desk) for due in (complete.open_due, expire.open_due, tickets.open_due)]
