"""Settlement statements: what an account moved in one cycle, and what has become of it."""

from datetime import date, datetime
from typing import Annotated, Self

import strawberry

from app.domain.money import Money as DomainMoney
from app.store.account_tables import (
    AccountHolder,
    DisputeRow,
    DisputeState,
    LineKind,
    SettlementKind,
    SettlementRow,
    StatementLineRow,
    StatementRow,
    StatementState,
)
from resolvers.cursors import cursor_of_line
from resolvers.statements import (
    LinePage,
    csv_link,
    disputes,
    is_late,
    line_page,
    pdf_link,
    settlements,
    standing_of,
)
from schema.bookings import PageInfo
from schema.enums import describe
from schema.fields import Info, answered
from schema.money import Money
from schema.node import Node
from schema.scalars import CurrencyCode, TimeZone, Url

describe(
    AccountHolder,
    "Whose account a statement is of.",
    {
        AccountHolder.PARTNER: "A partner's: what it owes the gateway.",
        AccountHolder.CARRIER: "A carrier's: what the gateway owes it.",
    },
)
describe(
    StatementState,
    "Whether a statement is still to be paid.",
    {
        StatementState.OPEN: "Still to be paid, in whole or in part.",
        StatementState.SETTLED: "Paid or credited in full.",
    },
)
describe(
    LineKind,
    "What a line of a statement bills.",
    {
        LineKind.BOOKING: "A booking, without its fees.",
        LineKind.FEE: "Fees on a booking, or fees given back.",
        LineKind.REFUND: "What was given back of a booking, without its fees.",
        LineKind.EXCHANGE: "What an exchange cost or gave back.",
        LineKind.COMMISSION: "What the partner earned on a booking.",
    },
)
describe(
    DisputeState,
    "How a dispute stands.",
    {
        DisputeState.OPEN: "It waits for the operator; its amount is neither to be paid nor overdue.",
        DisputeState.UPHELD: "The holder was right: its amount became a credit note.",
        DisputeState.REJECTED: "The holder was not right: its amount is to be paid.",
    },
)


@strawberry.type(description="What a statement is about: whole days in one time zone.")
class StatementPeriod:
    """A cycle of an account."""

    from_: datetime = strawberry.field(name="from", description="When it began.")
    until: datetime = strawberry.field(description="When it ended; this instant is of the next.")
    zone: TimeZone = strawberry.field(description="Where its days begin and end.")


@strawberry.type(description="A line of a statement: everything of one kind that a booking moved in the period.")
class StatementLine:
    """A statement line's row."""

    position: int = strawberry.field(description="Its number, counted from 1.")
    kind: LineKind = strawberry.field(description="What it bills.")
    booking_id: strawberry.ID = strawberry.field(description="The booking it bills.")
    reference: str = strawberry.field(description="The booking's reference.")
    own_reference: str | None = strawberry.field(
        description="The holder's own: the partner's reference for the booking, the carrier's for its order."
    )
    amount: Money = strawberry.field(description="What it adds to the total; below zero for what lessens it.")
    at: datetime = strawberry.field(description="When the first of it moved.")

    @classmethod
    def of(cls, row: StatementLineRow) -> Self:
        """The stored line."""
        return cls(
            position=row.position,
            kind=LineKind(row.kind),
            booking_id=strawberry.ID(row.booking_id),
            reference=row.reference,
            own_reference=row.own_reference,
            amount=_money(row),
            at=row.at,
        )


@strawberry.type(description="A line of a page, and where it stands in the statement.")
class StatementLineEdge:
    """An edge of the Relay specification."""

    cursor: str = strawberry.field(description="To go on after this line.")
    node: StatementLine = strawberry.field(description="The line.")


@strawberry.type(description="A page of a statement's lines, oldest first.")
class StatementLineConnection:
    """A connection of the Relay specification, by the lines' positions."""

    edges: list[StatementLineEdge] = strawberry.field(description="The lines with their cursors.")
    nodes: list[StatementLine] = strawberry.field(description="The lines.")
    page_info: PageInfo = strawberry.field(description="Where the page begins and ends.")

    @classmethod
    def of(cls, page: LinePage, after: str | None) -> Self:
        """The page that was read."""
        edges = [
            StatementLineEdge(cursor=cursor_of_line(row.position), node=StatementLine.of(row)) for row in page.rows
        ]
        info = PageInfo.of([edge.cursor for edge in edges], more=page.more, after=after)
        return cls(edges=edges, nodes=[edge.node for edge in edges], page_info=info)


@strawberry.type(description="Money that went over the bank for a statement.")
class StatementPayment:
    """A settlement's row."""

    amount: Money = strawberry.field(description="How much, above zero, whoever paid.")
    reference: str = strawberry.field(description="What it is known by at the bank.")
    paid_on: date = strawberry.field(description="The day it was made.")
    recorded_at: datetime = strawberry.field(description="When it was recorded.")

    @classmethod
    def of(cls, row: SettlementRow) -> Self:
        """The stored payment."""
        return cls(amount=_money(row), reference=row.reference, paid_on=row.day, recorded_at=row.created_at)


@strawberry.type(description="What need not be paid of a statement.")
class CreditNote:
    """A settlement's row."""

    number: str = strawberry.field(description="Its number: the statement's, and which of its credit notes this is.")
    amount: Money = strawberry.field(description="How much, above zero.")
    reason: str = strawberry.field(description="Why; the operator's note where a dispute was upheld.")
    issued_on: date = strawberry.field(description="The day it was issued, where the account is kept.")
    issued_at: datetime = strawberry.field(description="When it was issued.")

    @classmethod
    def of(cls, row: SettlementRow) -> Self:
        """The stored credit note."""
        return cls(
            number=row.reference,
            amount=_money(row),
            reason=row.reason or "",
            issued_on=row.day,
            issued_at=row.created_at,
        )


