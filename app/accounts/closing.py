"""Closing accounts: once a cycle has ended, what it moved and nobody billed yet becomes a statement.

A statement bills an entry exactly once and never again; nothing is carried over, open amounts stay on their own
statement. A cycle without entries has no statement. What was written late, after its cycle was closed, is billed with
the next.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from sqlalchemy import ColumnElement, func, select, update
from sqlmodel import Session, col

from app.accounts.cycle import Period, cycle, local_day
from app.accounts.lines import billed, fees, lines
from app.accounts.numbers import next_number
from app.domain.clock import Clock
from app.domain.ids import Ids
from app.domain.partner import Billing
from app.journal.run import Claim
from app.store.account_tables import AccountHolder, StatementRow, StatementState
from app.store.engine import Store
from app.store.partners import partner_of
from app.store.tables import EntryRow, PartnerRow

log = logging.getLogger(__name__)

_HOLDERS: Final = [holder.value for holder in AccountHolder]


@dataclass(frozen=True, kw_only=True, slots=True)
class OpenAccount:
    """An account with entries that no statement bills, the earliest at `since`, after all closed `closed_until`."""

    holder: AccountHolder
    party: str
    currency: str
    since: datetime
    closed_until: datetime | None

    def next_period(self, billing: Billing) -> Period:
        """The cycle to close; where other terms were agreed meanwhile, from the end of the last one on."""
        last = self.closed_until or self.since
        whole = cycle(billing, max(self.since, last))
        return Period(max(whole.begins_at, self.closed_until or whole.begins_at), whole.ends_at)


@dataclass(frozen=True, kw_only=True)
class Closing:
    """Closes what is due; `carriers` are the terms agreed with carriers, by code, where they are not the usual ones."""

    store: Store
    clock: Clock
    ids: Ids
    carriers: Mapping[str, Billing] = field(default_factory=dict)

    async def close_due(self) -> Sequence[Claim]:
        """Close every cycle that has ended, also when several have since we last looked; opens no operation."""
        for account in await self.store.read(self._due):
            await self._catch_up(account)
        return ()

    async def _catch_up(self, account: OpenAccount) -> None:
        """Close every ended cycle of the account; one that cannot be closed must not keep others open."""
        try:
            while await self.store.write(partial(self._close, account)):
                pass
        except Exception:
            log.exception("the account of %s in %s could not be closed", account.party, account.currency)

    def _due(self, session: Session) -> list[OpenAccount]:
        now = self.clock.now()
        return [
            account
            for account in _open_accounts(session)
            if account.next_period(self._billing(session, account)).ends_at <= now
        ]

    def _close(self, account: OpenAccount, session: Session) -> bool:
        """Make the account's next statement; False when there is none to make, perhaps since another worker did."""
        if account.holder is AccountHolder.PARTNER:
            session.get_one(PartnerRow, account.party, with_for_update=True)
        left = _open_accounts(session, *_of(account))
        period = left[0].next_period(self._billing(session, account)) if left else None
        if period is None or period.ends_at > self.clock.now():
            return False
        statement = self._issued(session, account, period)
        session.add(statement)
        session.flush()
        _bill(session, account, statement)
        return True

    def _billing(self, session: Session, account: OpenAccount) -> Billing:
        if account.holder is AccountHolder.CARRIER:
            return self.carriers.get(account.party, Billing())
        return partner_of(session.get_one(PartnerRow, account.party)).billing

    def _issued(self, session: Session, account: OpenAccount, period: Period) -> StatementRow:
        now, billing = self.clock.now(), self._billing(session, account)
        return StatementRow(
            id=self.ids.new("st"),
            holder=account.holder,
            party=account.party,
            number=next_number(session, account.holder, now.year),
            currency=account.currency,
            begins_at=period.begins_at,
            ends_at=period.ends_at,
            zone=billing.zone,
            due_on=local_day(now, billing.zone) + timedelta(days=billing.due_days),
            total_minor=0,
            created_at=now,
        )


def _open_accounts(session: Session, *conditions: ColumnElement[bool]) -> list[OpenAccount]:
    """Every account with entries that no statement bills. A holder's book has the holder's name."""
    account = col(EntryRow.account), col(EntryRow.party), col(EntryRow.currency)
    closed_until = (
        select(func.max(col(StatementRow.ends_at)))
        .where(
            col(StatementRow.holder) == col(EntryRow.account),
            col(StatementRow.party) == col(EntryRow.party),
            col(StatementRow.currency) == col(EntryRow.currency),
        )
        .scalar_subquery()
    )
    query = (
        select(*account, func.min(col(EntryRow.at)), closed_until)
        .where(col(EntryRow.account).in_(_HOLDERS), col(EntryRow.statement_id).is_(None), *conditions)
        .group_by(*account)
    )
    return [
        OpenAccount(holder=AccountHolder(holder), party=party, currency=currency, since=since, closed_until=until)
        for holder, party, currency, since, until in session.connection().execute(query)
    ]


def _of(account: OpenAccount) -> tuple[ColumnElement[bool], ...]:
    return (
        col(EntryRow.account) == account.holder,
        col(EntryRow.party) == account.party,
        col(EntryRow.currency) == account.currency,
    )


def _bill(session: Session, account: OpenAccount, statement: StatementRow) -> None:
    """Mark what the statement bills, and write it down in lines, whose sum is the total."""
    unbilled = (*_of(account), col(EntryRow.statement_id).is_(None), col(EntryRow.at) < statement.ends_at)
    session.exec(update(EntryRow).where(*unbilled).values(statement_id=statement.id))
    written = lines(statement, billed(session, statement), fees(session, statement))
    session.add_all(written)
    statement.total_minor = sum(line.amount_minor for line in written)
    statement.state = StatementState.OPEN if statement.total_minor else StatementState.SETTLED
