"""The test cards: what each does in the form and as a token, and that nothing secret of them is kept."""

import json

import pytest

from app.domain.payment import DeclineReason
from carriers.sandbox.exchange import Request, encode
from carriers.sandbox.faults import FaultKind
from carriers.sandbox.payments.cards import BY_NUMBER, BY_TOKEN, CARDS, passes_luhn
from tests.payments.sandbox.talk import act, error, opened, seen
from tests.payments.worlds import ask

DECLINED = [card for card in CARDS if card.decline and not card.challenge]
TAKEN = [card for card in CARDS if not card.decline and not card.challenge]
HOME = {"line1": "1 Great George Street", "city": "Bristol", "country": "GB", "post_code": "BS1 5RR"}


def named(cards):
    return pytest.mark.parametrize("card", cards, ids=lambda card: card.name)


def test_numbers_are_card_numbers_and_each_card_has_its_own():
    assert all(passes_luhn(card.number) for card in CARDS)
    assert len(BY_NUMBER) == len(BY_TOKEN) == len(CARDS)


def test_every_reason_to_decline_has_a_card():
    assert {card.decline for card in DECLINED} == set(DeclineReason)


@named(TAKEN)
def test_it_is_authorised(world, payer, card):
    charge = opened(world)
    payer.submit(charge["form_url"], card.number)
    now = seen(world, charge)
    assert (now["state"], now["card"], now["attempts"]) == ("authorised", f"{card.brand} {card.number[-4:]}", 1)


@named(DECLINED)
def test_it_is_declined(world, payer, card):
    charge, reason = opened(world), card.decline.value.lower()
    assert payer.submit(charge["form_url"], card.number) == {"state": "declined", "reason": reason}
    assert (seen(world, charge)["state"], seen(world, charge)["declined"]) == ("open", reason)
    assert payer.submit(charge["form_url"]) == {"state": "authorised"}
    assert seen(world, charge)["declined"] is None


@named([card for card in CARDS if card.challenge])
@pytest.mark.parametrize("passed", [True, False])
def test_it_asks_for_a_challenge_first(world, payer, card, passed):
    charge = opened(world)
    asked = payer.submit(charge["form_url"], card.number)
    assert asked["state"] == "challenge" and seen(world, charge)["state"] == "open"
    reason = card.decline if passed else DeclineReason.AUTHENTICATION_FAILED
    expected = {"state": "declined", "reason": reason.lower()} if reason else {"state": "authorised"}
    assert payer.answer(asked["challenge_url"], passed=passed) == expected
    assert payer.answer(asked["challenge_url"], passed=True) == expected


def test_another_card_takes_the_challenges_place(world, payer):
    charge = opened(world)
    asked = payer.submit(charge["form_url"], "4000002760003184")
    assert payer.submit(charge["form_url"], "4000000000000002")["state"] == "declined"
    assert payer.answer(asked["challenge_url"], passed=True)["error"]["code"] == "charge_not_found"
    assert seen(world, charge)["state"] == "open"


@named(DECLINED)
def test_its_token_is_declined(world, card):
    status, answer = act(world, opened(world), "authorise", card=card.token)
    assert (status, answer["error"]["reason"]) == (402, card.decline.lower())


@named([card for card in TAKEN if not card.lost])
def test_its_token_is_authorised(world, card):
    assert act(world, opened(world), "authorise", card=card.token)[1]["state"] == "authorised"


def test_an_unknown_token_is_invalid(world):
    assert error(act(world, opened(world), "authorise", card="tok_gold")) == (422, "invalid")


def test_the_lost_reply_is_lost_and_the_card_authorised(world, payer):
    charge = opened(world)
    assert payer.submit(charge["form_url"], BY_TOKEN["tok_lost_reply"].number) == {}
    assert payer.state(charge["form_url"])["state"] == "authorised"


@pytest.mark.parametrize(("name", "seconds"), [("approved", 0), ("slow", 5), ("callback_early", 3)])
def test_some_take_their_time(world, name, seconds):
    charge = opened(world)
    typed = {"number": BY_TOKEN[f"tok_{name}"].number, "expiry": "12/30", "cvc": "123", "name": "Ada"}
    path = charge["form_url"].removeprefix("http://payments.sandbox")
    assert world.handle(Request("POST", f"{path}/cards", {}, {}, encode(typed))).delay_seconds == seconds


@named(CARDS)
def test_no_number_and_no_address_is_told_or_kept_where_it_does_not_belong(world, payer, card):
    charge = opened(world)
    payer.submit(charge["form_url"], card.number, **HOME)
    told = json.dumps([world.ledger(), seen(world, charge), payer.state(charge["form_url"])])
    told += "".join(message.body.decode() for message in world.pending_webhooks())
    assert card.number not in told and HOME["line1"] not in told
    assert card.number.encode() not in world.snapshot()
    assert ask(world, "GET", f"/v1/charges/{charge['id']}/billing").json() == {"line2": "", "state": ""} | HOME


@pytest.mark.parametrize("kind", [FaultKind.LATE_EFFECT, FaultKind.CALLBACK_EARLY])
def test_not_even_while_a_late_effect_is_waiting(world, payer, kind):
    world.faults.add(world.endpoints, {"endpoint": "forms.card", "kind": kind})
    charge = opened(world)
    assert payer.submit(charge["form_url"], **HOME) == {}
    assert HOME["city"].encode() in world.snapshot()
    assert b"424242" not in world.snapshot()
