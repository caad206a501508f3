"""Judges the gateway by the world's own ledger: nothing doubled, nothing orphaned, every amount accounted for."""

from collections.abc import Iterator

from tests.booking.judging import accounts, changes, money, orders, services, tickets
from tests.booking.judging.books import Books, Judged, books


async def complaints(house: Judged, *, quiet: bool = True) -> list[str]:
    """Every broken promise, in words. While not quiet, an open operation may still owe an explanation."""
    read = await books(house)
    found = [
        *orders.complaints(read),
        *tickets.complaints(read),
        *changes.complaints(read),
        *services.complaints(read),
        *money.complaints(read),
        *accounts.complaints(read),
    ]
    return [*found, *_unquiet(read)] if quiet else found


async def judge(house: Judged) -> None:
    """Fail when a promise is broken, now that nothing is under way."""
    found = await complaints(house)
    assert found == [], "\n".join(found)


def _unquiet(read: Books) -> Iterator[str]:
    yield from (f"operation {row.id} ({row.verb}) is open" for row in read.operations if row.state == "OPEN")
    yield from money.unquiet(read)
    yield from accounts.unquiet(read)
