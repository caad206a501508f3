"""Statements on paper and as a table: both tell what the rows do, and nobody else's."""

import csv
import io
import re
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pypdfium2
import pytest
from sqlalchemy import event
from sqlmodel import select

from app.accounts.csv_file import csv_file
from app.accounts.paper import statement_paper
from app.domain.money import Money, total
from app.domain.partner import Billing, Partner
from app.papers.press import print_pdf
from app.papers.statement import MOST_LINES, StatementLine
from app.store.account_tables import DisputeRow, StatementRow
from tests.accounts.books import ACME, CARRIER, OTHER
from tests.accounts.hand import MONTH, Hand, billed, pounds

ISSUER = "Northwind Distribution"


def pages(pdf):
    document = pypdfium2.PdfDocument(pdf)
    texts = [re.sub(r"\s+", " ", page.get_textpage().get_text_bounded()) for page in document]
    document.close()
    return texts


def text(statement):
    return " ".join(pages(print_pdf(statement)))


def rows(statement):
    """The table as a program reads it."""
    return list(csv.DictReader(io.StringIO(csv_file(statement).decode("utf-8-sig"), newline="")))


async def paper(books, statement, partner_id=ACME.id):
    def body(session):
        return statement_paper(session, statement.id, partner_id, issuer=ISSUER, now=books.clock.now())

    return await books.store.read(body)


def with_lines(statement, *lines):
    """The statement with these lines instead, unsettled."""
    owed = total((line.amount for line in lines), "GBP")
    return replace(statement, lines=lines, settled=(), disputed=(), total=owed, outstanding=owed, payable=owed)


def line(number=1, minor=100, **facts):
    day = date(2026, 2, 1) + timedelta(days=number % 28)
    usual = StatementLine(day=day, kind="BOOKING", reference=f"R{number:05}", own_reference=None, amount=pounds(minor))
    return replace(usual, **facts)


async def test_says_every_fact_of_the_statement(books):
    row, hand = await billed(books), Hand(books)
    await hand.pay(row, pounds(1250))
    await hand.credit(row, pounds(250))
    await hand.dispute(row, pounds(4000))
    statement = await paper(books, row)
    said = text(statement)
    for fact in (
        ISSUER, "Settlement statement", row.number, "Account holder Acme Travel", "1 Mar 2026 \N{EN DASH} 31 Mar 2026",
        "whole days in UTC", "GBP 45.00 to be paid by Acme Travel on or before Wed 15 Apr 2026",
        "as it stood on Wed 1 Apr 2026", "Due 15 Apr 2026", "Booking · 1 line 100.00", "Fee · 1 line 5.00",
        "Commission · 1 line \N{MINUS SIGN}5.00", "Total GBP 100.00",
        "Paid \N{MINUS SIGN}12.50", "Credited \N{MINUS SIGN}2.50", "Outstanding GBP 85.00",
        "in dispute until resolved 40.00", "to be paid now 45.00", "1 Mar 2026 Payment SEPA 7 \N{MINUS SIGN}12.50",
        f"Credit note {row.number}/1 · goodwill \N{MINUS SIGN}2.50", "never travelled 40.00", "Amount in GBP",
        f"Please quote {row.number} with every payment.", "Page 1 of 1",
    ):  # fmt: skip
        assert fact in said, fact
    for told in statement.lines:
        assert f"{told.reference} {told.own_reference} {told.kind.capitalize()}" in said


async def test_every_page_repeats_whose_it_is_and_what_its_columns_are(books):
    statement = with_lines(await paper(books, await billed(books)), *(line(number) for number in range(120)))
    printed = pages(print_pdf(statement))
    assert len(printed) == 4
    for number, page in enumerate(printed, 1):
        assert f"Page {number} of 4" in page
        assert statement.number in page and "Acme Travel" in page
        assert "Date Booking Your reference Kind Amount in GBP" in page
    for told in statement.lines:
        assert sum(told.reference in page for page in printed) == 1


