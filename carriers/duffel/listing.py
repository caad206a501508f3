"""The account's orders, page by page: Duffel's lists have no filter by metadata or time, and the newest come first."""

import logging
from collections.abc import AsyncGenerator
from datetime import datetime

from app.wire.facts import Incomplete, Json
from carriers.contract import ListedOrder
from carriers.duffel import hear
from carriers.duffel.calls import Calls

log = logging.getLogger(__name__)

_PAGE = "200"


async def made_since(calls: Calls, since: datetime) -> AsyncGenerator[Json, None]:
    """Every order made at or after `since` by Duffel's clock, newest first. Declined, Trouble or Incomplete."""
    after: str | None = None
    while True:
        cursor = {"after": after} if after else {}
        orders, after = hear.page(await calls.get("/air/orders", {"limit": _PAGE} | cursor))
        for data in orders:
            if hear.created_at(data) < since:
                return
            yield data
        if after is None:
            return


def listed(data: Json) -> ListedOrder | None:
    """An order of the list, with our own reference on it; None where it cannot be read, which must hide no other."""
    try:
        return ListedOrder(order=hear.order(data), key=hear.key_of(data), created_at=hear.created_at(data))
    except Incomplete as error:
        log.warning("an order is left out of the list: %s", error)
        return None
