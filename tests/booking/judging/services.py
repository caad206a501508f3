"""Seats and bags: each order has just those that we say it has, at the price that we sold them for."""

from collections.abc import Iterator
from typing import Any

from app.booking.prices import in_selling_currency
from app.domain import codec
from app.domain.aftersales import BookedService
from app.domain.money import total
from app.store.tables import ItemRow
from tests.booking.judging.books import PAID, Books, price_of


def complaints(read: Books) -> Iterator[str]:
    orders = {order["order_id"]: order for order in read.world["orders"]}
    for item in read.items:
        if item.state in PAID and item.booking_id not in read.unsettled:
            yield from _item(item, orders[item.order_ref or ""])


def _item(item: ItemRow, order: Any) -> Iterator[str]:
    booked = [codec.load(BookedService, service) for service in item.services]
    ours = sorted((service.ref, service.passenger, service.quantity, str(service.price)) for service in booked)
    # What an exchange left behind is paid for, and had no more.
    flown = [found for found in order["services"] if set(found["flights"]) <= set(order["flights"])]
    theirs = sorted(
        (found["id"], found["passenger_id"], found["quantity"], f"{found['amount']} {found['currency']}")
        for found in flown
    )
    if ours != theirs:
        yield f"item {item.id} has the services {ours}, and its order {theirs}"
    price = price_of(item)
    told = total((in_selling_currency(price, service.price) for service in booked), price.currency)
    if len(flown) == len(order["services"]) and told.minor != (price.services.minor if price.services else 0):
        yield f"item {item.id} has services for {told}, and was sold for {price.services}"
