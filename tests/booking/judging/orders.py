"""At the carrier: nothing doubled, nothing orphaned, and what we say of each item is so there."""

from collections import Counter, defaultdict
from collections.abc import Iterator

from app.domain.booking import ItemState, headline
from app.store.tables import ItemRow
from tests.booking.judging.books import LIVE, LIVE_ORDERS, PAID, Books, in_minor, money, price_of
from tests.booking.judging.departures import BY_OPERATOR, reason

_LET_GO = {ItemState.CANCELLED, ItemState.EXPIRED}
_CANCELLED_THERE = {ItemState.CANCELLED, ItemState.REFUNDED}
# By the order's state; what an operator has accepted is heard at the next look.
_FITTING = {
    "requested": {ItemState.REQUESTED},
    "held": {ItemState.REQUESTED, ItemState.HELD},
    "paid": PAID,
}


def complaints(read: Books) -> Iterator[str]:
    yield from _owners(read)
    yield from _doubles(read)
    yield from _items(read)
    yield from _headlines(read)
    yield from _chains(read)
    yield from _exchanges(read)
    yield from _refunds(read)
    yield from _refunded(read)


def _owners(read: Books) -> Iterator[str]:
    """Every live order belongs to exactly one item in the fitting state, or to an operation still at work."""
    owner = {row.id: row.booking_id for row in read.operations}
    for order in read.world["orders"]:
        if order["state"] not in LIVE_ORDERS:
            continue
        mine = [item for item in read.items if item.order_ref == order["order_id"]]
        fitting = _FITTING[order["state"]]
        good = [item for item in mine if item.state in fitting]
        booking = owner.get(order["metadata"]["faregate_key"].partition("/")[0])
        explained = booking in read.busy or any(item.stuck for item in mine)
        if len(good) != 1 and not explained:
            yield f"order {order['order_id']} is {order['state']}, and its items are {[i.state for i in mine]}"


def _doubles(read: Books) -> Iterator[str]:
    keys = Counter(order["metadata"]["faregate_key"] for order in read.world["orders"])
    yield from (f"{count} orders for {key}" for key, count in keys.items() if count > 1)
    charged = Counter(charge["order_id"] for charge in read.world["charges"])
    yield from (f"{count} charges for {order}" for order, count in charged.items() if count > read.payable(order))
    standing = [item for item in read.items if item.state != ItemState.EXCHANGED]
    references = Counter(item.order_ref for item in standing if item.order_ref)
    yield from (f"{count} items share {order}" for order, count in references.items() if count > 1)


def _items(read: Books) -> Iterator[str]:
    """What we say of each item is so in the world."""
    orders = {order["order_id"]: order for order in read.world["orders"]}
    for item in read.items:
        order = orders.get(item.order_ref or "")
        if item.booking_id in read.busy or item.stuck:
            continue
        once = len(read.charges(item.order_ref)) == read.payable(item.order_ref)
        if item.state in PAID and not (order and order["state"] == "paid" and once):
            yield f"item {item.id} is {item.state}, and its order is {order}"
        if item.state in _CANCELLED_THERE and order and order["state"] in LIVE_ORDERS:
            yield f"item {item.id} is {item.state}, and its order is {order}"
        if item.state == ItemState.REQUESTED and not (order and order["state"] != "paid" and item.check_request_at):
            yield f"item {item.id} is REQUESTED, looked at {item.check_request_at}, and its order is {order}"
        if (
            item.state == ItemState.HELD
            and item.inventory_held
            and not (order and order["state"] in {"held", "expired"})
        ):
            yield f"item {item.id} is HELD, and its order is {order}"


def _headlines(read: Books) -> Iterator[str]:
    """A booking is what its items make of it; one that is to take another's place counts once just that has gone."""
    for booking in read.bookings:
        mine = [item for item in read.items if item.booking_id == booking.id]
        standing = [item for item in mine if not _gone(item)]
        first = {item.id for item in standing if item.state in LIVE} or {item.id for item in standing}
        counted = [item for item in standing if item.replaces not in first]
        states = [ItemState(item.state) for item in counted]
        if booking.state != headline(states):
            yield f"booking {booking.id} is {booking.state}, its items {states}"
        total = sum(price_of(item).total.minor for item in [i for i in counted if i.state in LIVE] or counted)
        if booking.total_minor != total:
            yield f"booking {booking.id} costs {booking.total_minor}, its items {total}"
        kept = sum(item.kept_minor for item in mine)
        if booking.kept_minor != kept:
            yield f"booking {booking.id} keeps {booking.kept_minor}, its items {kept}"


