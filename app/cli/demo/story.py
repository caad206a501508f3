"""The demo's story: search, reserve, pay, ticket, and what the gateway does when things go wrong.

Every sentence that is printed was checked first, against the carrier's and the payment provider's own ledgers wherever
they can know.
"""

from collections.abc import Awaitable, Callable
from pathlib import Path

from app.cli.demo import story_accounts as accounts
from app.cli.demo import story_aftersales as aftersales
from app.cli.demo import story_flights as flights
from app.cli.demo import story_payments as payments
from app.cli.demo import story_tours as tours
from app.cli.demo.stage import Stage, sure
from app.cli.demo.telling import say

# What the story pays for and keeps: two travel to New York, and one each to Paris, to Rome three times.
_PAID_ORDERS, _TICKETS = 5, 6
_BY_CARD = 2


async def tell(stage: Stage, keep: Path) -> None:
    """The whole story, in order; tickets and pictures are kept in the folder."""
    for number, (title, chapter) in enumerate(_chapters(stage, keep), start=1):
        print(f"\n{number}. {title}")
        await chapter()


def _chapters(stage: Stage, keep: Path) -> list[tuple[str, Callable[[], Awaitable[None]]]]:
    return [
        ("Find the places, typos and all", lambda: flights.places(stage)),
        ("Search, reserve, pay on account, and get the tickets", lambda: flights.journey(stage, keep)),
        ("Pay by card in the provider's form", lambda: payments.by_card(stage, keep)),
        ("Two forms are paid for one booking", lambda: payments.paid_twice(stage)),
        ("The carrier makes the order, and its answer is lost", lambda: flights.lost_answer(stage)),
        ("Tickets come hours after the confirmation", lambda: flights.late_tickets(stage, keep)),
        ("The price moves between search and reserve", lambda: flights.price_moves(stage)),
        ("Nobody pays in time", lambda: flights.expiry(stage)),
        ("Plans change: an exchange, a refund, and the rest", lambda: aftersales.change_of_plans(stage, keep)),
        ("A tour, compared in two regions and booked with a deposit", lambda: tours.with_deposit(stage, keep)),
        ("The same departures, seen by a partner and by who runs the gateway", lambda: tours.seen_by_two(stage)),
        ("Two departures are asked for: one accepted, one refused", lambda: tours.on_request(stage)),
        ("A billing cycle is closed", lambda: accounts.close_a_cycle(stage, keep)),
        ("The ledgers of carrier and payment provider agree with ours", lambda: _agree(stage)),
    ]


async def _agree(stage: Stage) -> None:
    ledger = await stage.ledger()
    paid = [order for order in ledger["orders"] if order["state"] == "paid"]
    charged = sorted(charge["order_id"] for charge in ledger["charges"] if charge["state"] == "succeeded")
    standing = sorted(order["order_id"] for order in paid)
    sure([order for order in charged if order in standing] == standing, "the paid orders are charged once each")
    sure(len(paid) == _PAID_ORDERS, "everything that was paid for and not refunded stands")
    valid = [document for document in ledger["documents"] if document["state"] == "issued"]
    sure(len(valid) == _TICKETS, "every traveller has one ticket")
    sure(
        not [order for order in ledger["orders"] if order["state"] not in {"paid", "cancelled", "expired"}],
        "no orphans",
    )
    counts = f"{len(ledger['orders'])} orders, {len(paid)} paid and each charged once, {_TICKETS} tickets"
    say(f"The airline's ledger has {counts}, and no orphan.")
    cards = await stage.charges()
    captured = [charge["reference"] for charge in cards if charge["net_minor"]]
    sure(len(captured) == len(set(captured)) == _BY_CARD, "each booking paid by card is charged once")
    sure(not [charge for charge in cards if charge["authorised_minor"]], "nothing is reserved on a card")
    say(f"The payment provider's has {len(cards)} charges for {_BY_CARD} bookings, {_BY_CARD} captured, none reserved.")
