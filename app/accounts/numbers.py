"""Statements' numbers: one series for each kind of account and year, without gaps."""

from collections.abc import Mapping
from typing import Final

from sqlmodel import Session, col, func, select

from app.store.account_tables import AccountHolder, StatementRow

_SERIES: Final[Mapping[AccountHolder, str]] = {AccountHolder.PARTNER: "FG", AccountHolder.CARRIER: "FC"}
_DIGITS: Final = 6


def next_number(session: Session, holder: AccountHolder, year: int) -> str:
    """The number after the year's last, such as FG-2026-000042.

    Two that are issued at once get the same; the column is unique, so one of them is issued again with the next.
    """
    begins = f"{_SERIES[holder]}-{year}-"
    query = (
        select(StatementRow.number)
        .where(col(StatementRow.number).startswith(begins))
        .order_by(func.length(StatementRow.number).desc(), col(StatementRow.number).desc())
        .limit(1)
    )
    last = session.exec(query).first()
    return f"{begins}{int(last.removeprefix(begins)) + 1 if last else 1:0{_DIGITS}}"
