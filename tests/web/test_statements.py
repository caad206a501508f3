"""Statements behind their links: whoever holds one sees that statement, in its time, and nothing else."""

from datetime import timedelta

import pytest
from starlette.applications import Starlette
from starlette.responses import Response

from app.papers.press import PrintError
from app.signing.links import StatementLinks, TicketLinks
from app.signing.sealing import Sealer
from app.web.statements import StatementPages
from tests.accounts.books import ACME, CARRIER, OTHER, Books
from tests.accounts.hand import billed

HOME = "https://gateway.example"
SEALER = Sealer([bytes(range(32))])


class Printer:
    """A renderer that notes what it is given, or fails."""

    def __init__(self):
        self.papers = []
        self.broken = False

    async def pdf(self, paper):
        if self.broken:
            raise PrintError("broken")
        self.papers.append(paper)
        return b"%PDF-"


@pytest.fixture
async def books():
    return await Books().open()


@pytest.fixture
async def statement(books):
    return await billed(books)


@pytest.fixture
def links(books):
    return StatementLinks(SEALER, books.clock, HOME, valid=timedelta(minutes=15))


@pytest.fixture
def printer():
    return Printer()


@pytest.fixture
def opened(books, links, printer):
    """Opens an address as a browser does."""
    pages = StatementPages(store=books.store, clock=books.clock, links=links, renderer=printer, issuer="FAREGATE")
    served = Starlette(routes=pages.routes())

    async def get(url):
        path = url.removeprefix(HOME)
        scope = {"type": "http", "method": "GET", "path": path, "headers": [], "query_string": b"", "root_path": ""}
        sent = []

        async def receive():
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message):
            sent.append(message)

        await served(scope, receive, send)
        answer = Response(b"".join(part.get("body", b"") for part in sent[1:]), sent[0]["status"])
        answer.raw_headers = sent[0]["headers"]
        return answer

    return get


async def test_opens_as_pdf(opened, links, statement, printer):
    answer = await opened(links.pdf(statement.id, ACME.id))
    assert (answer.status_code, answer.body) == (200, b"%PDF-")
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["content-disposition"] == f'inline; filename="statement-{statement.number}.pdf"'
    assert (answer.headers["cache-control"], answer.headers["referrer-policy"]) == ("private, no-store", "no-referrer")
    assert [(paper.number, paper.issuer) for paper in printer.papers] == [(statement.number, "FAREGATE")]


async def test_opens_as_table(opened, links, statement):
    answer = await opened(links.csv(statement.id, ACME.id))
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/csv; header=present; charset=utf-8"
    assert answer.headers["content-disposition"] == f'attachment; filename="statement-{statement.number}.csv"'
    assert answer.body.startswith(b"\xef\xbb\xbf")
    assert answer.body.count(statement.number.encode()) == 3


@pytest.mark.parametrize("form", ["pdf", "csv"])
async def test_expires(opened, links, statement, books, form):
    address = getattr(links, form)(statement.id, ACME.id)
    books.clock.advance(timedelta(minutes=15) - timedelta(seconds=1))
    assert (await opened(address)).status_code == 200
    books.clock.advance(timedelta(seconds=1))
    answer = await opened(address)
    assert answer.status_code == 404
    assert b"leads to no statement" in answer.body


@pytest.mark.parametrize("form", ["pdf", "csv"])
@pytest.mark.parametrize(
    "tamper", [lambda url: url.replace("/statements/", "/statements/A"), lambda url: f"{url[:-8]}AAAA{url[-4:]}"]
)
async def test_a_changed_address_opens_nothing(opened, links, statement, form, tamper, printer):
    address = tamper(getattr(links, form)(statement.id, ACME.id))
    assert (await opened(address)).status_code == 404
    assert printer.papers == []


@pytest.mark.parametrize("form", ["pdf", "csv"])
async def test_another_partners_link_opens_nothing(opened, links, statement, books, form, printer):
    (carriers,) = await books.statements(CARRIER)
    for statement_id, partner_id in ((statement.id, OTHER.id), (carriers.id, ACME.id), ("st_none", ACME.id)):
        assert (await opened(getattr(links, form)(statement_id, partner_id))).status_code == 404
    assert printer.papers == []


async def test_an_operators_link_opens_a_carriers(opened, links, statement, books):
    (carriers,) = await books.statements(CARRIER)
    assert carriers.number.encode() in (await opened(links.csv(carriers.id, None))).body


async def test_a_tickets_link_opens_no_statement(opened, books, statement):
    ticket = TicketLinks(SEALER, books.clock, HOME, valid=timedelta(minutes=15)).pdf(statement.id, ACME.id)
    assert (await opened(ticket.replace("/tickets/", "/statements/"))).status_code == 404


async def test_what_cannot_be_printed_may_be_asked_again(opened, links, statement, printer):
    printer.broken = True
    answer = await opened(links.pdf(statement.id, ACME.id))
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "10")
    assert (await opened(links.csv(statement.id, ACME.id))).status_code == 200
