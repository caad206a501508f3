"""Departures as plain OCTO and as our capability tells them."""

import pytest

from tests.carriers.sandbox.octo.shop import (
    ASKED,
    ELSEWHERE,
    LAST,
    LATER,
    NEAR,
    NEVER,
    OPEN,
    OPTION,
    PLAIN,
    TOUR,
    Client,
    availability_id,
)

MAY = {"productId": TOUR, "optionId": OPTION, "localDateStart": "2027-05-01", "localDateEnd": "2027-05-31"}


def test_every_status_is_told_in_both_languages(client):
    client.book(LAST, ("single",))
    found = {day["localDate"]: day for day in client.ok("POST", "/availability/calendar", MAY)}
    assert {day: (told["status"], told["departureStatus"]) for day, told in found.items()} == {
        OPEN: ("AVAILABLE", "AVAILABLE"),
        LAST: ("SOLD_OUT", "CLOSED"),
        ASKED: ("CLOSED", "ON_REQUEST"),
        NEVER: ("CLOSED", "NO_YIELD"),
        NEAR: ("CLOSED", "TOO_LATE"),
        LATER: ("AVAILABLE", "AVAILABLE"),
    }
    assert [day for day, told in found.items() if told["available"]] == [OPEN, LATER]


def test_few_places_left_are_limited(client):
    found = client.check(LAST)
    assert (found["status"], found["available"], found["vacancies"], found["capacity"]) == ("LIMITED", True, 1, 40)


def test_what_is_sold_no_more_is_too_late_at_its_own_midnight(client, world, clock):
    cutoff = client.check(OPEN)["utcCutoffAt"]
    assert cutoff == "2027-05-02T21:00:00Z"
    world.advance(world.now().fromisoformat(cutoff) - world.now())
    found = client.check(OPEN)
    assert (found["departureStatus"], found["available"]) == ("TOO_LATE", False)


def test_availability_says_on_what_terms_it_is_sold(client):
    found = client.check(OPEN)
    assert found["localDateTimeStart"] == found["id"] == availability_id(OPEN)
    assert (found["localDateTimeEnd"], found["localDateEnd"]) == ("2027-05-17T23:59:59+03:00", "2027-05-17")
    assert (found["seasonId"], found["guideLanguage"]) == ("summer-2027", "en")
    assert (found["takesRequests"], found["holdMinutes"]) == (True, 2880)
    terms = found["departureTerms"]
    assert (terms["depositPerPerson"], terms["currency"], terms["balanceDueDays"]) == (20000, "GBP", 60)
    assert terms["cancellationScale"][0] == {"daysBefore": 60, "percent": 10}
    assert terms["exchange"] == {"daysBefore": 60, "feePerBooking": 5000}


def test_units_are_priced_together_and_need_places_together(client):
    two = client.check(OPEN, units=[{"id": "twin", "quantity": 2}, {"id": "child", "quantity": 1}])
    assert two["pricing"]["retail"] == 2 * 249900 + 199900
    assert "pricing" not in client.check(OPEN)
    too_many = client.check(LAST, units=[{"id": "single", "quantity": 2}])
    assert (too_many["status"], too_many["available"], too_many["vacancies"]) == ("SOLD_OUT", False, 1)


def test_prices_are_told_where_they_were_asked_for(world):
    bare = Client(world, capabilities="").check(OPEN)
    assert {"unitPricing", "title", "departureStatus"}.isdisjoint(bare)
    plain = Client(world, capabilities=PLAIN).check(OPEN)
    assert plain.keys() - bare.keys() == {"unitPricing", "title", "shortDescription"}


def test_ids_find_their_departures_and_no_others(client):
    wish = {"productId": TOUR, "optionId": OPTION, "availabilityIds": [availability_id(LATER), "x", "2027-05-08"]}
    (found,) = client.ok("POST", "/availability", wish)
    assert found["id"] == availability_id(LATER)


@pytest.mark.parametrize(
    ("wish", "code"),
    [
        ({"productId": "x"}, "INVALID_PRODUCT_ID"),
        ({"productId": None}, "INVALID_PRODUCT_ID"),
        ({"optionId": "x"}, "INVALID_OPTION_ID"),
        ({"localDateEnd": None}, "BAD_REQUEST"),
        ({"localDateEnd": "soon"}, "BAD_REQUEST"),
        ({"localDateEnd": "2028-06-01"}, "BAD_REQUEST"),
        ({"localDate": OPEN}, "BAD_REQUEST"),
        ({"availabilityIds": [availability_id(OPEN)]}, "BAD_REQUEST"),
        ({"availabilityIds": "x"}, "BAD_REQUEST"),
        ({"currency": "USD"}, "BAD_REQUEST"),
        ({"units": [{"id": "x", "quantity": 1}]}, "INVALID_UNIT_ID"),
        ({"units": [{"id": "twin", "quantity": 0}]}, "BAD_REQUEST"),
        ({"units": [{"id": "twin"}]}, "BAD_REQUEST"),
    ],
)
def test_what_cannot_be_meant_is_refused(client, wish, code):
    assert client.error("POST", "/availability/", MAY | wish) == code


def test_many_departures_are_answered_at_once(client):
    wanted = [(OPTION, OPEN), ("extended", LATER), ("unknown", OPEN), (OPTION, ELSEWHERE), (OPTION, "2030-01-01")]
    asked = [{"productId": TOUR, "optionId": option, "localDate": day} for option, day in wanted]
    found = client.ok("POST", "/departures/availability", {"departures": asked})
    assert [(each["optionId"], each["localDate"]) for each in found] == [(OPTION, OPEN), ("extended", LATER)]
    assert found[0]["availability"] == client.check(OPEN)


def test_many_departures_are_our_capability(client, world):
    plain = Client(world, capabilities=PLAIN)
    asked = {"productId": TOUR, "optionId": OPTION, "localDate": OPEN}
    assert plain.error("POST", "/departures/availability", {"departures": [asked]}) == "FORBIDDEN"
    assert client.error("POST", "/departures/availability", {"departures": [asked] * 501}) == "BAD_REQUEST"
    assert client.error("POST", "/departures/availability", {}) == "BAD_REQUEST"
