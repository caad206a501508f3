"""What becomes of a booking: held, asked for, confirmed, moved, cancelled, lapsed."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from app.domain.tours import DepartureKey, day_begins
from carriers.sandbox.octo.core import Core
from carriers.sandbox.octo.facts import Booking, Cancellation, Item, Refund, Status, Ticket

ALL = 100
# The reason that the operator's own cancellations have.
BY_OPERATOR = "Cancelled by the operator"


def hold(core: Core, booking: Booking, minutes: int | None) -> None:
    """Keep its places so many minutes from now, as long as the operator allows and sells that departure at all."""
    most = booking.terms.hold_minutes
    _now(core, booking, Status.ON_HOLD)
    booking.expires_at = min(core.now() + timedelta(minutes=min(minutes or most, most)), shut(core, booking))
    core.later(booking.expires_at, "expire", _about(booking))


def expire(core: Core, booking: Booking) -> None:
    """Let a hold lapse, if its time has come."""
    if booking.status is Status.ON_HOLD and booking.expires_at and booking.expires_at <= core.now():
        _now(core, booking, Status.EXPIRED)


def reject(core: Core, booking: Booking) -> None:
    """Refuse a request."""
    if booking.status is Status.PENDING:
        _now(core, booking, Status.REJECTED)


def confirm(core: Core, booking: Booking, tickets_after: timedelta) -> None:
    """Sell it for good; tickets come at once, or after a while."""
    _now(core, booking, Status.CONFIRMED)
    booking.confirmed_at, booking.expires_at = core.now(), None
    ticket(core, booking, tickets_after)


def ticket(core: Core, booking: Booking, after: timedelta = timedelta()) -> None:
    """Issue a ticket to each of its people, in place of those they have."""
    if after:
        core.later(core.now() + after, "issue", _about(booking))
        return
    void(booking)
    booking.tickets += [Ticket(core.new_reference("ticket", 12), item.uuid) for item in booking.items]


def void(booking: Booking) -> None:
    """Take its tickets back."""
    for each in booking.valid_tickets:
        each.void = True


def cancel(core: Core, booking: Booking, reason: str | None) -> None:
    """Give its places back; of what was paid for a confirmed one, the terms say how much comes back."""
    kept = percent_kept(core, booking) if booking.status is Status.CONFIRMED else ALL
    refund = {0: Refund.FULL, ALL: Refund.NONE}.get(kept, Refund.PARTIAL)
    booking.cancellation = Cancellation(refund, kept, reason, core.now())
    booking.expires_at = None
    _now(core, booking, Status.CANCELLED)
    void(booking)


def cancel_by_operator(core: Core, booking: Booking) -> None:
    """The operator gives up a booking by itself, and keeps nothing of it."""
    cancel(core, booking, BY_OPERATOR)
    if booking.confirmed_at is not None:
        booking.cancellation = Cancellation(Refund.FULL, 0, BY_OPERATOR, core.now())


def is_free(core: Core, booking: Booking) -> bool:
    """Whether it costs nothing to cancel or exchange it, since the operator changed what was booked."""
    unanswered = booking.change is not None and not booking.change.accepted
    return unanswered or booking.key in core.facts.cancelled


def percent_kept(core: Core, booking: Booking) -> int:
    """What cancelling a confirmed booking costs now: by the scale, or by OCTO's plain cutoff."""
    if is_free(core, booking):
        return 0
    if booking.plain:
        return 0 if core.now() < _plain_cutoff(core, booking) else ALL
    left = days_left(core, booking)
    holding = [step for step in booking.terms.cancellation_scale if step.days_before <= left]
    return max(holding, key=lambda step: step.days_before).percent if holding else ALL


def changeable(core: Core, booking: Booking) -> bool:
    """Whether it can still be cancelled: until the first day, or OCTO's plain cutoff."""
    if booking.status not in {Status.PENDING, Status.ON_HOLD, Status.CONFIRMED}:
        return False
    if booking.key in core.facts.cancelled:
        return True
    plainly_sold = booking.plain and booking.status is Status.CONFIRMED
    return core.now() < (_plain_cutoff(core, booking) if plainly_sold else before(core, booking, 0))


def movable(core: Core, booking: Booking) -> bool:
    """Whether it can still be had on another departure."""
    if booking.plain or booking.status is Status.ON_HOLD or is_free(core, booking):
        return changeable(core, booking)
    exchange = booking.terms.exchange
    return exchange is not None and core.now() < before(core, booking, exchange.days_before)


def before(core: Core, booking: Booking, days: int) -> datetime:
    """When the day so many days before its departure begins there."""
    return day_begins(booking.key.starts_on, _zone(core, booking.key), before=days)


def shut(core: Core, booking: Booking) -> datetime:
    """When its departure is sold no more."""
    return before(core, booking, core.catalogue.operators[booking.key.operator].shut_days)


def days_left(core: Core, booking: Booking) -> int:
    """Days until its departure, on the calendar of the place where it starts."""
    start = before(core, booking, 0)
    return (booking.key.starts_on - core.now().astimezone(start.tzinfo).date()).days


def replace_items(core: Core, booking: Booking, items: Iterable[Item]) -> None:
    """Let it be for these people, and give them tickets if it has any."""
    booking.items = list(items)
    if booking.status is Status.CONFIRMED:
        ticket(core, booking)


def _plain_cutoff(core: Core, booking: Booking) -> datetime:
    """OCTO's `cancellationCutoff` is a length of time, whatever the calendar says."""
    return before(core, booking, 0).astimezone(UTC) - timedelta(days=booking.terms.balance_due_days)


def _zone(core: Core, key: DepartureKey) -> str:
    tour = core.catalogue.tour(key.operator, key.tour)
    if tour is None:
        raise LookupError(f"the catalogue lost {key}")
    return tour.zone


def _now(core: Core, booking: Booking, status: Status) -> None:
    booking.status, booking.updated_at = status, core.now()


def _about(booking: Booking) -> dict[str, str]:
    return {"operator": booking.key.operator, "uuid": booking.uuid}
