"""Accounts with closed cycles, as their holders and operators see them."""

from dataclasses import dataclass, replace
from datetime import timedelta

from sqlmodel import select

from app.domain.partner import Scope
from app.store.account_tables import StatementRow
from tests.booking.house import PARTNER
from tests.schema.gateway import Gateway, operation

MONTH = timedelta(days=31)
STATEMENT = operation("statement")
STATEMENTS = operation("statements")
CARRIER_STATEMENTS = operation("carrier_statements")
RECORD = operation("record_statement_payment")
CREDIT = operation("issue_credit_note")
DISPUTE = operation("open_dispute")
RESOLVE = operation("resolve_dispute")


def pounds(amount):
    return {"amount": amount, "currency": "GBP"}


@dataclass
class Accounts:
    """One gateway: `gateway` asks as the partner does, `operator` with everything allowed."""

    gateway: Gateway

    @property
    def operator(self):
        return replace(self.gateway, scopes=frozenset(Scope), keys=10_000)

    async def closed(self, sales=1):
        """The partner's only statement: of a cycle with so many sales, over now."""
        for number in range(sales):
            await self.gateway.ticketed(partnerReference=f"trip {number + 1}")
        await self.gateway.house.later(MONTH)
        (row,) = await self.rows()
        return row

    async def rows(self, holder="PARTNER"):
        return await self.gateway.house.rows(select(StatementRow).where(StatementRow.holder == holder))

    async def shown(self, statement_id, partner=PARTNER):
        return (await self.gateway.data(STATEMENT, partner=partner, id=statement_id))["statement"]

    async def record(self, statement_id, paid, **given):
        wish = {"statementId": statement_id, "amount": pounds(paid), "reference": "SEPA 7", "paidOn": "2026-04-01"}
        return await self.operator.act(RECORD, **wish | {"idempotencyKey": self.gateway.key()} | given)

    async def dispute(self, statement_id, amount, partner=PARTNER, **given):
        wish = {"statementId": statement_id, "amount": pounds(amount), "reason": "never travelled"}
        return await self.gateway.act(DISPUTE, partner=partner, **wish | given)

    async def resolve(self, dispute_id, *, upheld):
        wish = {"disputeId": dispute_id, "upheld": upheld, "note": "checked", "idempotencyKey": self.gateway.key()}
        return await self.operator.act(RESOLVE, **wish)
