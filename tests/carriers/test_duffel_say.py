"""What we say to Duffel: bodies and headers as its documentation has them."""

import json
from datetime import date, time, timedelta

import pytest

from app.domain.clock import ManualClock
from app.domain.itinerary import CabinClass, PassengerType
from app.domain.money import Money
from app.domain.refusals import InvalidInput
from app.domain.search import Leg, SearchQuery, SeatRequest
from app.domain.travellers import DocumentKind, Gender, IdentityDocument, LoyaltyAccount, Title
from app.wire.account import path
from carriers.contract import Purchase
from carriers.duffel import say
from carriers.sandbox.duffel.world import DuffelWorld
from tests.carriers.contract import SEARCH_DEADLINE, Desk, traveller
from tests.carriers.test_duffel import QUERY
from tests.carriers.worlds import START, TOKEN, SandboxTransport, in_process

PASSPORT = IdentityDocument(
    kind=DocumentKind.PASSPORT, number="19KL56147", issuing_country="GB", expires_on=date(2030, 1, 2)
)


def test_a_search_names_slices_windows_cabin_and_changes():
    out = Leg(origin="LON", destination="NYC", date=date(2026, 4, 24), departs_from=time(6, 30), arrives_until=time(20))
    query = SearchQuery(
        legs=(out,),
        passengers=(SeatRequest(type=PassengerType.ADULT),),
        cabin=CabinClass.PREMIUM_ECONOMY,
        max_changes=0,
    )
    assert say.offer_request(query) == {
        "data": {
            "slices": [
                {
                    "origin": "LON",
                    "destination": "NYC",
                    "departure_date": "2026-04-24",
                    "departure_time": {"from": "06:30", "to": "23:59"},
                    "arrival_time": {"from": "00:00", "to": "20:00"},
                }
            ],
            "passengers": [{"type": "adult"}],
            "cabin_class": "premium_economy",
            "max_connections": 0,
        }
    }


@pytest.mark.parametrize(
    ("kind", "age", "said"),
    [
        (PassengerType.ADULT, None, {"type": "adult"}),
        (PassengerType.ADULT, 45, {"type": "adult"}),
        (PassengerType.ADULT, 17, {"age": 17}),
        (PassengerType.CHILD, None, {"type": "child"}),
        (PassengerType.CHILD, 8, {"age": 8}),
        (PassengerType.INFANT, None, {"type": "infant_without_seat"}),
        (PassengerType.INFANT, 1, {"age": 1}),
    ],
)
def test_who_is_under_18_is_asked_for_by_age(kind, age, said):
    query = SearchQuery(legs=QUERY.legs, passengers=(SeatRequest(type=kind, age=age),))
    assert say.offer_request(query)["data"]["passengers"] == [said]


def test_more_changes_than_duffel_knows_are_its_most():
    query = SearchQuery(legs=QUERY.legs, passengers=QUERY.passengers, max_changes=5)
    assert say.offer_request(query)["data"]["max_connections"] == 2


@pytest.mark.parametrize(("seconds", "said"), [(1, "2000"), (10, "9000"), (600, "60000")])
def test_duffel_waits_less_than_we_do_and_within_its_limits(seconds, said):
    assert say.supplier_timeout(timedelta(seconds=seconds)) == said


def test_a_passenger_says_everything_that_is_known():
    amelia = traveller(
        "pas_1",
        title=Title.DR,
        infant="pas_2",
        document=PASSPORT,
        loyalty=(LoyaltyAccount(airline="BA", number="12901014"),),
    )
    purchase = Purchase(offer="off_1", price=Money.of("45.00", "GBP"), passengers={"trv_0": "pas_1"})
    assert say.hold(purchase, [amelia], "key-1")["data"] == {
        "type": "hold",
        "selected_offers": ["off_1"],
        "metadata": {"faregate_key": "key-1"},
        "passengers": [
            {
                "id": "pas_1",
                "title": "dr",
                "given_name": "Ameliaa",
                "family_name": "Earhart",
                "born_on": "1987-07-24",
                "gender": "f",
                "email": "amelia@example.com",
                "phone_number": "+442080160509",
                "infant_passenger_id": "pas_2",
                "identity_documents": [
                    {
                        "type": "passport",
                        "unique_identifier": "19KL56147",
                        "issuing_country_code": "GB",
                        "expires_on": "2030-01-02",
                    }
                ],
                "loyalty_programme_accounts": [{"airline_iata_code": "BA", "account_number": "12901014"}],
            }
        ],
    }


def test_buying_pays_from_the_balance_in_the_currencys_own_decimals():
    purchase = Purchase(offer="off_1", price=Money.of("12345", "JPY"), passengers={"trv_0": "pas_1"})
    body = say.buy(purchase, [traveller("pas_1")], "key-1")["data"]
    assert body["type"] == "instant"
    assert body["payments"] == [{"type": "balance", "amount": "12345", "currency": "JPY"}]


def test_a_gender_duffel_does_not_know_is_told_to_the_client():
    purchase = Purchase(offer="off_1", price=Money.of("45.00", "GBP"), passengers={"trv_0": "pas_1"})
    with pytest.raises(InvalidInput) as invalid:
        say.hold(purchase, [traveller("pas_1", gender=Gender.UNSPECIFIED)], "key-1")
    assert invalid.value.path == ("passengers", "0", "gender")


def test_a_path_cannot_be_left():
    assert path("air", "offers", "../orders?x=1") == "/air/offers/..%2Forders%3Fx%3D1"


async def test_each_call_says_who_asks_and_in_which_version():
    clock = ManualClock(START)
    transport = SandboxTransport(DuffelWorld(clock))
    carrier = in_process(transport.world, clock, transport)
    await carrier.search(QUERY, deadline=SEARCH_DEADLINE)
    (request,) = transport.sent
    assert (request.method, request.url) == ("POST", "http://duffel.sandbox/air/offer_requests")
    assert request.params == {"return_offers": "true", "supplier_timeout": "9000"}
    assert request.headers["Authorization"] == f"Bearer {TOKEN}"
    assert request.headers["Duffel-Version"] == "v2"


async def test_a_hold_carries_neither_payments_nor_services():
    clock = ManualClock(START)
    transport = SandboxTransport(DuffelWorld(clock))
    desk = Desk(in_process(transport.world, clock, transport), clock)
    await desk.hold(await desk.offer(QUERY))
    body = transport.sent[-1].json["data"]
    assert not {"payments", "services"} & set(json.loads(json.dumps(body)))
