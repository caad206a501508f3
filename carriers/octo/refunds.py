"""Bookings refunded by the operator's terms: OCTO quotes nothing, so what cancelling gives back is worked out here."""

from datetime import timedelta

from app.domain.aftersales import RefundForm, Rule, RuleGround
from app.domain.clock import Clock
from app.domain.money import Money
from app.domain.recovery import Call
from app.domain.refusals import CarrierRefused, NotRefundable, QuoteExpired
from app.domain.tours import TourStay
from carriers.contract import Cancelled, OrderState, RefundTerms
from carriers.octo.bookings import Bookings
from carriers.octo.given_back import cancelled, given_up
from carriers.octo.hear import Booking
from carriers.octo.reasons import refund_reason
from carriers.octo.references import RefundRef
from carriers.octo.terms import Cost

# OCTO's terms move at midnights only: this long is good for reading a quote.
_LIFE = timedelta(minutes=30)
# A cancellation that is sent in time has its effect this much later at most, and must not fall into the next step.
_UNDER_WAY = timedelta(minutes=1)
_REASONS = {
    RuleGround.NOT_SOLD: "The booking is not confirmed, so there is nothing to give back.",
    RuleGround.ENDED: "The booking is cancelled already.",
    RuleGround.DEPARTED: "The tour has departed.",
    RuleGround.CANCELLATION_SCALE: "So close to the departure the operator lets nothing be cancelled any more.",
    RuleGround.CARRIER_DECIDES: "The operator does not let this booking be cancelled any more.",
}


class Refunds:
    """The refunds of one account."""

    def __init__(self, bookings: Bookings, clock: Clock) -> None:
        self._bookings = bookings
        self._clock = clock

    async def quote(self, order: str, stay: TourStay | None) -> RefundTerms:
        """What a confirmed booking gives back now, which may be nothing; NotRefundable where it cannot be cancelled."""
        found = await self._bookings.explained(await self._bookings.read(order, stay))
        if found.ended:
            return self._terms(found, Cost(fee=Money.zero(found.order.total.currency), until=None))
        self._check(found)
        return self._terms(found, found.cancelling(self._clock.now()))

    async def confirm(self, terms: str, call: Call) -> Cancelled:
        """Cancel at exactly these terms; a lost attempt that did is success, any other end of the booking is not.

        What the operator itself has given up comes back whole.
        """
        quoted = RefundRef.read(terms)
        found = await self._bookings.read(quoted.order)
        if found.order.state is not OrderState.CANCELLED:
            self._check(found)
            self._check_quote(quoted, found)
            found = await self._cancelled(quoted, call, terms)
        if found.given_up or (quoted.ended and found.ended):
            return given_up(found)
        if not _is_ours(found, terms):
            raise _not_refundable(RuleGround.ENDED)
        return cancelled(found, quoted.refund)

    async def look(self, terms: str) -> Cancelled | None:
        """What became of these terms; None while they are not confirmed."""
        quoted = RefundRef.read(terms)
        found = await self._bookings.read(quoted.order)
        if quoted.ended and found.ended:
            return given_up(found)
        done = found.order.state is OrderState.CANCELLED and found.confirmed and _is_ours(found, terms)
        return cancelled(found, quoted.refund) if done else None

    def _terms(self, found: Booking, cost: Cost | None) -> RefundTerms:
        """What comes back at that cost; NotRefundable where that is nothing, and it would not be cancelled either."""
        now, refund, rule = self._clock.now(), _refund(found, cost), _rule(found, cost)
        if refund == Money.zero(found.order.total.currency) and not found.cancellable:
            raise _not_refundable(RuleGround.CANCELLATION_SCALE)
        expires_at = min(now + _LIFE, rule.deadline - _UNDER_WAY) if rule.deadline else now + _LIFE
        ref = RefundRef(order=found.order.ref, refund=refund, expires_at=expires_at, ended=found.ended)
        return RefundTerms(
            ref=str(ref),
            order=found.order.ref,
            refund=refund,
            form=RefundForm.MONEY,
            rule=rule,
            passengers=found.units,
            segments=(),
            expires_at=expires_at,
        )

    async def _cancelled(self, quoted: RefundRef, call: Call, terms: str) -> Booking:
        try:
            return await self._bookings.end(quoted.order, call, reason=refund_reason(terms))
        except CarrierRefused:
            raise _not_refundable(RuleGround.CARRIER_DECIDES) from None

    def _check(self, found: Booking) -> None:
        """NotRefundable where the booking says so itself."""
        if found.order.state in {OrderState.CANCELLED, OrderState.REJECTED}:
            raise _not_refundable(RuleGround.ENDED)
        if found.order.state is not OrderState.CONFIRMED:
            raise _not_refundable(RuleGround.NOT_SOLD)
        if found.stay and found.stay.departs_at <= self._clock.now() and not found.is_grounded:
            raise _not_refundable(RuleGround.DEPARTED)

    def _check_quote(self, quoted: RefundRef, found: Booking) -> None:
        now = self._clock.now()
        refund = _refund(found, found.cancelling(now))
        if now >= quoted.expires_at or (refund is not None and refund != quoted.refund):
            raise QuoteExpired(message="The operator's terms may have moved on since; ask for a new quote.")


def _refund(found: Booking, cost: Cost | None) -> Money | None:
    return None if cost is None else found.order.total - cost.fee


def _rule(found: Booking, cost: Cost | None) -> Rule:
    if cost is None:
        return Rule(ground=RuleGround.CARRIER_DECIDES, allowed=True)
    changed = found.ended or found.is_free
    ground = RuleGround.CARRIER_CHANGED if changed else RuleGround.CANCELLATION_SCALE
    return Rule(ground=ground, allowed=True, fee=cost.fee, deadline=cost.until)


def _is_ours(found: Booking, terms: str) -> bool:
    """Whether these terms ended the booking, or an operator that keeps no reasons does not say what did."""
    return found.reason in {None, refund_reason(terms)}


def _not_refundable(ground: RuleGround) -> NotRefundable:
    return NotRefundable(message=_REASONS[ground], rule=Rule(ground=ground, allowed=False))
