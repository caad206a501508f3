"""Every verb with the version it is journalled under, and the deadlines that open some of them."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from functools import partial

from app.accounts.closing import Closing
from app.aftersales import (
    accept_change,
    balance_unpaid,
    give_back,
    look_at_order,
    paid_changes,
    quote_exchange,
    quote_refund,
    quote_services,
    refund,
    warn_balance,
)
from app.booking import (
    cancel,
    complete,
    correct,
    erase,
    expire,
    follow_request,
    hold,
    pay,
    replay,
    reserve,
    sessions,
    settle,
    tickets,
    warn,
)
from app.booking.desk import Desk, Tools
from app.booking.duties import open_due
from app.journal.journal import VerbFunction
from app.journal.run import Run
from app.journal.runner import Chore, paced
from app.reconcile import job, release_charge, release_order
from app.reconcile import settle as settle_discrepancy

# Deadlines that are days away need no closer look.
_PACE = timedelta(minutes=1)
_VERBS: Mapping[str, Callable[[Tools, Run], Awaitable[None]]] = {
    reserve.VERB: hold.reserve,
    pay.VERB: pay.pay,
    sessions.VERB: sessions.open_session,
    complete.VERB: complete.complete,
    cancel.VERB: cancel.cancel,
    expire.VERB: expire.expire,
    tickets.VERB: tickets.follow,
    follow_request.VERB: follow_request.follow,
    correct.VERB: correct.correct,
    erase.VERB: erase.erase,
    replay.VERB: replay.replay_webhook,
    quote_refund.VERB: quote_refund.quote_refund,
    quote_refund.AGAIN: quote_refund.quote_refund,
    refund.VERB: refund.refund,
    refund.FOLLOW: refund.follow,
    give_back.VERB: give_back.give_back,
    balance_unpaid.VERB: balance_unpaid.balance_unpaid,
    warn_balance.VERB: warn_balance.warn_balance,
    quote_exchange.VERB: quote_exchange.quote_exchange,
    quote_services.VERB: quote_services.quote_services,
    paid_changes.EXCHANGE: paid_changes.change,
    paid_changes.SERVICES: paid_changes.change,
    paid_changes.COMPLETE: paid_changes.complete_change,
    look_at_order.VERB: look_at_order.look,
    accept_change.VERB: accept_change.accept_change,
    release_order.VERB: release_order.release_order,
    release_charge.VERB: release_charge.release_charge,
    settle_discrepancy.VERB: settle_discrepancy.settled,
    **dict.fromkeys(settle.VERBS, settle.settle),
}


DUTIES = (
    complete.DUTY,
    expire.UNPAID,
    expire.LAPSED,
    tickets.DUTY,
    follow_request.DUTY,
    quote_refund.DUTY,
    refund.DUTY,
    paid_changes.DUTY,
    look_at_order.DUTY,
    balance_unpaid.DUTY,
)


def verbs(tools: Tools) -> dict[str, VerbFunction]:
    """Every verb, ready for the journal."""
    return {name: partial(function, tools) for name, function in _VERBS.items()}


def chores(desk: Desk) -> list[Chore]:
    """What is done when a deadline comes: forms, holds, requests, tickets, quotes, orders, balances, accounts."""
    tools = desk.tools
    closing = Closing(store=tools.store, clock=tools.clock, ids=tools.ids, carriers=tools.terms.carrier_billing)
    return [
        # It looks at orders itself, so that no look has to come before it.
        paced(tools.clock, _PACE, partial(warn_balance.open_due, desk)),
        partial(open_due, desk, DUTIES),
        paced(tools.clock, _PACE, partial(warn.tell_due, desk)),
        paced(tools.clock, _PACE, closing.close_due),
        job.chore(desk),
    ]
