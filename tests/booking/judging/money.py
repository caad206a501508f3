"""Money: taken for what is sold, given back once, and every amount in the ledger at its place."""

from collections import Counter, defaultdict
from collections.abc import Iterator

from app.domain import codec
from app.domain.booking import BookingState, ItemState, PaymentState
from app.domain.events import EventKind
from app.domain.itinerary import Price
from app.domain.money import Money
from app.store.tables import ItemRow, PaymentStatus
from tests.booking.judging.books import PAID, Books, money, price_of
from tests.booking.judging.departures import BY_OPERATOR, reason

_PAYMENTS = {"PAYMENT", "EXCHANGE_PAYMENT", "REFUND"}
_SOURCES = (("ON_ACCOUNT", "PARTNER"), ("CARD", "PROVIDER"))
# What the provider says of a charge, for each thing we say of its payment.
_CHARGED = {
    "PENDING": {"open", "authorised", "closed"},
    "AUTHORISED": {"authorised"},
    "CAPTURED": {"captured"},
    "VOIDED": {"closed"},
    "EXPIRED": {"closed"},
    "FAILED": {"closed"},
}


def complaints(read: Books) -> Iterator[str]:
    yield from _balance(read)
    yield from _payments(read)
    yield from _charged(read)
    yield from _shown(read)
    yield from _told(read)
    yield from _sold(read)
    yield from _kept(read)
    yield from _forfeited(read)
    yield from _quoted(read)


def _balance(read: Books) -> Iterator[str]:
    sums: dict[tuple[str, str], int] = defaultdict(int)
    currencies: dict[str, int] = defaultdict(int)
    for entry in read.entries:
        sums[entry.posting, entry.currency] += entry.amount_minor
        currencies[entry.currency] += entry.amount_minor
    yield from (f"posting {key} is off by {off}" for key, off in sums.items() if off)
    yield from (f"the ledger in {currency} is off by {off}" for currency, off in currencies.items() if off)
    repeated = Counter((e.posting, e.account, e.party, e.currency, e.amount_minor > 0) for e in read.entries)
    yield from (f"{line} was posted {count} times" for line, count in repeated.items() if count > 1)


def _payments(read: Books) -> Iterator[str]:
    """What was taken is for what was sold, at most once, and the ledger has it at the right source."""
    for booking, _ in read.settled_bookings():
        mine = [payment for payment in read.payments if payment.booking_id == booking.id]
        captured = [payment for payment in mine if payment.status == PaymentStatus.CAPTURED]
        taken = sum(payment.amount_minor - payment.refunded_minor for payment in captured)
        due, owed = read.due(booking), read.owed_back(booking)
        # Less is taken only on a deposit, or where a provider would not let us take what it had authorised.
        part = booking.deposit_minor is not None or any(p.status == PaymentStatus.FAILED and p.charge for p in mine)
        if taken > due + owed or (taken < due + owed and not (part and not owed)):
            yield f"booking {booking.id} ({booking.state}) was paid {taken} of {due}, and {owed} is owed back"
        for method, account in _SOURCES:
            by_method = sum(p.amount_minor - p.refunded_minor for p in captured if p.method == method)
            booked = sum(
                entry.amount_minor
                for entry in read.entries
                if entry.booking_id == booking.id and entry.account == account and entry.kind in _PAYMENTS
            )
            if booked != by_method:
                yield f"booking {booking.id} has {booked} in {account}, and payments of {by_method} {method}"


def _charged(read: Books) -> Iterator[str]:
    """At the payment provider: one charge for each payment, and no booking charged for more than it is."""
    keys = Counter(charge["payment"] for charge in read.bank["charges"])
    yield from (f"{count} charges for payment {payment}" for payment, count in keys.items() if count > 1)
    charge_of = {charge["payment"]: charge for charge in read.bank["charges"]}
    net: dict[str, int] = defaultdict(int)
    for payment in read.payments:
        charge = charge_of.get(payment.id)
        if payment.method != "CARD" or charge is None:
            continue
        net[payment.booking_id] += charge["net_minor"]
        again = Counter(refund["key"] for refund in charge["refunds"])
        yield from (f"{count} refunds of {payment.id} under {key}" for key, count in again.items() if count > 1)
        if payment.booking_id in read.busy:
            continue
        taken = payment.amount_minor - payment.refunded_minor if payment.status == PaymentStatus.CAPTURED else 0
        # Nobody has the form of a charge that came into being after we had given it up.
        unknown = {"open"} if payment.charge is None else set()
        if charge["state"] not in _CHARGED[payment.status] | unknown or charge["net_minor"] != taken:
            yield f"payment {payment.id} is {payment.status} of {taken}, and the provider says {charge}"
    for booking in read.bookings:
        most = read.due(booking) + read.owed_back(booking)
        if booking.id not in read.busy and net[booking.id] > most:
            yield f"booking {booking.id} ({booking.state}) was charged {net[booking.id]} of {most}"


def _shown(read: Books) -> Iterator[str]:
    """Whoever is still owed money sees that, and never that it was refunded; nor does anybody wait for nothing."""
    for booking, items in read.settled_bookings():
        owed, state = read.owed_back(booking), read.shown[booking.id]
        if owed and (state != PaymentState.REFUND_DUE or booking.state == BookingState.REFUNDED):
            yield f"booking {booking.id} is {booking.state}, {state}, and {owed} is owed back"
        if not owed and state == PaymentState.REFUND_DUE:
            yield f"booking {booking.id} is {state}, and nothing is owed back"
        waiting = [item for item in items if item.state == ItemState.CANCELLED and item.refund_terms]
        forgotten = [item.id for item in waiting if item.check_order_at is None]
        if forgotten and not owed:
            yield f"items {forgotten} were refunded, and nobody will ever say so"


