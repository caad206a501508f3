"""What happens to an order: it is held or bought, ticketed, runs out, is cancelled. No wire words here."""

from datetime import datetime, timedelta
from decimal import Decimal

from app.domain.money import Money
from carriers.sandbox.chance import letters, pick
from carriers.sandbox.duffel import magic, seats, services, unused
from carriers.sandbox.duffel.airlines import AIRLINES
from carriers.sandbox.duffel.answering import answer_airline, changed_by_airline, not_flown, unanswered
from carriers.sandbox.duffel.booked import booked, parts
from carriers.sandbox.duffel.core import Core
from carriers.sandbox.duffel.facts import Cancellation, Charge, Document, Order, OrderState, Refund
from carriers.sandbox.duffel.fares import Price, refund_penalty
from carriers.sandbox.duffel.search import Offer
from carriers.sandbox.duffel.webhooks import announce
from carriers.sandbox.exchange import Json

# Without O, I, 0 and 1, which are mistaken for each other.
_LOCATOR = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
# Without a price guarantee an order is priced anew every six hours, by one of these percentages.
_REPRICED_EVERY = timedelta(hours=6)
_PRICE_MOVES = (0, 0, 4, -3, 7)
# An airline that tells no rules works out by hand what it gives back.
_REFUND_TOLD_AFTER = timedelta(hours=6)


def open_order(core: Core, offer: Offer, passengers: list[Json], metadata: dict[str, str], cost: Price) -> Order:
    """Take the seats and write the order, unpaid."""
    order_id = core.new_id("ord")
    slices = booked(offer, cost, order_id)
    seats.take(core, slices)
    order = Order(
        id=order_id,
        offer=offer,
        slices=slices,
        booking_reference=letters(6, _LOCATOR, core.seed, order_id),
        created_at=core.now(),
        passengers=passengers,
        metadata=metadata,
        agreed=cost,
    )
    core.facts.orders[order.id] = order
    return order


def hold(core: Core, order: Order, limits: tuple[datetime, datetime | None]) -> None:
    """Keep the space until the limit; then the airline takes it back."""
    order.pay_by, order.guaranteed_until = limits
    order.held = True
    core.later(order.pay_by, "expire_hold", {"order_id": order.id})


def current_price(core: Core, order: Order) -> Price:
    """What the order costs now: as agreed while that is guaranteed, or once it is paid."""
    cost = order.agreed.times(order.factor)
    if not order.held or order.state is not OrderState.HELD:
        return cost
    since = order.guaranteed_until or order.created_at
    # A price that was never guaranteed stands for its first hours; a guarantee that has run out does not.
    turn = (core.now() - since) // _REPRICED_EVERY + (0 if order.guaranteed_until is None else 1)
    if turn <= 0:
        return cost
    return cost.times(1 + Decimal(pick(_PRICE_MOVES, order.offer.flights[0].key, order.offer.index, turn)) / 100)


def full_price(core: Core, order: Order) -> Price:
    """What the order costs now with its extras; Duffel counts them to the base."""
    return current_price(core, order).plus(services.cost_of(order))


def guaranteed_until(core: Core, order: Order) -> datetime | None:
    """Until when the price stands; None once it does not."""
    limit = order.guaranteed_until
    return limit if limit and core.now() < limit else None


def pay(core: Core, order: Order, amount: Money, kind: str, documents_after: timedelta) -> Charge:
    """Take the money and, now or later, issue the tickets."""
    paid = charge(core, order, amount, kind)
    order.agreed, order.factor = current_price(core, order), Decimal(1)
    order.state, order.paid_at, order.paid_type = OrderState.PAID, core.now(), kind
    _plan_change(core, order)
    issue_documents_after(core, order, documents_after)
    return paid


def charge(core: Core, order: Order, amount: Money, kind: str) -> Charge:
    """Take the money for an order or for what is added to it."""
    taken = Charge(core.new_id("pay"), order.id, amount, kind, core.now())
    core.facts.charges[taken.id] = taken
    return taken


def _plan_change(core: Core, order: Order) -> None:
    """Let the airline change the order soon, where a passenger's name asks for it."""
    wishes = (magic.airline_change(passenger["family_name"]) for passenger in order.passengers)
    wish = next(filter(None, wishes), None)
    if wish is not None:
        about = {"order_id": order.id, "kind": wish}
        core.later(core.ahead(magic.CHANGED_AFTER_SECONDS), "change_flight", about)


