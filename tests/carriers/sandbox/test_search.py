"""What can be found, and that it is always the same."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from app.domain.money import Money
from carriers.sandbox.duffel.places import airports, distance_km
from carriers.sandbox.duffel.world import DuffelWorld
from tests.carriers.sandbox.talk import DAY, Client, of_airline


def segments(offer):
    return [segment for piece in offer["slices"] for segment in piece["segments"]]


def instant(segment, end, moment):
    return datetime.fromisoformat(segment[moment]).replace(tzinfo=ZoneInfo(segment[end]["time_zone"]))


def test_the_same_search_finds_the_same_flights_and_prices(client, clock):
    def facts(offers):
        return [
            (
                offer["total_amount"],
                [(s["departing_at"], s["marketing_carrier_flight_number"]) for s in segments(offer)],
            )
            for offer in offers
            for flown in [segments(offer)]
        ]

    first = facts(client.search("LHR", "CDG"))
    clock.advance(timedelta(minutes=5))
    assert first == facts(client.search("LHR", "CDG")) == facts(Client(DuffelWorld(clock)).search("LHR", "CDG"))


def test_a_city_code_searches_all_its_airports(client):
    offers = client.search("LON", "PAR")
    origins = {segments(offer)[0]["origin"]["iata_code"] for offer in offers}
    assert len(origins & {"LHR", "LGW", "LTN", "STN"}) >= 3
    assert {segments(offer)[-1]["destination"]["iata_city_code"] for offer in offers} == {"PAR"}


def test_a_search_finds_several_airlines_currencies_and_brands(client):
    offers = client.search("LON", "NYC")
    assert len({offer["owner"]["iata_code"] for offer in offers}) >= 5
    assert {"GBP", "USD"} <= {offer["total_currency"] for offer in offers}
    assert {"Basic", "Standard", "Flex"} == {offer["slices"][0]["fare_brand_name"] for offer in offers}


@pytest.mark.parametrize(("origin", "destination"), [("LHR", "JFK"), ("SYD", "LAX"), ("HNL", "AKL"), ("DEL", "KTM")])
def test_times_follow_from_distance_and_time_zones(client, origin, destination):
    for offer in client.search(origin, destination):
        for segment in segments(offer):
            flown = instant(segment, "destination", "arriving_at") - instant(segment, "origin", "departing_at")
            kilometres = float(segment["distance"])
            assert kilometres == pytest.approx(
                distance_km(segment["origin"]["iata_code"], segment["destination"]["iata_code"]), abs=0.1
            )
            assert kilometres / 1000 < flown / timedelta(hours=1) < kilometres / 700 + 1
            hours, minutes = segment["duration"].removeprefix("PT").removesuffix("M").split("H")
            assert flown == timedelta(hours=int(hours), minutes=int(minutes))


def test_distances_are_real():
    assert distance_km("LHR", "JFK") == pytest.approx(5540, abs=15)
    assert distance_km("SYD", "SCL") == pytest.approx(11340, abs=40)


def test_connections_leave_time_to_change_and_end_where_they_should(client):
    offers = client.search("BER", "CPT")
    changing = [offer for offer in offers if len(segments(offer)) == 2]
    assert changing
    for offer in changing:
        first, second = segments(offer)
        wait = instant(second, "origin", "departing_at") - instant(first, "destination", "arriving_at")
        assert first["destination"]["iata_code"] == second["origin"]["iata_code"]
        assert timedelta(minutes=45) <= wait <= timedelta(hours=9)


def test_no_connections_means_direct_flights_only(client):
    offers = client.search("BER", "CPT", max_connections=0)
    assert offers
    assert {len(segments(offer)) for offer in offers} == {1}


def test_a_return_and_a_multi_city_trip_come_in_order(client):
    legs = [("LHR", "FRA", DAY), ("FRA", "IST", "2026-04-26"), ("IST", "LHR", "2026-04-30")]
    for trip in ([*legs[:1], ("FRA", "LHR", "2026-04-28")], legs):
        slices = [{"origin": o, "destination": d, "departure_date": day} for o, d, day in trip]
        found = client.ok("POST", "/air/offer_requests", {"slices": slices, "passengers": [{"type": "adult"}]})
        assert found["offers"]
        for offer in found["offers"]:
            ends = [(s["origin"]["iata_code"], s["destination"]["iata_code"]) for s in offer["slices"]]
            assert ends == [(o, d) for o, d, _ in trip]
            assert [s["segments"][0]["departing_at"][:10] for s in offer["slices"]] == [day for _, _, day in trip]


def test_a_departure_window_is_kept(client):
    slices = [
        {
            "origin": "LHR",
            "destination": "CDG",
            "departure_date": DAY,
            "departure_time": {"from": "12:00", "to": "18:00"},
        }
    ]
    found = client.ok("POST", "/air/offer_requests", {"slices": slices, "passengers": [{"type": "adult"}]})
    assert found["offers"]
    assert all("12:00" <= segments(offer)[0]["departing_at"][11:16] <= "18:00" for offer in found["offers"])


def test_amounts_add_up_and_fit_the_currency(client):
    for offer in client.search("PAR", "TYO", passengers=[{"type": "adult"}, {"age": 7}, {"age": 1}]):
        base, tax, total = (
            Money.of(offer[f"{kind}_amount"], offer[f"{kind}_currency"]) for kind in ("base", "tax", "total")
        )
        assert base + tax == total
        assert [traveller["type"] for traveller in offer["passengers"]] == [
            "adult",
            "child",
            "infant_without_seat",
        ]
        assert int(offer["total_emissions_kg"]) > 0


def test_children_pay_less_and_infants_least(client):
    def price(passengers):
        return float(of_airline(client.search("LHR", "FCO", passengers=passengers), "ZZ")["total_amount"])

    adult, child, infant = {"type": "adult"}, {"type": "child"}, {"type": "infant_without_seat"}
    alone = price([adult])
    assert alone < price([adult, infant]) < price([adult, child]) < price([adult, adult])


def test_a_dearer_brand_allows_more(client):
    offers = client.search("LHR", "CDG")
    basic, flex = (of_airline(offers, "BA", brand) for brand in ("Basic", "Flex"))
    assert basic["conditions"]["refund_before_departure"] == {
        "allowed": False,
        "penalty_amount": None,
        "penalty_currency": None,
    }
    assert flex["conditions"]["refund_before_departure"] == {
        "allowed": True,
        "penalty_amount": "0.00",
        "penalty_currency": "GBP",
    }
    assert float(basic["total_amount"]) < float(flex["total_amount"])
    bags = {bag["type"]: bag["quantity"] for bag in segments(flex)[0]["passengers"][0]["baggages"]}
    assert bags == {"carry_on": 1, "checked": 2}


def test_an_airline_that_tells_no_rules_has_null_conditions(client):
    offer = of_airline(client.search("LHR", "IST"), "TK")
    assert offer["conditions"] == {"refund_before_departure": None, "change_before_departure": None}


def test_payment_requirements_come_in_all_three_kinds(client):
    def limits(origin, destination, code):
        return of_airline(client.search(origin, destination), code)["payment_requirements"]

    guaranteed, floating, instant_only = (
        limits("LHR", "CDG", "BA"),
        limits("LHR", "CDG", "AF"),
        limits("BCN", "FCO", "VY"),
    )
    assert guaranteed["payment_required_by"] > guaranteed["price_guarantee_expires_at"]
    assert floating["payment_required_by"] and floating["price_guarantee_expires_at"] is None
    assert instant_only == {
        "requires_instant_payment": True,
        "payment_required_by": None,
        "price_guarantee_expires_at": None,
    }


def test_passports_are_asked_for_where_countries_ask(client):
    assert of_airline(client.search("LHR", "JFK"), "ZZ")["passenger_identity_documents_required"]
    assert not of_airline(client.search("LHR", "CDG"), "ZZ")["passenger_identity_documents_required"]
    assert not of_airline(client.search("JFK", "SEA"), "ZZ")["passenger_identity_documents_required"]


@pytest.mark.parametrize("cabin", ["economy", "premium_economy", "business", "first"])
def test_every_cabin_can_be_searched(client, cabin):
    offers = client.search("LHR", "SIN", cabin_class=cabin)
    assert {p["cabin_class"] for offer in offers for p in segments(offer)[0]["passengers"]} == {cabin}


class TestMagicRoutes:
    def test_no_offers(self, client):
        assert client.search("PVD", "RAI") == []

    def test_every_offer_can_be_held(self, client):
        offers = client.search("JFK", "EWR")
        assert offers
        assert not any(offer["payment_requirements"]["requires_instant_payment"] for offer in offers)

    def test_only_connecting(self, client):
        offers = client.search("LHR", "DXB")
        assert offers and all(len(segments(offer)) > 1 for offer in offers)

    def test_one_stop(self, client):
        offers = client.search("DXB", "AMS")
        assert offers and all([len(segment["stops"]) for segment in segments(offer)] == [1] for offer in offers)

    def test_no_bags(self, client):
        offers = client.search("BTS", "MRU")
        assert offers
        assert all(
            p["baggages"] == [] for offer in offers for segment in segments(offer) for p in segment["passengers"]
        )

    def test_time_out(self, client):
        slices = [{"origin": "STN", "destination": "LHR", "departure_date": DAY}]
        wish = {"slices": slices, "passengers": [{"type": "adult"}]}
        reply = client.send("POST", "/air/offer_requests", wish, supplier_timeout=7000)
        assert (reply.status, reply.delay_seconds) == (504, 7)
        assert reply.json()["errors"][0]["code"] == "gateway_timeout_error"

    def test_an_offer_that_is_gone_when_it_is_read(self, client):
        offer = client.search("LGW", "LHR")[0]
        assert client.error("GET", f"/air/offers/{offer['id']}") == (422, "offer_no_longer_available")

    def test_a_price_that_rises_at_every_read(self, client):
        offer = client.search("LHR", "STN")[0]
        prices = [float(client.ok("GET", f"/air/offers/{offer['id']}")["total_amount"]) for _ in range(2)]
        assert [round(price - float(offer["total_amount"]), 2) for price in prices] == [10, 20]


WISH = {
    "slices": [{"origin": "LHR", "destination": "CDG", "departure_date": DAY}],
    "passengers": [{"type": "adult"}],
}


@pytest.mark.parametrize(
    ("change", "code", "pointer"),
    [
        ({"slices": []}, "validation_required", "/data/slices"),
        ({"passengers": []}, "validation_required", "/data/passengers"),
        ({"passengers": [{}]}, "validation_required", "/data/passengers/0/type"),
        ({"passengers": [{"type": "dog"}]}, "validation_inclusion", "/data/passengers/0/type"),
        ({"passengers": [{"type": "adult"}] * 10}, "validation_length", "/data/passengers"),
        ({"passengers": [{"type": "infant_without_seat"}]}, "validation_length", "/data/passengers"),
        ({"cabin_class": "hold"}, "validation_inclusion", "/data/cabin_class"),
        ({"slices": [WISH["slices"][0] | {"origin": "QQQ"}]}, "validation_format", "/data/slices/0/origin"),
        (
            {"slices": [WISH["slices"][0] | {"destination": "LON"}]},
            "validation_unique",
            "/data/slices/0/destination",
        ),
        (
            {"slices": [WISH["slices"][0] | {"departure_date": "soon"}]},
            "validation_format",
            "/data/slices/0/departure_date",
        ),
        (
            {"slices": [WISH["slices"][0] | {"departure_date": "2026-02-01"}]},
            "validation_format",
            "/data/slices/0/departure_date",
        ),
    ],
)
def test_a_wrong_search_is_refused_at_its_field(client, change, code, pointer):
    reply = client.send("POST", "/air/offer_requests", WISH | change)
    (error,) = reply.json()["errors"]
    assert (reply.status, error["type"], error["code"]) == (422, "validation_error", code)
    assert error["source"]["pointer"] == pointer


def test_offers_are_listed_sorted_and_paged(client):
    found = client.ok("POST", "/air/offer_requests", WISH, return_offers="false")
    assert "offers" not in found
    seen, after = [], None
    while True:
        more = {} if after is None else {"after": after}
        reply = client.send(
            "GET", "/air/offers", offer_request_id=found["id"], limit=20, sort="total_amount", **more
        ).json()
        seen += reply["data"]
        after = reply["meta"]["after"]
        if after is None:
            break
    assert (
        len(seen)
        == len({offer["id"] for offer in seen})
        == len(client.ok("GET", f"/air/offer_requests/{found['id']}")["offers"])
    )
    assert [float(offer["total_amount"]) for offer in seen] == sorted(float(offer["total_amount"]) for offer in seen)


def test_offers_expire(client, clock):
    offer = client.search("LHR", "CDG")[0]
    clock.advance(timedelta(minutes=30))
    assert client.error("GET", f"/air/offers/{offer['id']}") == (422, "offer_no_longer_available")


def test_places_are_suggested_best_first(client):
    assert client.ok("GET", "/places/suggestions", query="pari")[0]["iata_code"] == "PAR"
    lhr = client.ok("GET", "/places/suggestions", query="LHR")[0]
    assert (lhr["type"], lhr["iata_city_code"], lhr["country_name"]) == ("airport", "LON", "United Kingdom")
    assert client.ok("GET", "/places/suggestions", name="qqqqq") == []
    near = client.ok("GET", "/places/suggestions", lat="51.47", lng="-0.45", rad="30000")
    assert near[0]["iata_code"] == "LHR"
    assert client.error("GET", "/places/suggestions", lat="nan", lng="0") == (422, "validation_format")
    assert client.error("GET", "/places/suggestions") == (422, "validation_required")


def test_every_airport_of_the_world_is_listed_by_pages(client):
    seen, after = 0, None
    while True:
        more = {} if after is None else {"after": after}
        reply = client.send("GET", "/air/airports", limit=200, **more).json()
        seen, after = seen + len(reply["data"]), reply["meta"]["after"]
        if after is None:
            break
    assert seen == len(airports()) > 7000


@pytest.mark.parametrize("limit", ["0", "201", "x"])
def test_a_page_has_one_to_two_hundred(client, limit):
    assert client.error("GET", "/air/airlines", limit=limit) == (422, "validation_inclusion")


def test_pages_go_back(client):
    first = client.send("GET", "/air/airlines", limit=5).json()
    second = client.send("GET", "/air/airlines", limit=5, after=first["meta"]["after"]).json()
    back = client.send("GET", "/air/airlines", limit=5, before=second["meta"]["before"]).json()
    assert back["data"] == first["data"]
    assert back["meta"]["before"] is None
    assert client.error("GET", "/air/airlines", after="bogus!")[0] == 400