async def test_more_lines_than_anybody_reads_are_told_by_day(books):
    lines = [line(number, kind="FEE" if number % 2 else "BOOKING") for number in range(MOST_LINES + 100)]
    statement = with_lines(await paper(books, await billed(books)), *lines)
    said = text(statement)
    assert "These are 400 lines; the CSV file of this statement has every one of them." in said
    sums = re.findall(r"2026 (?:Booking|Fee) (\d+) (\d+\.\d\d)", said)
    assert (sum(int(count) for count, _ in sums), sum(Decimal(amount) for _, amount in sums)) == (400, Decimal(400))
    assert len(rows(statement)) == 400


@pytest.mark.parametrize(
    ("name", "printed"),
    [
        ("Путешествия Ёлка", "Путешествия Ёлка"),
        ("Ταξίδια Αθηνά", "Ταξίδια Αθηνά"),
        ("王小明旅行", "WangXiaoMingLu"),
    ],
)
async def test_names_in_any_script_can_be_read(books, name, printed):
    statement = replace(await paper(books, await billed(books)), holder=name)
    assert printed in text(with_lines(statement, line(own_reference=name)))
    assert rows(with_lines(statement, line(own_reference=name)))[0]["own_reference"] == name


async def test_a_name_without_a_break_stays_on_the_page(books):
    statement = replace(await paper(books, await billed(books)), holder="W" * 150)
    document = pypdfium2.PdfDocument(print_pdf(statement))
    (page,), words = document, document[0].get_textpage()
    width = page.get_width()
    boxes = [words.get_charbox(index) for index in range(words.count_chars())]
    assert max(right for _, _, right, _ in boxes) < width
    document.close()


@pytest.mark.parametrize("words", ["{{ 7*7 }}", "<pdf:nextpage/>", "</td></table>", "<img src=file:///etc/passwd>"])
async def test_hostile_words_come_out_as_text(books, words):
    statement = with_lines(await paper(books, await billed(books)), line(own_reference=words))
    printed = pages(print_pdf(statement))
    assert len(printed) == 1 and words in printed[0]


async def test_digits_are_equally_wide(books):
    """The point of every amount in a column stands in the same place."""
    statement = with_lines(await paper(books, await billed(books)), line(1, 111111), line(2, 444888))
    document = pypdfium2.PdfDocument(print_pdf(statement))
    words = document[0].get_textpage()
    lefts = []
    for amount in ("1,111.11", "4,448.88"):
        begins, _ = words.search(amount).get_next()
        lefts.append([words.get_charbox(begins + index)[2] for index in (1, 5)])
    document.close()
    assert lefts[0] == pytest.approx(lefts[1], abs=1)


async def test_a_carriers_account_is_paid_by_the_issuer(books):
    row = await billed(books, party=CARRIER)
    statement = await paper(books, row, None)
    assert f"GBP 100.00 to be paid by {ISSUER} on or before" in text(statement)
    assert [told.own_reference[:3] for told in statement.lines] == ["PNR"]


async def test_an_account_in_its_holders_favour_is_paid_by_the_issuer(books):
    statement = with_lines(await paper(books, await billed(books)), line(minor=-5000))
    statement = replace(statement, payable=pounds(5000))
    assert (statement.payer, statement.payee) == (ISSUER, ACME.name)
    assert f"GBP 50.00 to be paid by {ISSUER} on or before" in text(statement)


async def test_a_settled_statement_says_so(books):
    row = await billed(books)
    await Hand(books).pay(row, pounds(10000))
    assert "GBP 0.00 to be paid: this statement is settled" in text(await paper(books, row))


async def test_what_is_only_disputed_waits(books):
    row = await billed(books)
    await Hand(books).dispute(row, pounds(10000))
    assert "GBP 0.00 to be paid until the disputes are resolved" in text(await paper(books, row))


async def test_a_resolved_dispute_is_no_dispute(books):
    row, hand = await billed(books), Hand(books)
    await hand.dispute(row, pounds(4000))
    (dispute,) = await books.rows(select(DisputeRow))
    await hand.resolve(dispute, upheld=True)
    statement = await paper(books, row)
    assert (statement.disputed, statement.outstanding) == ((), pounds(6000))
    assert [(part.kind, part.amount) for part in statement.settled] == [("CREDIT_NOTE", pounds(4000))]


