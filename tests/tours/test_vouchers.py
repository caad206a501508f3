"""Vouchers of tours that were booked with an operator: what they say of the booking, and what their pages tell."""

from datetime import date, timedelta

import pytest
from sqlmodel import select
from starlette.requests import Request

from app.booking.erase import EraseWish, take_erase
from app.booking.receipts import ticket_facts
from app.booking.vouchers import printed
from app.domain.money import Money
from app.domain.tours import Room, RoomType
from app.papers.receipt import Receipt
from app.papers.voucher import Voucher
from app.signing.links import TicketLinks
from app.signing.sealing import Sealer
from app.store.tables import ItemRow, TicketRow, TravellerRow
from app.web.tickets import TicketPages
from tests.booking.house import PARTNER, SECRET, House, passenger, viewer
from tests.tours.selling import OPEN, SINGLE, UK, stay

FAMILY = Room(type=RoomType.TWIN_SHARE, adults=1, child_ages=(9,))
LINK = "https://gateway.example/verify/x"


@pytest.fixture
async def house():
    """The gateway below GraphQL, with an operator's tours to sell."""
    return await House().open()


@pytest.fixture
async def booked(house):
    """A paid booking of a room for two and a single one; its id."""
    people = (passenger(), passenger("Byron", born=date(2016, 12, 10)), passenger("Grace", "Hopper"))
    outcome = await house.reserve("r1", await stay(house, OPEN, FAMILY, SINGLE), passengers=people)
    await house.pay(outcome.booking_id)
    return outcome.booking_id


async def paper(house, given="Ada"):
    """What this traveller is given."""
    ticket = await the_ticket(house, given)
    facts = await house.store.read(lambda session: ticket_facts(session, PARTNER.id, ticket.id))
    return printed(facts, lambda _code: None, LINK)


async def the_ticket(house, given="Ada"):
    query = select(TicketRow).join(TravellerRow, TravellerRow.id == TicketRow.traveller_id)
    return (await house.rows(query.where(TravellerRow.given_name == given)))[0]


def guests(voucher):
    return [[(guest.name, guest.bearer) for guest in room.guests] for room in voucher.rooms]


async def test_says_what_was_booked_by_the_bookings_facts(house, booked):
    voucher = await paper(house)
    (item,) = await house.items(booked)
    assert isinstance(voucher, Voucher)
    assert (voucher.stay.tour_name, voucher.stay.key.starts_on) == (item.offer["stay"]["tour_name"], OPEN)
    assert voucher.operator_reference == item.order_reference
    assert voucher.booking_reference == (await house.booking(booked)).reference
    assert voucher.verification_url == LINK
    assert voucher.price.passengers == 3
    assert Money(sum(paid.amount.minor for paid in voucher.payments), "GBP") == voucher.price.total
    assert {paid.form for paid in voucher.payments} == {"Account of Acme Travel"}


async def test_says_whom_to_ask_as_it_was_told_when_it_was_booked(house, booked):
    told = {company.region: company for company in await house.operator.selling_companies()}
    (item,) = await house.items(booked)
    assert told[UK].contact.email and told[UK].contact.phone
    assert (await paper(house)).company == told[UK]
    assert item.offer["company"]["contact"]["email"] == told[UK].contact.email


async def test_each_traveller_sees_who_shares_which_room(house, booked):
    first, second = guests(await paper(house, "Byron"))
    assert first == [("Lovelace / Ada MS", False), ("Lovelace / Byron MS", True)]
    assert second == [("Hopper / Grace MS", False)]


async def test_what_was_given_back_was_not_paid(house, booked):
    def give_back(session):
        (ticket,) = session.exec(select(TicketRow).limit(1)).all()
        return ticket_facts(session, PARTNER.id, ticket.id)

    facts = await house.store.read(give_back)
    (payment,) = facts.payments
    payment.refunded_minor = 500
    some = printed(facts, lambda _code: None, LINK)
    assert some.payments[0].amount.minor == payment.amount_minor - 500
    payment.refunded_minor = payment.amount_minor
    assert printed(facts, lambda _code: None, LINK).payments == ()


async def test_who_was_erased_is_no_name_on_others_vouchers_and_has_none(house, booked):
    theirs = await the_ticket(house, "Grace")
    wish = EraseWish(booking_id=booked, traveller_id=theirs.traveller_id)
    await house.settled(await take_erase(house.desk, viewer(), "e1", wish))
    assert guests(await paper(house))[1] == [(None, False)]
    facts = await house.store.read(lambda session: ticket_facts(session, PARTNER.id, theirs.id))
    assert printed(facts, lambda _code: None, LINK) is None


async def test_a_flights_paper_stays_a_receipt(house):
    await house.pay((await house.reserve()).booking_id)
    assert isinstance(await paper(house), Receipt)


class Pages:
    """The pages behind tickets' links, and what was printed for them."""

    def __init__(self, house):
        self.papers = []
        self.links = TicketLinks(Sealer([SECRET]), house.clock, "https://gateway.example", valid=timedelta(minutes=15))
        self.pages = TicketPages(
            store=house.store, clock=house.clock, links=self.links, renderer=self, find=lambda _code: None
        )

    async def pdf(self, paper):
        self.papers.append(paper)
        return b"%PDF-"

    async def open(self, page, link):
        token = link.rsplit("/", 1)[1].removesuffix(".pdf")
        return await getattr(self.pages, page)(Request({"type": "http", "path_params": {"token": token}}))


async def test_its_pdf_opens_behind_its_link_whatever_its_number_is(house, booked):
    ticket, pages = await the_ticket(house), Pages(house)
    number = 'https://operator.example/"1\r\n2"'
    await house.store.write(lambda session: setattr(session.get_one(TicketRow, ticket.id), "number", number))
    answer = await pages.open("pdf", pages.links.pdf(ticket.id, PARTNER.id))
    assert (answer.status_code, answer.body) == (200, b"%PDF-")
    assert answer.headers["content-disposition"] == 'inline; filename="voucher-https-operator.example-1-2-.pdf"'
    assert [paper.number for paper in pages.papers] == [number]


@pytest.mark.parametrize(
    ("status", "told"), [("VALID", "valid for travel"), ("USED", "operator has taken"), ("REFUNDED", "was refunded")]
)
async def test_its_check_page_names_the_tour_and_nobody(house, booked, status, told):
    ticket, pages = await the_ticket(house), Pages(house)
    await house.store.write(lambda session: setattr(session.get_one(TicketRow, ticket.id), "status", status))
    page = (await pages.open("verify", pages.links.verification(ticket.id, PARTNER.id))).body.decode()
    (item,) = await house.rows(select(ItemRow))
    for fact in (told, "<h2>Tour</h2>", item.offer["stay"]["tour_name"], "Mon 1 Jun 2026"):
        assert fact in page
    assert "Lovelace" not in page
    assert "Flights" not in page
