"""The world's own truth, as JSON: what tests judge a gateway by."""

from collections.abc import Iterator
from hashlib import sha256

from carriers.sandbox.duffel import booking
from carriers.sandbox.duffel.booked import BookedSlice
from carriers.sandbox.duffel.change_facts import OrderChange
from carriers.sandbox.duffel.core import Core, local_stamp, maybe_stamp, stamp
from carriers.sandbox.duffel.facts import AirlineChange, Cancellation, Charge, Extra, Order, Refund
from carriers.sandbox.exchange import Json, encode


def ledger(core: Core) -> Json:
    """Holds, orders, charges, refunds, cancellations, changes, those by airlines, and documents, oldest first."""
    facts = core.facts
    orders = list(facts.orders.values())
    return {
        "now": stamp(core.now()),
        "holds": [_hold(core, order) for order in orders if order.held],
        "orders": [_order(core, order) for order in orders],
        "charges": [_charge(core, charge) for charge in facts.charges.values()],
        "refunds": [_refund(core, refund) for refund in facts.refunds],
        "cancellations": [_cancellation(core, found) for found in facts.cancellations.values()],
        "changes": [_change(core, change) for change in facts.changes.values()],
        "airline_changes": [_airline_change(core, change) for change in facts.airline_changes.values()],
        "documents": [document for order in orders for document in _documents(order)],
    }


def _about(order: Order) -> Json:
    return {"order_id": order.id, "booking_reference": order.booking_reference, "metadata": order.metadata}


def _price(core: Core, order: Order) -> Json:
    total = booking.full_price(core, order).total
    return {"amount": str(total.amount), "currency": total.currency}


def _hold(core: Core, order: Order) -> Json:
    times = {"held_at": stamp(order.created_at), "payment_required_by": maybe_stamp(order.pay_by)}
    return _about(order) | _price(core, order) | times | {"state": order.state}


def _order(core: Core, order: Order) -> Json:
    return (
        _about(order)
        | _price(core, order)
        | {
            "type": "hold" if order.held else "instant",
            "state": order.state,
            "offer_id": order.offer.id,
            "airline": order.offer.airline,
            "flights": [flight.key for flight in order.flights],
            "passengers": len(order.passengers),
            "services": [_extra(extra) for extra in order.extras],
            "created_at": stamp(order.created_at),
            "paid_at": maybe_stamp(order.paid_at),
            "cancelled_at": maybe_stamp(order.cancelled_at),
        }
    )


def _extra(extra: Extra) -> Json:
    about = {"id": extra.id, "type": extra.type, "passenger_id": extra.passenger_id, "quantity": extra.quantity}
    what = extra.metadata.get("designator") or extra.metadata["type"]
    price = {"amount": str(extra.price.amount), "currency": extra.price.currency}
    return about | {"flights": list(extra.flights), "what": what} | price


def _charge(core: Core, charge: Charge) -> Json:
    money = {"amount": str(charge.amount.amount), "currency": charge.amount.currency}
    made = {
        "id": charge.id,
        "type": charge.type,
        "change_id": charge.change_id,
        "at": stamp(charge.at),
        "state": "succeeded",
    }
    return made | money | _about(core.facts.orders[charge.order_id])


def _refund(core: Core, refund: Refund) -> Json:
    money = {"amount": str(refund.amount.amount), "currency": refund.amount.currency}
    made = {
        "id": refund.id,
        "cancellation_id": refund.cancellation_id,
        "change_id": refund.change_id,
        "to": refund.to,
        "at": stamp(refund.at),
    }
    return made | money | _about(core.facts.orders[refund.order_id])


def _cancellation(core: Core, found: Cancellation) -> Json:
    quote = {
        "id": found.id,
        "refund_amount": str(found.refund.amount),
        "currency": found.refund.currency,
        "refund_to": found.to,
        "told": found.told,
        "created_at": stamp(found.created_at),
        "confirmed_at": maybe_stamp(found.confirmed_at),
        "state": "confirmed" if found.confirmed_at else "quoted",
    }
    return quote | _about(core.facts.orders[found.order_id])


def _change(core: Core, change: OrderChange) -> Json:
    offer = change.offer
    made = {
        "id": change.id,
        "amount": str(offer.balance.amount),
        "penalty": str(offer.penalty.amount),
        "currency": offer.balance.currency,
        "removed": [flight.key for piece in offer.removed for flight in piece.journey],
        "added": [flight.key for piece in offer.added for flight in piece.journey],
        "created_at": stamp(change.created_at),
        "confirmed_at": maybe_stamp(change.confirmed_at),
        "state": "confirmed" if change.confirmed_at else "pending",
    }
    return made | _about(core.facts.orders[change.order_id])


def _airline_change(core: Core, change: AirlineChange) -> Json:
    made = {
        "id": change.id,
        "kind": "moved" if change.after else "cancelled",
        "removed": _times(change.before),
        "added": _times(change.after) if change.after else [],
        "created_at": stamp(change.created_at),
        "action_taken": change.action_taken,
    }
    return made | _about(core.facts.orders[change.order_id])


def _times(piece: BookedSlice) -> list[Json]:
    return [{"flight": flight.key, "departing_at": local_stamp(flight.departs)} for flight in piece.journey]


def _documents(order: Order) -> Iterator[Json]:
    for document in order.documents:
        made = {"number": document.number, "passenger_id": document.passenger_id, "state": document.state}
        since = {"issued_at": stamp(document.issued_at), "replaces": document.replaces}
        yield made | since | _about(order)


def fingerprint(core: Core) -> str:
    """A hash of the facts without ids, counters and times: equal for worlds that nobody could tell apart."""
    facts = core.facts
    waiting = sorted(f"{later.what}/{later.about.get('endpoint')}" for later in facts.schedule)
    messages = sorted(f"{item.event['type']}/{item.done}" for item in facts.deliveries.values())
    sold = sorted(f"{flight}:{seats}" for flight, seats in facts.sold.items() if seats)
    orders = sorted(encode(_traits(core, order)).decode() for order in facts.orders.values())
    return sha256(encode({"o": orders, "s": sold, "w": waiting, "m": messages, "f": facts.faults.marks()})).hexdigest()


def _traits(core: Core, order: Order) -> Json:
    facts = core.facts
    return {
        "flights": [flight.key for flight in order.flights],
        "brands": [f"{piece.offer.search.cabin}/{piece.offer.brand.name}" for piece in order.slices],
        "metadata": dict(sorted(order.metadata.items())),
        "state": order.state,
        "held": order.held,
        "price": str((order.agreed.total, order.factor)),
        "extras": sorted(f"{extra.mark}:{extra.quantity}" for extra in order.extras),
        "documents": sorted(document.state for document in order.documents),
        "charges": [str(charge.amount) for charge in facts.charges.values() if charge.order_id == order.id],
        "refunds": [str(refund.amount) for refund in facts.refunds if refund.order_id == order.id],
        "cancellations": [
            f"{found.refund}/{found.to}/{found.told}/{found.confirmed_at is not None}"
            for found in facts.cancellations.values()
            if found.order_id == order.id
        ],
        "quoted": core.now() >= facts.quoted_from.get(order.id, core.now()),
        "changes": [
            f"{change.offer.balance}/{change.confirmed_at is not None}"
            for change in facts.changes.values()
            if change.order_id == order.id
        ],
        "airline_changes": [
            f"{change.action_taken}/{_times(change.after) if change.after else None}"
            for change in facts.airline_changes.values()
            if change.order_id == order.id
        ],
    }
