"""What tells two moments apart that is more than time and counters: asked at every commit, so it is one statement."""

import json
from functools import reduce
from hashlib import sha256
from typing import Any

import sqlalchemy
from sqlalchemy import Text, bindparam, case, cast, false, func, literal
from sqlmodel import Session

from app.store.aftersales_tables import CarrierChangeRow, QuoteRow
from app.store.tables import (
    BookingRow,
    EntryRow,
    EventRow,
    InboxRow,
    ItemRow,
    OperationRow,
    PaymentRow,
    StepRow,
    TicketRow,
)
from app.store.types import Instant
from tests.booking.house import House

_TRUTHS = ("orders", "charges", "refunds", "changes", "documents", "airline_changes")
_BANKS_OWN = {"id", "created_at", "expires_at", "authorised_until"}
_COLUMNS: dict[Any, str] = {
    BookingRow: "state total_minor kept_minor version",
    ItemRow: "position state ticketing inventory_held kept_minor replaces refund_terms request_checks stuck",
    OperationRow: "key verb state refusal",
    StepRow: "key state answer",
    PaymentRow: "status amount_minor refunded_minor declined attempts",
    EntryRow: "posting account amount_minor currency",
    EventRow: "operation_id kind item_id",
    TicketRow: "status replaces",
    QuoteRow: "kind state version checks",
    CarrierChangeRow: "ref state",
    # What was heard of a charge is a hint to look at it, and every charge is looked at.
    InboxRow: "key",
}
# What these were waiting for decides nothing any more.
_OVER = ("SETTLED", "CAPTURED", "VOIDED", "EXPIRED", "FAILED", "USED", "REFUSED")
_LIMITS = {
    "pay_by",
    "quiet_at",
    "check_tickets_at",
    "check_order_at",
    "check_request_at",
    "answer_by",
    "balance_due_at",
    "balance_warned_at",
    "check_at",
    "expires_at",
    "deadline",
}
_NOW = bindparam("now", type_=Instant())


def _one_line(table: Any) -> Any:
    """A row of the table as one text."""
    columns = table.__table__.columns
    known = [_text(columns[name]) for name in _COLUMNS[table].split()]
    passed = [
        case((columns[name].is_(None), ""), (columns[name] <= _NOW, "-"), else_="+")
        for name in sorted(_LIMITS)
        if name in columns
    ]
    state = columns.get("state", columns.get("status"))
    over = state.in_(_OVER) if state is not None else false()
    return sqlalchemy.select(
        _joined(literal(table.__tablename__), *known, case((over, ""), else_=_joined(literal(""), *passed)))
    )


def _joined(*texts: Any) -> Any:
    # SQLite before 3.44 knows no CONCAT_WS.
    return reduce(lambda line, text: line.op("||")("|").op("||")(text), texts)


def _text(column: Any) -> Any:
    # Answers hold times and the carrier's ids: only a refusal's code matters.
    told = column.op("->>")("code") if column.name == "answer" else cast(column, Text)
    return func.coalesce(told, "")


_ROWS = sqlalchemy.union_all(*map(_one_line, _COLUMNS))


async def fingerprint(house: House) -> str:
    """Equal for moments from which everything goes on alike."""
    now = house.clock.now()

    def rows(session: Session) -> list[str]:
        return sorted(session.connection().scalars(_ROWS, {"now": now}))

    facts = await house.store.read(rows)
    return sha256(json.dumps([facts, _world(house), _tours(house), _bank(house)]).encode()).hexdigest()


def _world(house: House) -> list[Any]:
    """The world's truth without ids, times and the quotes for cancelling that nobody confirmed."""
    ledger = house.world.ledger()
    found = [sorted(_traits(entry) for entry in ledger[name]) for name in _TRUTHS]
    waiting = sorted(str(later.about.get("endpoint", later.what)) for later in house.world._core.facts.schedule)
    return [*found, waiting, house.world.faults.marks()]


def _tours(house: House) -> list[Any]:
    """The operator's truth, and what is to happen there."""
    facts = house.tours._core.facts
    # A hold that is kept longer is looked at once more for its end, which changes nothing.
    waiting = sorted({f"{later.what}/{later.about}" for later in facts.schedule})
    return [house.tours.fingerprint(), waiting, facts.faults.marks()]


def _bank(house: House) -> list[Any]:
    """The provider's truth without ids and times. Callbacks under way are left out: each run delivers them anyway."""
    told = [{name: each[name] for name in each.keys() - _BANKS_OWN} for each in house.bank.ledger()["charges"]]
    facts = house.bank._core.facts
    waiting = sorted(str(later.about.get("endpoint", "")) for later in facts.schedule)
    return [sorted(json.dumps(each, sort_keys=True) for each in told), waiting, facts.faults.marks()]


def _traits(entry: dict[str, Any]) -> str:
    return f"{entry['metadata']} {entry.get('state', '')} {entry.get('amount')} {entry.get('action_taken')}"
