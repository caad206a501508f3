"""What goes into a column comes back the same, on SQLite and on PostgreSQL."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.exc import StatementError

from app.store.tables import BookingRow, EntryRow, ItemRow, PartnerRow, TravellerRow
from tests.store.conftest import NOW, booking, partner

TOKYO = timezone(timedelta(hours=9))
JSON_VALUES = {
    "text": "Łódź 東京 \U0001f686 'quoted' \"twice\" \\ %s :name",
    "empty": "",
    "list": [1, [2, {"three": None}], True, False],
    "number": -(2**53),
    "ratio": 0.1,
    "nothing": None,
}


@pytest.mark.parametrize(
    "instant",
    [
        datetime(2026, 3, 29, 2, 30, 0, 123456, tzinfo=TOKYO),
        datetime(2026, 10, 25, 0, 59, 59, 999999, tzinfo=UTC),
        datetime(1, 1, 2, tzinfo=UTC),
    ],
)
async def test_instants_come_back_aware_in_utc(seeded, instant):
    await seeded.write(lambda session: session.add(booking(pay_by=instant)))
    found = await seeded.read(lambda session: session.get_one(BookingRow, "b").pay_by)
    assert found == instant
    assert found.tzinfo is UTC


async def test_instants_compare_across_offsets(seeded):
    await seeded.write(lambda session: session.add(booking(pay_by=NOW)))
    for offset, expected in ((timedelta(seconds=-1), []), (timedelta(), ["b"]), (timedelta(seconds=1), ["b"])):
        local = (NOW + offset).astimezone(TOKYO)
        query = select(BookingRow.id).where(BookingRow.pay_by <= local)
        assert await seeded.read(lambda session, q=query: session.exec(q).scalars().all()) == expected


async def test_naive_instants_are_refused(seeded):
    with pytest.raises(StatementError, match="time zone"):
        await seeded.write(lambda session: session.add(booking(pay_by=datetime(2026, 1, 1))))  # noqa: DTZ001 - the point


async def test_json_comes_back_as_it_was(seeded):
    await seeded.write(lambda session: session.add(partner(id="q", name="Q", terms=JSON_VALUES)))
    assert await seeded.read(lambda session: session.get_one(PartnerRow, "q").terms) == JSON_VALUES


async def test_amounts_beyond_32_bits_fit(seeded):
    rupiah = 5_000_000_000_00

    def body(session):
        session.add(booking(total_minor=rupiah, currency="IDR"))
        session.flush()
        entry = {"posting": "x", "partner_id": "p", "booking_id": "b", "account": "a", "party": "p", "kind": "k"}
        session.add(EntryRow(**entry, amount_minor=-rupiah, currency="IDR", at=NOW))

    await seeded.write(body)
    query = select(BookingRow.total_minor, EntryRow.amount_minor).join(EntryRow, EntryRow.booking_id == BookingRow.id)
    assert await seeded.read(lambda session: session.exec(query).one()) == (rupiah, -rupiah)


async def test_dates_and_booleans_come_back(seeded):
    names = dict.fromkeys(("title", "gender", "given_name", "family_name", "name_key", "email", "phone"))

    def body(session):
        session.add(booking())
        session.flush()
        facts = {"partner_id": "p", "booking_id": "b", "position": 0, "type": "ADULT", "loyalty": [], "assistance": []}
        session.add(TravellerRow(id="t", current=False, born_on=date(1904, 2, 29), **facts, **names))

    await seeded.write(body)
    found = await seeded.read(lambda session: session.get_one(TravellerRow, ("t", 1)))
    assert (found.born_on, found.current) == (date(1904, 2, 29), False)


@pytest.mark.parametrize("column", ["state", "ticketing"])
async def test_a_check_refuses_unknown_words_from_any_hand(seeded, column):
    """Also by plain SQL, past every class: a row nobody can read is worse than a failing statement."""

    def body(session):
        session.add(booking())
        session.flush()
        session.add(ItemRow(id="i", partner_id="p", booking_id="b", position=0, carrier="c", price={}, passengers={}))

    await seeded.write(body)
    with pytest.raises(Exception, match=f"ck_item_{column}_known"):
        await seeded.write(lambda session: session.exec(text(f"UPDATE item SET {column} = 'LOST'")))


async def test_parents_cannot_go_while_children_stay(seeded):
    await seeded.write(lambda session: session.add(booking()))
    with pytest.raises(Exception, match=r"(?i)foreign key"):
        await seeded.write(lambda session: session.exec(text("DELETE FROM partner")))


async def test_rows_inserted_by_core_read_the_same(seeded):
    facts = {"id": "q", "name": "Q", "terms": JSON_VALUES, "created_at": NOW.astimezone(TOKYO)}
    await seeded.write(lambda session: session.exec(insert(PartnerRow).values(**facts)))
    found = await seeded.read(lambda session: session.get_one(PartnerRow, "q"))
    assert (found.terms, found.created_at) == (JSON_VALUES, NOW)