def _told(read: Books) -> Iterator[str]:
    """An item was called refunded only once what it gives back had been given back."""
    part = {booking.id for booking in read.bookings if booking.deposit_minor is not None}
    part |= {payment.booking_id for payment in read.payments if payment.status == PaymentStatus.FAILED}
    returned: dict[str, int] = defaultdict(int)
    promised: dict[str, int] = defaultdict(int)
    for event in read.told:
        if event.kind == EventKind.PAYMENT_REFUNDED:
            returned[event.booking_id] += money(event.facts["amount"]).minor
        elif event.kind == EventKind.ITEM_REFUNDED:
            promised[event.booking_id] += money(event.facts["back"]).minor
        if promised[event.booking_id] > returned[event.booking_id] and event.booking_id not in part:
            yield f"item {event.item_id} was called refunded with {returned[event.booking_id]} given back"


def _sold(read: Books) -> Iterator[str]:
    """Each item is in the ledger with what it costs its customer by now; what was exchanged, with nothing."""
    sold: dict[str | None, int] = defaultdict(int)
    for entry in read.entries:
        if entry.account == "BOOKING" and entry.kind not in _PAYMENTS:
            sold[entry.item_id] += entry.amount_minor
    for _, items in read.settled_bookings():
        for item in items:
            if sold[item.id] != _costs(item):
                yield f"item {item.id} ({item.state}) is sold for {sold[item.id]}, and costs {_costs(item)}"


def _costs(item: ItemRow) -> int:
    return price_of(item).total.minor if item.state in PAID else item.kept_minor


def _kept(read: Books) -> Iterator[str]:
    """What is kept of a refunded item is its price, less the money the carrier gave back and fees that are given.

    Where that is more than was paid of it, what was paid is kept, and no more.
    """
    for _, items in read.settled_bookings():
        for item in items:
            if item.state != ItemState.REFUNDED:
                continue
            expected = min(price_of(item).total.minor - _given(read, item), _paid(read, item))
            # A carrier's amount is rounded once as it is converted.
            if abs(item.kept_minor - expected) > (price_of(item).rate is not None):
                yield f"item {item.id} is REFUNDED, keeps {item.kept_minor}, and should {expected}"


def _forfeited(read: Books) -> Iterator[str]:
    """Nothing is kept of what the operator keeps nothing of: it had ended or changed that by itself."""
    free = {found["order_id"] for found in read.world["cancellations"] if found.get("free")}
    for _, items in read.settled_bookings():
        for item in items:
            if item.state == ItemState.CANCELLED and item.order_ref in free and item.kept_minor:
                yield f"item {item.id} keeps {item.kept_minor}, and the operator nothing"


def _paid(read: Books, item: ItemRow) -> int:
    """What was paid of a refunded item, as the quote said that was confirmed."""
    parts = (part for quote in read.quotes_used("REFUND") for part in quote.facts["parts"])
    paid = (money(part["paid"]).minor for part in parts if part["terms"] == item.refund_terms)
    return next(paid, price_of(item).total.minor)


def _given(read: Books, item: ItemRow) -> int:
    price = price_of(item)
    terms = item.refund_terms or ""
    mine = {terms, reason(terms), BY_OPERATOR}
    refunds = [found for found in read.refunds(item.order_ref or "") if found["cancellation_id"] in mine]
    back = [Money.of(found["amount"], found["currency"]) for found in refunds]
    if price.rate is not None:
        back = [amount.converted(price.rate.rate, price.currency) for amount in back]
    fees = sum(fee.amount.minor for fee in price.fees if fee.refundable)
    return min(sum(amount.minor for amount in back), price.carrier_part.minor) + fees


def _quoted(read: Books) -> Iterator[str]:
    """What a client confirmed is what it got: the price after an exchange, what is kept of a refund."""
    items = {item.id: item for item in read.items}
    after = {item.replaces: item for item in read.items if item.state != ItemState.REJECTED and item.replaces}
    for quote in read.quotes_used("EXCHANGE"):
        new = after.get(quote.facts["item"])
        if items[quote.facts["item"]].state == ItemState.EXCHANGED and new is not None and quote.facts["offer"]:
            said, became = codec.load(Price, quote.facts["price"]).total.minor, price_of(new).total.minor
            # What was added to it since was another quote's.
            became -= sum(money(event.facts["price"]).minor for event in read.added if event.item_id == new.id)
            if said != became:
                yield f"quote {quote.id} said {said}, and the item became {became}"
    for quote in read.quotes_used("REFUND"):
        for part in quote.facts["parts"]:
            item = items[part["item"]]
            mine = item.refund_terms is not None and item.refund_terms == part["terms"]
            if mine and part["back"] and part["form"] == "MONEY" and item.state == ItemState.REFUNDED:
                kept = money(part["paid"]).minor - money(part["back"]).minor
                if kept != item.kept_minor:
                    yield f"quote {quote.id} said that {kept} is kept, and {item.kept_minor} is"


def unquiet(read: Books) -> Iterator[str]:
    """Once all is quiet, no money waits for nobody."""
    stuck = {row.booking_id for row in read.operations if row.state == "STUCK"}
    held = {row.id for row in read.bookings if row.state == "HELD"}
    for payment in read.payments:
        # A part payment waits for the rest as long as its booking is held.
        waits = payment.booking_id in held and payment.quote_id is None
        if payment.status == PaymentStatus.AUTHORISED and payment.booking_id not in stuck and not waits:
            yield f"payment {payment.id} still reserves money"
        if payment.status == PaymentStatus.PENDING and payment.check_at is None and payment.booking_id not in stuck:
            yield f"nobody looks at the form of payment {payment.id} any more"
