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

    What was `quoted` counts where nobody can tell any more what the booking was for.
    """
    if not found.confirmed:
        return Cancelled(ref=found.order.ref, refund=None)
    return Cancelled(ref=found.order.ref, refund=_told(found, quoted), cost=found.order.total)


def _told(found: Booking, quoted: Money | None) -> Money | None:
    """What comes back; None where the operator does not say, which undoes no cancellation."""
    try:
        return _refund(found, quoted)
    except Incomplete as error:
        log.warning("what a cancelled booking gives back is not known: %s", error)
        return None


def _refund(found: Booking, quoted: Money | None) -> Money | None:
    """By the terms at the instant of the cancellation, if the operator's word agrees with them.

    All or nothing is the operator's to say; some of it, where the terms say all or nothing, is no amount.
    """
    with whole("cancellation"):
        done = found.data["cancellation"]
        said, total = done["refund"], found.order.total
        cost = found.cancelling(instant(done["utcCancelledAt"]))
        due = quoted if cost is None else total - cost.fee
    if said == _word(due, total):
        return due
    log.warning("the operator gives back %s where its terms say %s", said, _word(due, total) or "nothing")
    return {_FULL: total, _NONE: Money.zero(total.currency)}.get(said)


def _word(refund: Money | None, total: Money) -> str | None:
    if refund is None:
        return None
    if refund == total:
        return _FULL
    return _PARTIAL if refund else _NONE
