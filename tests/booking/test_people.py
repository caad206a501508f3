"""Personal facts live in traveller rows and nowhere else, and can be forgotten."""

import logging
from datetime import date

import pytest
from sqlmodel import select

from app.booking.correct import CorrectWish, take_correct
from app.booking.erase import EraseWish, take_erase
from app.booking.people import open_document
from app.booking.receipts import receipt, ticket_facts
from app.domain.refusals import NotCorrectable, NotFound, WrongState
from app.domain.travellers import Assistance, DocumentKind, IdentityDocument, LoyaltyAccount
from app.signing.sealing import Sealer
from app.store.tables import Row, TicketRow, TravellerRow
from tests.booking.house import OTHER, SECRET, passenger, viewer
from tests.booking.judge import judge

ADA = passenger("Augusta", "Quillfeather", date(1987, 3, 9))
DOCUMENT = IdentityDocument(
    kind=DocumentKind.PASSPORT, number="925665416", issuing_country="GB", expires_on=date(2035, 6, 30)
)
# Whatever of Ada must not be read outside her row, in any spelling a journal or log might use.
SECRETS = ["Quillfeather", "quillfeather", "Augusta", "augusta", "1987-03-09", "ada@example.org", "442080160508"]
NUMBERS = ["925665416", "ZZ7788"]


def everything(given=ADA):
    from dataclasses import replace

    return replace(
        given,
        document=DOCUMENT,
        loyalty=(LoyaltyAccount(airline="ZZ", number="ZZ7788"),),
        assistance=(Assistance.WCHR,),
    )


@pytest.fixture
async def ticketed(house):
    outcome = await house.reserve("r1", passengers=(everything(),))
    await house.pay(outcome.booking_id)
    return outcome.booking_id


async def the_traveller(house, booking_id):
    query = select(TravellerRow).where(TravellerRow.booking_id == booking_id, TravellerRow.current == True)  # noqa: E712
    (row,) = await house.rows(query)
    return row


async def erase(house, booking_id, key="e1", who=None):
    row = await the_traveller(house, booking_id)
    wish = EraseWish(booking_id=booking_id, traveller_id=row.id)
    return await house.settled(await take_erase(house.desk, who or viewer(), key, wish))


async def correct(house, booking_id, **changes):
    row = await the_traveller(house, booking_id)
    wish = CorrectWish(booking_id=booking_id, traveller_id=row.id, changes=changes)
    return await house.settled(await take_correct(house.desk, viewer(), "u1", wish))


async def dumped(house, *, without=()):
    """Every row of every table as text, but of those."""
    tables = [table for table in Row.metadata.sorted_tables if table.name not in without]
    rows = await house.store.read(
        lambda session: [list(session.connection().execute(table.select())) for table in tables]
    )
    return str(rows)


async def test_nothing_personal_stands_outside_the_travellers_row(house, caplog):
    caplog.set_level(logging.DEBUG)
    house.fault("orders.create", "lost_reply")
    token = house.token(await house.holdable())
    outcome = await house.reserve_tokens("r1", token, passengers=(everything(),))
    await house.quiet()
    house.fault("payments.create", "error_500", effect=True)
    await house.pay(outcome.booking_id)
    await house.quiet()
    await judge(house)
    assert (await house.booking(outcome.booking_id)).state == "TICKETED"
    stored = await dumped(house, without=("traveller",))
    for secret in SECRETS + NUMBERS:
        assert secret not in stored, secret
        assert secret not in token, secret
        assert secret not in caplog.text, secret
    assert "Quillfeather" in await dumped(house)  # the search would have found her


async def test_documents_are_sealed_at_rest(house, ticketed):
    row = await the_traveller(house, ticketed)
    assert "925665416" not in await dumped(house)
    assert open_document(Sealer([SECRET]), row, house.clock.now()) == DOCUMENT


async def test_no_repr_tells_who_travels(house):
    shown = repr(everything()) + repr(DOCUMENT) + repr(everything().loyalty)
    assert not [secret for secret in SECRETS + NUMBERS if secret in shown]


async def test_erasing_blanks_every_version_and_leaves_every_record(house):
    outcome = await house.reserve("r1", passengers=(everything(),))
    await house.pay(outcome.booking_id)
    row = await the_traveller(house, outcome.booking_id)

    # Duffel lets nothing change on an order, so the second version is written by hand.
    def second_version(session):
        old = session.get(TravellerRow, (row.id, 1))
        facts = old.model_dump() | {"version": 2}
        old.current = False
        session.add(TravellerRow(**facts))

    await house.store.write(second_version)
    before = await house.timeline(outcome.booking_id)
    done = await erase(house, outcome.booking_id)
    assert done.refusal is None
    stored = await dumped(house)
    assert not [secret for secret in SECRETS + NUMBERS if secret in stored]
    assert await house.timeline(outcome.booking_id) == [*before, "TRAVELLER_ERASED"]
    await judge(house)


async def test_an_erased_travellers_receipt_is_gone_and_the_ticket_stays(house, ticketed):
    (ticket,) = await house.rows(select(TicketRow))
    await erase(house, ticketed)
    facts = await house.store.read(lambda session: ticket_facts(session, ticket.partner_id, ticket.id))
    assert facts.ticket.status == "VALID"
    assert receipt(facts, lambda _code: None, "https://gateway.example/verify/x") is None


async def test_a_traveller_the_carrier_may_still_need_is_not_erased(house):
    outcome = await house.reserve("r1", passengers=(everything(),))
    done = await erase(house, outcome.booking_id)
    assert isinstance(done.refusal, WrongState)
    assert "Quillfeather" in await dumped(house)


async def test_another_partners_traveller_does_not_exist(house, ticketed):
    with pytest.raises(NotFound):
        await erase(house, ticketed, who=viewer(OTHER))
    assert "Quillfeather" in await dumped(house)


async def test_what_the_carrier_fixed_is_named(house):
    outcome = await house.reserve("r1", passengers=(everything(),))
    done = await correct(house, outcome.booking_id, family_name="King", email="king@example.org")
    assert isinstance(done.refusal, NotCorrectable)
    assert done.refusal.fields == ("EMAIL", "FAMILY_NAME")
    assert "King" not in await dumped(house)


async def test_before_there_is_an_order_everything_can_be_corrected(house):
    offer = next(offer for offer in await house.offers("BCN", "FCO") if not offer.holdable)
    outcome = await house.reserve("r1", offer, passengers=(everything(),))
    done = await correct(house, outcome.booking_id, family_name="King")
    assert done.refusal is None
    row = await the_traveller(house, outcome.booking_id)
    assert (row.version, row.family_name, row.given_name) == (2, "King", "Augusta")
    await house.pay(outcome.booking_id)
    assert (await house.booking(outcome.booking_id)).state == "TICKETED"
    await judge(house)