async def test_the_days_are_those_where_the_account_is_kept(books):
    """Half an hour before midnight in London is the next day in Paris."""
    late = Partner(id="pa_3", name="Late", currency="EUR", billing=Billing(zone="Europe/Paris"))
    await books.open(late)
    await books.sell(partner=late, at=books.clock.now().replace(day=10, hour=23, minute=30))
    await books.close(after=MONTH)
    (row,) = await books.statements(late.id)
    statement = await paper(books, row, late.id)
    assert {told.day.day for told in statement.lines} == {11}
    assert (statement.first_day.day, statement.last_day + timedelta(days=1)) == (1, row.ends_at.date() + timedelta(1))


async def test_a_partner_sees_its_own_alone(books):
    await billed(books)
    (ours,), (carriers,) = await books.statements(), await books.statements(CARRIER)
    assert (await paper(books, ours)).holder == ACME.name
    assert await paper(books, ours, OTHER.id) is None
    assert await paper(books, carriers, CARRIER) is None
    assert (await paper(books, ours, None)).number == ours.number
    assert await paper(books, StatementRow(id="st_none"), None) is None


@pytest.fixture
def asked(books):
    """Every SELECT the store is asked, as long as the test runs."""
    told = []

    def hear(connection, cursor, statement, *rest):
        if statement.startswith("SELECT"):
            told.append(statement)

    event.listen(books.store.engine, "before_cursor_execute", hear)
    yield told
    event.remove(books.store.engine, "before_cursor_execute", hear)


async def test_more_lines_take_no_more_statements(books, asked):
    counts = []
    for sales in (1, 8):
        for _ in range(sales):
            await books.sell()
        await books.close(after=MONTH)
        row = (await books.statements())[-1]
        asked.clear()
        await paper(books, row)
        counts.append(len(asked))
    assert counts == [5, 5]


async def test_the_table_is_the_lines_and_their_sum_the_total(books):
    for _ in range(3):
        await books.sell()
    await books.close(after=MONTH)
    (row,) = await books.statements()
    statement, lines = await paper(books, row), await books.lines(row)
    table = rows(statement)
    assert [(told["booking_reference"], told["own_reference"], told["kind"]) for told in table] == [
        (each.reference, each.own_reference, each.kind) for each in lines
    ]
    assert [Money.of(told["amount"], told["currency"]).minor for told in table] == [each.amount_minor for each in lines]
    assert sum(Decimal(told["amount"]) for told in table) == statement.total.amount
    assert {date.fromisoformat(told["date"]) for told in table} == {each.at.date() for each in lines}
    assert {told["statement"] for told in table} == {row.number}


async def test_the_table_is_as_the_standard_says(books):
    odd = line(own_reference='say "a, b"\r\nthen')
    content = csv_file(with_lines(await paper(books, await billed(books)), odd))
    assert content.startswith(b"\xef\xbb\xbfstatement,date,booking_reference,own_reference,kind,amount,currency\r\n")
    assert content.endswith(b',R00001,"say ""a, b""\r\nthen",BOOKING,1.00,GBP\r\n')


@pytest.mark.parametrize(
    "risky", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "\N{FULLWIDTH EQUALS SIGN}1", '=HYPERLINK("x")']
)
async def test_no_reference_is_a_formula(books, risky):
    statement = with_lines(await paper(books, await billed(books)), line(own_reference=risky, minor=-250))
    (row,) = rows(statement)
    assert (row["own_reference"], row["amount"]) == (f"'{risky}", "-2.50")


@pytest.mark.parametrize("plain", ["K7XW4M", "a-b", "1=1", "'quoted'", ""])
async def test_other_references_stay_as_they_are(books, plain):
    (row,) = rows(with_lines(await paper(books, await billed(books)), line(own_reference=plain)))
    assert row["own_reference"] == plain


async def test_a_statement_that_does_not_add_up_is_not_printed(books):
    statement = await paper(books, await billed(books))
    with pytest.raises(ValueError, match="add up"):
        replace(statement, lines=())
    with pytest.raises(ValueError, match="outstanding"):
        replace(statement, outstanding=pounds(1))