def _gone(item: ItemRow) -> bool:
    """Replaced, or never more than a try to replace."""
    return item.state == ItemState.EXCHANGED or (item.state == ItemState.REJECTED and item.replaces is not None)


def _chains(read: Books) -> Iterator[str]:
    """However often an item was exchanged, one of them stands, and one order at most lives for all of them."""
    live = {order["order_id"] for order in read.world["orders"] if order["state"] in LIVE_ORDERS}
    chains: dict[str, list[ItemRow]] = defaultdict(list)
    for item in read.items:
        if item.booking_id not in read.unsettled:
            chains[read.first_of[item.id]].append(item)
    for first, chain in chains.items():
        orders = {item.order_ref for item in chain} & live
        if len(orders) > 1:
            yield f"{len(orders)} orders live for item {first}"
        standing = [item for item in chain if item.state not in {ItemState.EXCHANGED, ItemState.REJECTED}]
        # A hold that its carrier did not take back ends beside the one that was to take its place.
        ended = all(item.state in _LET_GO for item in standing)
        if (len(standing) > 1 and not ended) or not (
            standing or all(item.state == ItemState.REJECTED for item in chain)
        ):
            yield f"{len(standing)} items stand for item {first}"


def _exchanges(read: Books) -> Iterator[str]:
    """Every exchange that the carrier made is one of ours, for the balance that its quote said, and the other way."""
    made = {
        order["order_id"]: Counter(map(in_minor, read.changes(order["order_id"]))) for order in read.world["orders"]
    }
    items = {item.id: item for item in read.items}
    wanted: dict[str | None, Counter[int]] = defaultdict(Counter)
    for quote in read.quotes_used("EXCHANGE"):
        item = items[quote.facts["item"]]
        if item.state == ItemState.EXCHANGED and quote.facts["offer"]:
            wanted[item.order_ref][money(quote.facts["carrier_balance"]).minor] += 1
    busy = {item.order_ref for item in read.items if item.booking_id in read.busy}
    for order, balances in made.items():
        if order not in busy and balances != wanted[order]:
            yield f"order {order} was exchanged for {dict(balances)}, and we for {dict(wanted[order])}"
        ours = sum(
            item.order_ref == order and item.replaces is not None and items[item.replaces].order_ref == order
            for item in read.items
        )
        if order not in busy and ours != balances.total():
            yield f"order {order} was exchanged {balances.total()} times, and we have {ours} items for that"


def _refunds(read: Books) -> Iterator[str]:
    """The carrier gives back once for each cancellation and each exchange, and what it said."""
    refunds = read.world["refunds"]
    causes = Counter((found["order_id"], found["cancellation_id"] or found["change_id"]) for found in refunds)
    yield from (f"{count} refunds by the carrier for {cause}" for cause, count in causes.items() if count > 1)
    confirmed = [found for found in read.world["cancellations"] if found["state"] == "confirmed"]
    cancelled = Counter(found["order_id"] for found in confirmed)
    yield from (f"{count} cancellations of {order}" for order, count in cancelled.items() if count > 1)


def _refunded(read: Books) -> Iterator[str]:
    """What we say is refunded, or to be, the carrier has cancelled by just the terms that were confirmed."""
    confirmed = {found["id"]: found for found in read.world["cancellations"] if found["state"] == "confirmed"}
    ended = {found["order_id"]: found for found in read.world["cancellations"] if found["id"] == BY_OPERATOR}
    for item in read.items:
        if item.refund_terms is None or item.booking_id in read.busy:
            continue
        names = (item.refund_terms, reason(item.refund_terms))
        done = next((confirmed[name] for name in names if name in confirmed), ended.get(item.order_ref))
        if item.state not in _CANCELLED_THERE or done is None or done["order_id"] != item.order_ref:
            yield f"item {item.id} is {item.state} by the terms {item.refund_terms}, and the carrier did {done}"