@strawberry.type(description="What the holder of an account does not accept of a statement.")
class StatementDispute(Node):
    """A dispute's row."""

    statement_id: strawberry.ID = strawberry.field(description="The statement it is about.")
    amount: Money = strawberry.field(description="How much of the statement, above zero.")
    reason: str = strawberry.field(description="Why, in the words of whoever opened it.")
    state: DisputeState = strawberry.field(description="How it stands.")
    resolution: str | None = strawberry.field(description="The operator's note about its end; null until then.")
    opened_at: datetime = strawberry.field(description="When it was opened.")
    resolved_at: datetime | None = strawberry.field(description="When it was resolved; null until then.")

    @classmethod
    def of(cls, row: DisputeRow) -> Self:
        """The stored dispute."""
        return cls(
            id=strawberry.ID(row.id),
            statement_id=strawberry.ID(row.statement_id),
            amount=_money(row),
            reason=row.reason,
            state=DisputeState(row.state),
            resolution=row.resolution,
            opened_at=row.created_at,
            resolved_at=row.resolved_at,
        )


@strawberry.type(
    description="What an account moved in one cycle and one currency: what its holder owes the gateway, or the gateway "
    "owes it where the holder is a carrier. A partner sees its own, an operator everybody's."
)
class SettlementStatement(Node):
    """A statement's row."""

    row: strawberry.Private[StatementRow]

    number: str = strawberry.field(description="Its number, such as FG-2026-000042; a year's have no gaps.")
    holder: AccountHolder = strawberry.field(description="Whose account it is of.")
    party: strawberry.ID = strawberry.field(description="The holder: the partner's id, or the carrier's code.")
    currency: CurrencyCode = strawberry.field(description="The currency of all its amounts.")
    period: StatementPeriod = strawberry.field(description="The cycle that it closes.")
    issued_at: datetime = strawberry.field(description="When it was issued.")
    due_on: date = strawberry.field(description="The last day to pay it, in the zone of its period.")
    total: Money = strawberry.field(
        description="The sum of its lines; below zero where the account is in its holder's favour."
    )
    settled: Money = strawberry.field(description="What was paid or credited of it, with the sign of the total.")
    state: StatementState = strawberry.field(description="Whether it is still to be paid.")

    @answered
    async def disputed(self, info: Info) -> Money:
        """What its open disputes are about, above zero."""
        return Money.of((await standing_of(info.context, self.row)).disputed)

    @answered
    async def outstanding(self, info: Info) -> Money:
        """What is neither paid nor credited of it, disputed or not, with the sign of the total."""
        return Money.of((await standing_of(info.context, self.row)).outstanding)

    @answered
    async def payable(self, info: Info) -> Money:
        """What is to be paid now, above zero, whoever pays: what is outstanding and not disputed."""
        return Money.of((await standing_of(info.context, self.row)).payable)

    @answered
    async def overdue(self, info: Info) -> bool:
        """Whether the day it was due is over and something is still payable."""
        return await is_late(info.context, self.row)

    @answered
    async def lines(
        self,
        info: Info,
        first: Annotated[int, strawberry.argument(description="How many at most, 1 to 100.")] = 20,
        after: Annotated[str | None, strawberry.argument(description="A cursor, to go on after it.")] = None,
    ) -> StatementLineConnection:
        """What it bills, oldest first."""
        return StatementLineConnection.of(await line_page(info.context, self.row, first, after), after)

    @answered
    async def payments(self, info: Info) -> list[StatementPayment]:
        """The payments that were recorded for it, oldest first."""
        rows = await settlements(info.context, self.row, SettlementKind.PAYMENT)
        return [StatementPayment.of(row) for row in rows]

    @answered
    async def credit_notes(self, info: Info) -> list[CreditNote]:
        """The credit notes that were issued for it, oldest first."""
        rows = await settlements(info.context, self.row, SettlementKind.CREDIT_NOTE)
        return [CreditNote.of(row) for row in rows]

    @answered
    async def disputes(self, info: Info) -> list[StatementDispute]:
        """What was disputed of it, oldest first."""
        return [StatementDispute.of(row) for row in await disputes(info.context, self.row)]

    @answered
    def pdf_url(self, info: Info) -> Url:
        """Opens the statement as PDF in any browser, for 15 minutes; ask anew for a fresh one."""
        return Url(pdf_link(info.context, self.row))

    @answered
    def csv_url(self, info: Info) -> Url:
        """Opens its lines as CSV, for 15 minutes; ask anew for a fresh one."""
        return Url(csv_link(info.context, self.row))

    @classmethod
    def of(cls, row: StatementRow) -> Self:
        """The stored statement."""
        return cls(
            row=row,
            id=strawberry.ID(row.id),
            number=row.number,
            holder=AccountHolder(row.holder),
            party=strawberry.ID(row.party),
            currency=CurrencyCode(row.currency),
            period=StatementPeriod(from_=row.begins_at, until=row.ends_at, zone=TimeZone(row.zone)),
            issued_at=row.created_at,
            due_on=row.due_on,
            total=Money.of(DomainMoney(row.total_minor, row.currency)),
            settled=Money.of(DomainMoney(row.settled_minor, row.currency)),
            state=StatementState(row.state),
        )


def _money(row: StatementLineRow | SettlementRow | DisputeRow) -> Money:
    return Money.of(DomainMoney(row.amount_minor, row.currency))