def issue_documents_after(core: Core, order: Order, delay: timedelta) -> None:
    """Issue the tickets, now or later."""
    if delay:
        core.later(core.now() + delay, "issue_documents", {"order_id": order.id})
    else:
        issue_documents(core, order)


def issue_documents(core: Core, order: Order) -> None:
    """One ticket for every passenger of a paid order that has none, in the place of the one that was exchanged."""
    if order.state is not OrderState.PAID or order.live_documents:
        return
    prefix = AIRLINES[order.offer.airline].prefix
    last = {document.passenger_id: document.number for document in order.documents}
    for passenger in order.passengers:
        core.facts.counter += 1
        number = f"{prefix}{2_400_000_000 + core.facts.counter:010}"
        replaces = last.get(passenger["id"])
        order.documents.append(Document(number, passenger["id"], core.now(), replaces=replaces))


def expire(core: Core, order: Order) -> None:
    """The airline takes back unpaid space."""
    if order.state is OrderState.HELD:
        order.state, order.cancelled_at = OrderState.EXPIRED, core.now()
        seats.free(core, order.slices)


def void_window(order: Order) -> datetime | None:
    """Until when the airline takes back a paid order for its full price; None where it does not."""
    hours = AIRLINES[order.offer.airline].void_hours
    if not hours or order.paid_at is None:
        return None
    return min(order.paid_at + timedelta(hours=hours), order.departs)


def can_cancel(core: Core, order: Order) -> bool:
    """Held or paid orders can be cancelled until the first departure, paid ones also later for what is not flown.

    Later means where the airline changed them, where the fare gives something back, or where the airline tells no rules
    and so decides each time.
    """
    if core.now() < order.departs:
        return order.state in {OrderState.HELD, OrderState.PAID}
    if order.state is not OrderState.PAID or changed_by_airline(core, order):
        return order.state is OrderState.PAID
    decides = not AIRLINES[order.offer.airline].states_rules
    possible = decides or refund_penalty(parts(order.slices, order.agreed)) is not None
    return possible and bool(unused.departures(order, core.now()))


def refund_of(core: Core, order: Order) -> tuple[Money, bool]:
    """What cancelling gives back by the conditions, and whether the airline tells it beforehand.

    The penalty is that of the whole fare, and never more than the fare of what is not flown yet. Extras come back in
    full while the order can be voided; later only bags not used yet do, and only with a fare that does.
    """
    cost = order.agreed.times(order.factor)
    window, left = void_window(order), unused.part(order, cost, core.now())
    if order.state is OrderState.HELD:
        return Money.zero(cost.total.currency), True
    if window and core.now() < window:
        return cost.total + services.cost_of(order), True
    if changed_by_airline(core, order):
        return not_flown(core, order, cost) + services.cost_of(order), True
    if not AIRLINES[order.offer.airline].states_rules:
        return left.tax, False
    kept, nothing = refund_penalty(parts(order.slices, cost)), Money.zero(cost.total.currency)
    if kept is None:
        return nothing, True
    return max(left.base - kept, nothing) + left.tax + services.refundable(order, core.now()), True


def cancel(core: Core, order: Order, cancellation: Cancellation) -> None:
    """Cancel with the airline, free the seats and give back what the quote says, or later what it does not say yet."""
    paid = order.state is OrderState.PAID
    order.state, order.cancelled_at = OrderState.CANCELLED, core.now()
    cancellation.confirmed_at = core.now()
    seats.free(core, order.slices)
    answer_airline(core, unanswered(core, order), "cancelled")
    if paid and not cancellation.told:
        core.later(core.now() + _REFUND_TOLD_AFTER, "give_back", {"cancellation_id": cancellation.id})
    elif paid:
        give_back(core, cancellation)
    for document in order.live_documents:
        document.state = "refunded" if cancellation.refund else "void"


def give_back(core: Core, cancellation: Cancellation) -> None:
    """Give back, and tell, what a confirmed cancellation comes to."""
    cancellation.told = True
    if cancellation.refund:
        refund_id, order_id = core.new_id("ref"), cancellation.order_id
        refund = Refund(refund_id, order_id, cancellation.id, cancellation.refund, cancellation.to, core.now())
        core.facts.refunds.append(refund)


def tell_created(core: Core, order: Order) -> None:
    """Send `order.created`."""
    announce(core, "order.created", order.id, {"id": order.id, "order_id": order.id, "offer_id": order.offer.id})
