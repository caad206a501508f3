"""Accounts: no key and no credit used twice, statements that add up, and balances that the other side has too."""

from collections import Counter, defaultdict
from collections.abc import Iterator

from app.domain.booking import ItemState
from app.domain.money import Money
from app.store.partners import partner_of
from app.store.tables import OperationState, PaymentStatus
from tests.booking.judging.books import Books, in_minor, money, price_of


def complaints(read: Books) -> Iterator[str]:
    yield from _keys(read)
    yield from _quotes(read)
    yield from _credit(read)
    yield from _statements(read)


def _keys(read: Books) -> Iterator[str]:
    """What a client asked for once, however often it said so, was done once."""
    keys = Counter((row.partner_id, row.key) for row in read.operations)
    yield from (f"{count} operations for the key {key}" for key, count in keys.items() if count > 1)


def _quotes(read: Books) -> Iterator[str]:
    """A quote is confirmed by one operation of its booking, or by none."""
    owner = {row.id: row.booking_id for row in read.operations}
    for quote in read.quotes:
        if (quote.used_by is not None) != (quote.state == "USED"):
            yield f"quote {quote.id} is {quote.state}, used by {quote.used_by}"
        if quote.used_by is not None and owner.get(quote.used_by) != quote.booking_id:
            yield f"quote {quote.id} was used by {quote.used_by}, which is none of its booking's"


def _credit(read: Books) -> Iterator[str]:
    """No partner owes, or has under way, more than was agreed."""
    used: dict[tuple[str, str], int] = defaultdict(int)
    for entry in read.entries:
        if entry.account == "PARTNER":
            used[entry.party, entry.currency] += entry.amount_minor
    for payment in read.payments:
        if payment.status == PaymentStatus.AUTHORISED and payment.method == "ON_ACCOUNT":
            used[payment.partner_id, payment.currency] += payment.amount_minor
    limits = {row.id: partner_of(row).credit for row in read.partners}
    for (partner, currency), minor in used.items():
        if minor > limits[partner].get(currency, Money.zero(currency)).minor:
            yield f"{partner} owes {minor} {currency}, more than its credit"


def _statements(read: Books) -> Iterator[str]:
    """Every statement is the sum of the entries it bills, all of its own account and cycle, and of its lines."""
    for statement in read.statements:
        account = statement.holder, statement.party, statement.currency
        billed = [entry for entry in read.entries if entry.statement_id == statement.id]
        if any((e.account, e.party, e.currency) != account or e.at >= statement.ends_at for e in billed):
            yield f"statement {statement.id} bills what is none of its own"
        sign = -1 if statement.holder == "CARRIER" else 1
        entries = sign * sum(entry.amount_minor for entry in billed)
        lines = sum(line.amount_minor for line in read.lines if line.statement_id == statement.id)
        if not statement.total_minor == entries == lines:
            yield f"statement {statement.id} is {statement.total_minor}, its entries {entries}, its lines {lines}"


def unquiet(read: Books) -> Iterator[str]:
    """Once nothing is under way, carriers and providers say of the balances with them what we do."""
    if any(row.state == OperationState.STUCK for row in read.operations):
        return
    charged, ours = _by_order(read)
    for order in charged.keys() | ours.keys():
        if charged[order] != ours[order] and order[0] not in read.given_up:
            yield f"the carrier took {charged[order]} for order {order}, and we say {ours[order]}"
    taken: dict[str, int] = defaultdict(int)
    for charge in read.bank["charges"]:
        taken[charge["currency"]] += charge["net_minor"]
    booked: dict[str, int] = defaultdict(int)
    for entry in read.entries:
        if entry.account == "PROVIDER":
            booked[entry.currency] += entry.amount_minor
    for currency in taken.keys() | booked.keys():
        if taken[currency] != booked[currency]:
            yield f"the provider took {taken[currency]} {currency}, and we say {booked[currency]}"


def _by_order(read: Books) -> tuple[dict[tuple[str, str], int], dict[tuple[str, str], int]]:
    """What each order has cost less what was given back as money, by the carrier and by us, in each currency.

    After a deposit the carrier asks for no more than was paid; where the rest was not paid, for the deposit at least.
    """
    theirs: dict[tuple[str, str], int] = defaultdict(int)
    for charge in read.world["charges"]:
        theirs[charge["order_id"], charge["currency"]] += in_minor(charge)
    for order in read.world["orders"]:
        for refund in read.refunds(order["order_id"]):
            theirs[order["order_id"], refund["currency"]] -= in_minor(refund)
    for item in read.items:
        # What was never sold, the carrier keeps what it keeps of.
        ended = item.state in {ItemState.REFUNDED, ItemState.CANCELLED} and item.confirmed_at is not None
        if ended and read.on_deposit(item):
            key = item.order_ref or "", price_of(item).carrier_total.currency
            least = money(item.offer["deposit"]).minor if item.refund_terms is None else 0
            theirs[key] = min(max(theirs[key], least), item.kept_minor)
    order_of = {item.id: item.order_ref or item.id for item in read.items}
    ours: dict[tuple[str, str], int] = defaultdict(int)
    for entry in read.entries:
        if entry.account == "CARRIER" and entry.item_id is not None:
            ours[order_of[entry.item_id], entry.currency] -= entry.amount_minor
    return theirs, ours
