"""An operator's hand on the books, and a statement to lay it on."""

from datetime import date, timedelta

from app.accounts import settling
from app.accounts.settling import Act
from app.domain.money import Money
from tests.accounts.books import ACME

MONTH = timedelta(days=31)


def pounds(minor):
    return Money(minor, "GBP")


class Hand:
    """An operator's hand on the books: each act in a transaction of its own."""

    def __init__(self, books):
        self.books = books

    async def _act(self, body):
        act = Act(operation_id=self.books.ids.new("op"), actor="operator", at=self.books.clock.now())
        return await self.books.store.write(lambda session: body(session, self.books.ids, act))

    async def pay(self, statement, amount, day=date(2026, 3, 1)):
        def body(session, ids, act):
            row = settling.find_statement(session, statement.id)
            settling.record_payment(session, ids, act, row, amount, "SEPA 7", day)

        await self._act(body)

    async def credit(self, statement, amount):
        def body(session, ids, act):
            row = settling.find_statement(session, statement.id)
            settling.issue_credit_note(session, ids, act, row, amount, "goodwill")

        await self._act(body)

    async def dispute(self, statement, amount):
        def body(session, ids, act):
            row = settling.find_statement(session, statement.id)
            settling.open_dispute(session, ids, act, row, amount, "never travelled")

        await self._act(body)

    async def resolve(self, dispute, *, upheld):
        def body(session, ids, act):
            row, statement = settling.find_dispute(session, dispute.id)
            settling.resolve_dispute(session, ids, act, row, statement, upheld=upheld, note="checked")

        await self._act(body)


async def billed(books, *, party=ACME.id):
    """A statement of 100.00 pounds, of a partner or a carrier."""
    await books.sell(10000, 500, cost=10000)
    await books.close(after=MONTH)
    (statement,) = await books.statements(party)
    assert statement.total_minor == 10000
    return statement
