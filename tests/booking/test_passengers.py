"""Who may be named for an offer, and whose place each of them takes."""

from dataclasses import replace
from datetime import date

import pytest
from sqlmodel import col, select

from app.booking.passengers import age_on, check_passengers, match
from app.domain.itinerary import OfferPassenger, PassengerField, PassengerType
from app.domain.refusals import InvalidInput
from app.domain.travellers import DocumentKind, Gender, IdentityDocument, LoyaltyAccount, Title
from app.store.tables import TravellerRow
from tests.booking.house import House, passenger

DAY = date(2026, 6, 1)
TODAY = date(2026, 3, 1)
ADULT, CHILD, INFANT = PassengerType.ADULT, PassengerType.CHILD, PassengerType.INFANT
PASSPORT = IdentityDocument(
    kind=DocumentKind.PASSPORT, number="925665416", issuing_country="GB", expires_on=date(2030, 1, 1)
)


def aged(years, given="Ada"):
    return passenger(given, born=date(DAY.year - years, 1, 1))


def place(kind, age=None, ref=None):
    return OfferPassenger(ref=ref or f"{kind}-{age}", type=kind, age=age)


@pytest.mark.parametrize(
    ("ages", "priced", "expected"),
    [
        ((30,), (place(ADULT),), ["ADULT-None"]),
        ((30, 8), (place(ADULT), place(CHILD)), ["ADULT-None", "CHILD-None"]),
        ((8, 30), (place(ADULT), place(CHILD)), ["CHILD-None", "ADULT-None"]),
        ((15, 8), (place(ADULT), place(CHILD)), ["ADULT-None", "CHILD-None"]),
        ((30, 0), (place(INFANT), place(ADULT)), ["ADULT-None", "INFANT-None"]),
        ((14, 30), (place(ADULT), place(CHILD, 14)), ["CHILD-14", "ADULT-None"]),
        ((9, 7), (place(CHILD, 7), place(CHILD, 9)), ["CHILD-9", "CHILD-7"]),
    ],
)
def test_everybody_takes_the_place_of_their_age(ages, priced, expected):
    assert match([aged(age) for age in ages], priced, DAY) == expected


@pytest.mark.parametrize(
    ("ages", "priced", "words"),
    [
        ((30, 31), (place(ADULT),), "priced for: 1"),
        ((30,), (place(ADULT), place(ADULT)), "priced for: 2"),
        ((8,), (place(ADULT),), "a place for an adult on"),
        ((30, 30), (place(ADULT), place(CHILD)), "a place for a child on"),
        ((30, 2), (place(ADULT), place(INFANT)), "a place for an infant on"),
        ((30, 13), (place(ADULT), place(CHILD, 14)), "a place for somebody aged 14 on"),
    ],
)
def test_others_than_the_offer_was_priced_for_are_told(ages, priced, words):
    with pytest.raises(InvalidInput, match=words) as told:
        match([aged(age) for age in ages], priced, DAY)
    assert told.value.path == ("input", "passengers")


@pytest.mark.parametrize(
    ("born", "day", "years"),
    [
        (date(2024, 6, 1), date(2026, 6, 1), 2),
        (date(2024, 6, 2), date(2026, 6, 1), 1),
        (date(2024, 2, 29), date(2026, 2, 28), 1),
        (date(2024, 2, 29), date(2026, 3, 1), 2),
    ],
)
def test_years_are_completed_years(born, day, years):
    assert age_on(born, day) == years


WRONG = {
    "no name": ({"given_name": " "}, "givenName"),
    "endless name": ({"family_name": "x" * 41}, "familyName"),
    "not born yet": ({"born_on": date(2026, 3, 2)}, "bornOn"),
    "born too long ago": ({"born_on": date(1900, 1, 1)}, "bornOn"),
    "no e-mail address": ({"email": "ada at example.org"}, "email"),
    "no full number": ({"phone": "020 8016 0508"}, "phone"),
    "a title that tells no gender": ({"title": Title.DR}, "gender"),
    "an expired passport": ({"document": replace(PASSPORT, expires_on=date(2026, 2, 1))}, "document"),
    "a passport without its expiry": ({"document": replace(PASSPORT, expires_on=None)}, "document"),
    "a document without a number": ({"document": replace(PASSPORT, number="")}, "document"),
    "an airline that is none": ({"loyalty": (LoyaltyAccount(airline="Lufthansa", number="1"),)}, "loyalty"),
}


@pytest.mark.parametrize(("facts", "field"), WRONG.values(), ids=WRONG)
def test_what_cannot_be_meant_is_told_by_its_path(facts, field):
    with pytest.raises(InvalidInput) as told:
        check_passengers([passenger(), replace(passenger(), **facts)], TODAY, frozenset())
    assert told.value.path == ("input", "passengers", "1", field)


def test_a_document_is_asked_for_where_the_carrier_asks():
    check_passengers([replace(passenger(), document=PASSPORT)], TODAY, frozenset({PassengerField.DOCUMENT}))
    with pytest.raises(InvalidInput, match="identity document"):
        check_passengers([passenger()], TODAY, frozenset({PassengerField.DOCUMENT}))


async def test_an_infant_travels_on_the_lap_of_an_adult():
    house = await House().open()
    offers = await house.offers(types=(ADULT, ADULT, INFANT))
    offer = next(offer for offer in offers if offer.holdable)
    baby = passenger("Byron", born=date(2025, 12, 1))
    people = (baby, passenger(), replace(passenger("Charles", "Babbage"), title=Title.MR))
    outcome = await house.reserve("r1", offer, passengers=people)
    assert outcome.refusal is None
    rows = await house.rows(select(TravellerRow).order_by(col(TravellerRow.position)))
    assert [(row.given_name, row.type, row.infant_id) for row in rows] == [
        ("Byron", "INFANT", None),
        ("Ada", "ADULT", rows[0].id),
        ("Charles", "ADULT", None),
    ]
    assert [row.gender for row in rows] == [Gender.FEMALE, Gender.FEMALE, Gender.MALE]
    assert house.orders("held")[0]["passengers"] == 3
