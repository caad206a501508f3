"""Tickets: one valid one for each passenger and journey, and the same that the carrier has."""

from collections import Counter, defaultdict
from collections.abc import Iterator

from app.domain.booking import ItemState, TicketStatus
from tests.booking.judging.books import Books


def complaints(read: Books) -> Iterator[str]:
    yield from _issued(read)
    yield from _valid(read)
    yield from _linked(read)


def _issued(read: Books) -> Iterator[str]:
    passengers = {order["order_id"]: order["passengers"] for order in read.world["orders"]}
    issued = Counter(document["order_id"] for document in read.world["documents"] if document["state"] != "exchanged")
    yield from (f"{count} tickets for {order}" for order, count in issued.items() if count > passengers[order])


def _valid(read: Books) -> Iterator[str]:
    """What is valid with us is valid at the carrier, and the other way; each traveller has one at most."""
    live: dict[str | None, set[str]] = defaultdict(set)
    for document in read.world["documents"]:
        if document["state"] == "issued":
            live[document["order_id"]].add(document["number"])
    for item in read.items:
        if item.booking_id in read.unsettled:
            continue
        valid = [ticket for ticket in read.tickets if ticket.item_id == item.id and ticket.status == TicketStatus.VALID]
        theirs = live[item.order_ref] if item.state != ItemState.EXCHANGED else set()
        # Those that came after our last look are still to be followed.
        late = item.ticketing == "PENDING" and not valid
        if {ticket.number for ticket in valid} != theirs and not late:
            yield f"item {item.id} ({item.state}) has valid tickets {[t.number for t in valid]}, not {theirs}"
        doubled = Counter(ticket.traveller_id for ticket in valid)
        yield from (f"{count} valid tickets of {who} for {item.id}" for who, count in doubled.items() if count > 1)
        if item.state == ItemState.TICKETED and set(doubled) != set(item.passengers):
            yield f"item {item.id} is TICKETED for {set(doubled)}, not {set(item.passengers)}"


def _linked(read: Books) -> Iterator[str]:
    """A ticket that took another's place names the one that the carrier says it did."""
    replaced = {document["number"]: document["replaces"] for document in read.world["documents"]}
    number_of = {ticket.id: ticket.number for ticket in read.tickets}
    before = {item.id: item.replaces for item in read.items}
    # Exchanged while its tickets were awaited: those that came unseen are not among ours.
    unseen = {item.id for item in read.items if item.ticketing == "PENDING"} - {t.item_id for t in read.tickets}
    for ticket in read.tickets:
        ours = number_of.get(ticket.replaces or "")
        # Whoever was held anew, or got its first ticket with the exchange, replaced none.
        expected = replaced.get(ticket.number) if before[ticket.item_id] else None
        if ours != expected and not (ours is None and before[ticket.item_id] in unseen):
            yield f"ticket {ticket.number} replaces {ours}, and at the carrier {expected}"
