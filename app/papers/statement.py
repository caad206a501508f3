"""What a settlement statement says: what one account owes for one closed cycle, and what became of it since.

Amounts keep the statement's sign: above zero the holder owes the issuer, or the issuer owes it where it is a carrier.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final

from app.domain.money import Money, total

# At some 12 ms a line this is printed well within a worker's time; nobody reads hundreds of pages either.
MOST_LINES: Final = 300


@dataclass(frozen=True, kw_only=True, slots=True)
class StatementLine:
    """One thing that is billed, and the day it was booked on; `kind` is its code, such as BOOKING.

    `own_reference` is the holder's own word for it.
    """

    day: date
    kind: str
    reference: str
    own_reference: str | None
    amount: Money


@dataclass(frozen=True, kw_only=True, slots=True)
class Settled:
    """A payment or a credit note, with the sign of the total it lessens; `kind` is its code, such as CREDIT_NOTE."""

    day: date
    kind: str
    reference: str
    amount: Money
    reason: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Disputed:
    """What the holder does not accept, while nobody has decided; above zero."""

    day: date
    reason: str
    amount: Money


@dataclass(frozen=True, kw_only=True)
class Statement:
    """One statement as it stood on the day `as_of`; ValueError where its lines are not its total.

    The period is whole days in `zone`, the first and the last; the statement is due on the day `due_on` there.
    `owed_by_issuer` for a carrier's account.
    """

    issuer: str
    number: str
    holder: str
    owed_by_issuer: bool
    first_day: date
    last_day: date
    zone: str
    issued_on: date
    due_on: date
    as_of: date
    lines: tuple[StatementLine, ...]
    settled: tuple[Settled, ...]
    disputed: tuple[Disputed, ...]
    total: Money
    outstanding: Money
    payable: Money

    def __post_init__(self) -> None:
        if self._sum(self.lines) != self.total:
            raise ValueError("the lines of the statement do not add up to its total")
        if self.total - self._sum(self.settled) != self.outstanding:
            raise ValueError("what is outstanding is not the total without what was settled")

    @property
    def currency(self) -> str:
        """The one currency of every amount."""
        return self.total.currency

    @property
    def payer(self) -> str:
        """Who pays what is to be paid."""
        return self.issuer if self._issuer_pays else self.holder

    @property
    def payee(self) -> str:
        """Who is paid it."""
        return self.holder if self._issuer_pays else self.issuer

    @property
    def paid(self) -> Money:
        """What payments have settled, with the sign of the total."""
        return self._sum([part for part in self.settled if part.kind == "PAYMENT"])

    @property
    def credited(self) -> Money:
        """What credit notes have settled, with the sign of the total."""
        return self._sum([part for part in self.settled if part.kind != "PAYMENT"])

    @property
    def in_dispute(self) -> Money:
        """What open disputes are about, above zero."""
        return self._sum(self.disputed)

    @property
    def kinds(self) -> Iterator[tuple[str, int, Money]]:
        """Each kind of line in the order of its first, how many there are, and what they sum to."""
        for kind in dict.fromkeys(line.kind for line in self.lines):
            of_kind = [line for line in self.lines if line.kind == kind]
            yield kind, len(of_kind), self._sum(of_kind)

    @property
    def condensed(self) -> bool:
        """Whether there are too many lines to print each of them."""
        return len(self.lines) > MOST_LINES

    @property
    def by_day(self) -> Iterator[tuple[date, str, int, Money]]:
        """For each day the kinds of lines, how many there are, and what they sum to."""
        groups: defaultdict[tuple[date, str], list[StatementLine]] = defaultdict(list)
        for line in self.lines:
            groups[line.day, line.kind].append(line)
        order = [kind for kind, _, _ in self.kinds]
        for day, kind in sorted(groups, key=lambda group: (group[0], order.index(group[1]))):
            yield day, kind, len(groups[day, kind]), self._sum(groups[day, kind])

    @property
    def _issuer_pays(self) -> bool:
        return self.owed_by_issuer == (self.total >= Money.zero(self.currency))

    def _sum(self, parts: Iterable[StatementLine | Settled | Disputed]) -> Money:
        return total((part.amount for part in parts), self.total.currency)
