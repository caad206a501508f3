"""What a cancelled booking gives back: OCTO says whether all, some or nothing, and the amount is ours to work out."""

import logging

from app.domain.money import Money
from app.wire.facts import Incomplete, instant
from carriers.contract import Cancelled
from carriers.octo.facts import whole
from carriers.octo.hear import Booking

log = logging.getLogger(__name__)

_FULL, _PARTIAL, _NONE = "FULL", "PARTIAL", "NONE"


def cancelled(found: Booking, quoted: Money | None = None) -> Cancelled:
    """The cancellation, with what it gives back; no amount for what was never confirmed.

    What was `quoted` counts where nobody can tell any more what the booking was for. What the operator gave up by
    itself comes back whole, whatever it says.
    """
    if found.given_up:
        return given_up(found)
    if not found.confirmed:
        return Cancelled(ref=found.order.ref, refund=None)
    try:
        return _told(found, quoted)
    except Incomplete as error:
        # It undoes no cancellation.
        log.warning("what a cancelled booking gives back is not known: %s", error)
        return Cancelled(ref=found.order.ref, refund=None, cost=found.order.total)


def given_up(found: Booking) -> Cancelled:
    """What the operator ended: all of it comes back, and an operator that says otherwise has to be asked."""
    total = found.order.total
    said = (found.data.get("cancellation") or {}).get("refund")
    return Cancelled(
        ref=found.order.ref,
        refund=total,
        cost=total,
        by_carrier=True,
        discrepancy=None if said in {_FULL, None} else _odd(said, total),
    )


def _told(found: Booking, quoted: Money | None) -> Cancelled:
    """By the terms at the instant of the cancellation, if the operator's word agrees with them.

    All or nothing is the operator's to say; some of it, where the terms say all or nothing, is no amount.
    """
    with whole("cancellation"):
        done = found.data["cancellation"]
        said, total = done["refund"], found.order.total
        cost = found.cancelling(instant(done["utcCancelledAt"]))
        due = quoted if cost is None else total - cost.fee
    if said == _word(due, total):
        return Cancelled(ref=found.order.ref, refund=due, cost=total)
    log.warning("the operator gives back %s where its terms say %s", said, _word(due, total) or "nothing")
    refund = {_FULL: total, _NONE: Money.zero(total.currency)}.get(said)
    # What nobody knows the terms of disagrees with none.
    discrepancy = None if said == _FULL or due is None else _odd(said, due)
    return Cancelled(ref=found.order.ref, refund=refund, cost=total, discrepancy=discrepancy)


def _odd(said: object, due: Money) -> str:
    told = said if said in {_PARTIAL, _NONE} else "something else"
    return f"The operator says that it gives back {told}; by its terms it owes {due}."


def _word(refund: Money | None, total: Money) -> str | None:
    if refund is None:
        return None
    if refund == total:
        return _FULL
    return _PARTIAL if refund else _NONE
