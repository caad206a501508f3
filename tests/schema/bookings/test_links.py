"""A ticket's addresses open that ticket alone, for its partner, in their time."""

from datetime import timedelta

import pytest

from app.signing.errors import SealBroken, SealExpired

TICKET = "query ($id: ID!) { booking(id: $id) { tickets { id pdfUrl verificationUrl } } }"


@pytest.fixture
async def ticket(gateway):
    booking_id = await gateway.ticketed()
    return (await gateway.data(TICKET, id=booking_id))["booking"]["tickets"][0]


def token(url, begins, ends=""):
    assert url.startswith(begins)
    assert url.endswith(ends)
    return url[len(begins) : len(url) - len(ends)]


async def test_the_pdf_opens_for_a_quarter_of_an_hour(gateway, ticket):
    links = gateway.services.links
    sealed = token(ticket["pdfUrl"], "https://gateway.example/tickets/", ".pdf")
    link = links.open_pdf(sealed)
    assert (link.ticket_id, link.partner_id) == (ticket["id"], "pa_1")
    gateway.house.clock.advance(timedelta(minutes=15))
    with pytest.raises(SealExpired):
        links.open_pdf(sealed)


async def test_the_verification_stays_and_opens_no_pdf(gateway, ticket):
    links = gateway.services.links
    sealed = token(ticket["verificationUrl"], "https://gateway.example/verify/")
    gateway.house.clock.advance(timedelta(days=400))
    assert links.open_verification(sealed).ticket_id == ticket["id"]
    with pytest.raises(SealBroken):
        links.open_pdf(sealed)
