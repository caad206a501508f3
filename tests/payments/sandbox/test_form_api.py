"""What the form's script and a plain form may send, and what they are told."""

import pytest

from carriers.sandbox.exchange import Request
from tests.payments.sandbox.talk import act, opened, seen
from tests.payments.worlds import CHALLENGED

PLAIN = {"content-type": "application/x-www-form-urlencoded"}


@pytest.mark.parametrize(
    ("field", "typed", "problem"),
    [
        ("number", "", "missing"),
        ("number", "4242 4242 4242 4241", "not_a_card"),
        ("number", "4242-abcd", "not_a_card"),
        ("number", "\u0664\u0662\u0664\u0662", "not_a_card"),
        # A real card's number, as far as anybody can tell: this world takes none.
        ("number", "4111 1111 1111 1111", "not_a_test_card"),
        ("expiry", "", "missing"),
        ("expiry", "13/30", "malformed"),
        ("expiry", "1/30", "malformed"),
        ("expiry", "02/26", "expired"),
        ("expiry", "12/2025", "expired"),
        ("cvc", "", "missing"),
        ("cvc", "12", "malformed"),
        ("cvc", "1234", "malformed"),
        ("cvc", "12a", "malformed"),
        ("name", "  ", "missing"),
        ("country", "Britain", "malformed"),
        ("city", "x" * 201, "too_long"),
    ],
)
def test_a_field_that_cannot_be_right_is_named_and_no_attempt_is_made(world, payer, field, typed, problem):
    charge = opened(world)
    told = payer.submit(charge["form_url"], **{field: typed})
    assert (told["error"]["code"], told["error"]["fields"]) == ("invalid", {field: problem})
    assert seen(world, charge)["attempts"] == 0


@pytest.mark.parametrize("fields", [{"expiry": "03/26"}, {"expiry": "03 / 2026"}, {"number": "4242 4242-42424242"}])
def test_what_people_type_is_understood(world, payer, fields):
    assert payer.submit(opened(world)["form_url"], **fields) == {"state": "authorised"}


def test_an_american_express_has_four_digits_on_its_front(world, payer):
    charge = opened(world)
    assert payer.submit(charge["form_url"], "378282246310005", cvc="123")["error"]["fields"] == {"cvc": "malformed"}
    assert payer.submit(charge["form_url"], "378282246310005", cvc="1234") == {"state": "authorised"}


def test_sending_twice_authorises_once(world, payer):
    charge = opened(world)
    assert [payer.submit(charge["form_url"]) for _ in range(2)] == [{"state": "authorised"}] * 2
    assert seen(world, charge)["attempts"] == 1


def test_the_state_is_all_that_the_form_shows(world, payer):
    charge = opened(world)
    state = payer.state(charge["form_url"])
    assert (state["state"], state["declined"], state["challenge_url"]) == ("open", None, None)
    assert (state["amount"], state["currency"], state["reference"]) == ("100.00", "GBP", "B7K2Q9")
    assert state["expires_at"] == "2026-03-01T09:30:00Z"
    asked = payer.submit(charge["form_url"], CHALLENGED)
    assert payer.state(charge["form_url"])["challenge_url"] == asked["challenge_url"]
    act(world, charge, "close")
    assert payer.state(charge["form_url"])["challenge_url"] is None


def test_an_unknown_secret_opens_nothing(world, payer):
    opened(world)
    assert payer.state("http://payments.sandbox/pay/guess")["error"]["code"] == "charge_not_found"
    assert payer.submit("http://payments.sandbox/pay/guess")["error"]["code"] == "charge_not_found"
    assert payer.answer("http://payments.sandbox/challenge/guess", passed=True)["error"]["code"] == "charge_not_found"


def test_secrets_are_long_and_no_two_are_the_same(world):
    secrets = {opened(world, str(number))["form_url"].rsplit("/", 1)[1] for number in range(50)}
    assert len(secrets) == 50 and all(len(secret) == 43 for secret in secrets)


class TestWithoutOurScript:
    def post(self, world, path, body):
        return world.handle(Request("POST", path, {}, PLAIN, body.encode()))

    def test_the_payer_is_sent_back_to_the_page(self, world):
        charge = opened(world)
        path = charge["form_url"].removeprefix("http://payments.sandbox")
        reply = self.post(world, f"{path}/cards", "number=4242+4242+4242+4242&expiry=12%2F30&cvc=123&name=Ada")
        assert (reply.status, reply.headers["location"]) == (303, path)
        assert seen(world, charge)["state"] == "authorised"

    def test_what_cannot_be_right_is_named_in_the_address_without_its_content(self, world):
        charge = opened(world)
        path = charge["form_url"].removeprefix("http://payments.sandbox")
        reply = self.post(world, f"{path}/cards", "number=4242424242424241&expiry=12%2F30&cvc=123&name=Ada")
        assert (reply.status, reply.headers["location"]) == (303, f"{path}?invalid=number")

    def test_the_challenge_too(self, world, payer):
        charge = opened(world)
        asked = payer.submit(charge["form_url"], CHALLENGED)
        path = asked["challenge_url"].removeprefix("http://payments.sandbox")
        assert self.post(world, path, "passed=true").headers["location"] == path
        assert seen(world, charge)["state"] == "authorised"
