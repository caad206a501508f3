"""Corrections: what no carrier holds yet can change, and goes out changed."""

from dataclasses import replace
from datetime import date

import pytest
from sqlmodel import select

from app.booking.correct import CorrectWish, take_correct
from app.domain.refusals import InvalidInput, NotFound, WrongState
from app.domain.travellers import DocumentKind, IdentityDocument
from app.store.tables import EventRow, ItemRow, OperationState, TravellerRow
from tests.booking.house import OTHER, passenger, viewer
from tests.booking.judge import judge
from tests.booking.scenes import instant

PASSPORT = IdentityDocument(
    kind=DocumentKind.PASSPORT, number="925665416", issuing_country="GB", expires_on=date(2035, 6, 30)
)


async def travellers(house):
    return await house.rows(select(TravellerRow).order_by(TravellerRow.version))


@pytest.fixture
async def unordered(house):
    """A booking that the carrier knows nothing of yet."""
    person = replace(passenger(), document=PASSPORT)
    return (await house.reserve("r1", await instant(house), passengers=(person,))).booking_id


async def correct(house, booking_id, who=None, **changes):
    traveller = (await travellers(house))[0].id
    wish = CorrectWish(booking_id=booking_id, traveller_id=traveller, changes=changes)
    return await house.settled(await take_correct(house.desk, who or viewer(), "u1", wish))


async def test_the_carrier_gets_what_was_corrected(house, unordered):
    assert (await correct(house, unordered, given_name="Eda")).state == OperationState.DONE
    old, new = await travellers(house)
    assert (old.current, new.current, new.version) == (False, True, 2)
    assert (old.given_name, new.given_name) == ("Ada", "Eda")
    event = (await house.rows(select(EventRow).where(EventRow.kind == "PASSENGER_UPDATED")))[0]
    assert event.facts == {"traveller": new.id, "fields": ["GIVEN_NAME"]}
    await house.pay(unordered)
    (order,) = house.world._core.facts.orders.values()
    assert order.passengers[0]["given_name"] == "Eda"
    await judge(house)


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"email": "nowhere"}, "email"), ({"born_on": date(2020, 1, 1)}, "bornOn"), ({"given_name": ""}, "givenName")],
)
async def test_a_wrong_correction_is_named_and_changes_nothing(house, unordered, changes, field):
    with pytest.raises(InvalidInput) as caught:
        await correct(house, unordered, **changes)
    assert caught.value.path == ("input", "changes", field)
    assert len(await travellers(house)) == 1


async def test_a_document_the_carrier_asks_for_cannot_be_taken_away(house, unordered):
    def ask_for_it(session):
        row = session.exec(select(ItemRow)).one()
        row.offer = row.offer | {"required": ["DOCUMENT"]}

    await house.store.write(ask_for_it)
    with pytest.raises(InvalidInput) as caught:
        await correct(house, unordered, document=None)
    assert caught.value.path == ("input", "changes", "document")


async def test_another_partners_booking_and_an_ended_one_are_not_corrected(house, unordered):
    with pytest.raises(NotFound):
        await correct(house, unordered, who=viewer(OTHER), email="a@example.org")
    await house.cancel(unordered)
    assert isinstance((await correct(house, unordered, email="a@example.org")).refusal, WrongState)
