"""The card form as payers meet it, inside a shop's page: paid, declined, challenged, slow, lost, left open."""

import asyncio
from datetime import timedelta

import pytest

from tests.payments.form.scene import CHALLENGED, DONE, FAILED, SHORT, UNKNOWN

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.proof]
TITLE = "document.querySelector('#message h2')?.textContent"
REASON = "document.getElementById('reason').textContent"
PAID = {name: value for name, value in DONE.items() if name != "final"}
UNPAID = PAID | {"paymentSuccessful": "false", "paymentStatus": None, "amountPaid": "0.00"}
# Timers that are in a hurry, so that a minute passes in a second.
HURRY = "const slow = window.setTimeout; window.setTimeout = (what, after) => slow(what, after / 50)"


async def test_a_payer_pays_and_the_shop_hears_it(payer, scene):
    charge = scene.charge()
    scene.outcomes = [UNKNOWN, DONE]
    await payer.visit()
    await payer.pay()
    assert await payer.heard() == [(scene.provider, PAID)]
    assert await payer.page.value(TITLE, "/pay/") == "Paid"
    assert await payer.page.value("document.getElementById('result').textContent") == (
        "You paid 123.45 EUR. Your booking is complete."
    )
    assert await payer.page.value("document.querySelectorAll('input, select').length", "/pay/") == 0
    assert (scene.now(charge)["state"], scene.now(charge)["card"]) == ("authorised", "Visa 4242")
    assert payer.page.complaints == []


async def test_a_declined_payer_sees_why_and_pays_with_another_card(payer, scene):
    charge = scene.charge()
    await payer.visit()
    await payer.pay(number=SHORT)
    assert await payer.heard() == [(scene.provider, UNPAID)]
    assert "not enough money" in await payer.form(REASON)
    assert await payer.page.value("document.activeElement.id", "/pay/") == "number"
    left = "['number', 'expiry', 'cvc', 'name'].map((id) => document.getElementById(id).value)"
    assert await payer.page.value(left, "/pay/") == ["", "", "", "Ada Lovelace"]
    scene.outcomes = [DONE]
    await payer.pay()
    assert (await payer.heard(2))[1:] == [(scene.provider, PAID)]
    assert (scene.now(charge)["attempts"], scene.now(charge)["state"]) == (2, "authorised")
    assert payer.page.complaints == []


async def test_a_payer_passes_the_issuers_challenge_in_its_own_frame(payer, scene):
    scene.charge()
    scene.outcomes = [DONE]
    await payer.visit(width=600)
    await payer.pay(number=CHALLENGED)
    await payer.page.until("document.readyState === 'complete'", "/challenge/")
    wide, high = await payer.page.value("[innerWidth, innerHeight]", "/challenge/")
    assert wide >= 390 and high >= 400
    await payer.answer("1234")
    assert await payer.heard() == [(scene.provider, PAID)]
    assert payer.page.complaints == []


async def test_a_failed_challenge_is_a_decline_and_the_form_stays(payer, scene):
    charge = scene.charge()
    await payer.visit()
    await payer.pay(number=CHALLENGED)
    await payer.answer("9999")
    assert await payer.heard() == [(scene.provider, UNPAID)]
    assert "could not confirm" in await payer.form(REASON)
    scene.outcomes = [DONE]
    await payer.pay()
    assert (await payer.heard(2))[1:] == [(scene.provider, PAID)]
    assert scene.now(charge)["attempts"] == 2


async def test_a_shop_cannot_answer_the_challenge_for_the_payer(payer, scene):
    scene.charge()
    await payer.visit()
    await payer.pay(number=CHALLENGED)
    await payer.page.until("document.readyState === 'complete'", "/challenge/")
    before = len(payer.page.requests)
    await payer.page.value("document.getElementById('card-form').contentWindow.postMessage('challenge-answered', '*')")
    await payer.form("heard.length")
    assert await payer.page.value("document.getElementById('challenge').hidden", "/pay/") is False
    assert payer.page.requests[before:] == []


async def test_a_tab_closed_at_once_has_paid_and_the_gateway_is_called_back(payer, scene):
    charge = scene.charge()
    scene.ask("POST", "/v1/callbacks", url=f"{scene.gateway}/callbacks")
    await payer.visit()
    await payer.pay(number="4000000000010050")  # its callback comes before the browser's answer
    while not scene.now(charge)["attempts"]:
        await asyncio.sleep(0.01)
    await payer.page.close()
    while not scene.callbacks:
        await asyncio.sleep(0.01)
    assert [(told["kind"], told["charge"]) for told in scene.callbacks] == [("payment.authorised", charge)]
    assert scene.now(charge)["state"] == "authorised"


# A gateway that has not heard of the card yet may still say no: it was about the card before.
@pytest.mark.parametrize("known", [UNKNOWN, UNKNOWN | {"paymentSuccessful": "false", "amountPaid": "0.00"}])
async def test_a_booking_that_takes_long_is_partially_completed_after_a_minute(payer, scene, known):
    scene.charge()
    scene.outcomes = [known]
    await payer.visit(first=HURRY)
    await payer.pay()
    assert await payer.heard() == [(scene.provider, PAID | {"paymentStatus": "PARTIALLY_COMPLETED"})]
    assert await payer.page.value(TITLE, "/pay/") == "Your card was accepted"
    assert 15 < sum("/outcomes/" in url for url in payer.page.requests) < 25


async def test_a_booking_that_failed_after_all_is_told_as_unpaid(payer, scene):
    scene.charge()
    scene.outcomes = [UNKNOWN, FAILED]
    await payer.visit()
    await payer.pay()
    assert await payer.heard() == [(scene.provider, UNPAID)]
    assert await payer.page.value(TITLE, "/pay/") == "Your booking could not be completed"


async def test_a_form_left_open_past_its_limit_takes_no_card(payer, scene):
    charge = scene.charge()
    await payer.visit()
    scene.clock.advance(timedelta(seconds=1801))
    await payer.pay()
    assert await payer.heard() == [(scene.provider, UNPAID)]
    assert await payer.page.value(TITLE, "/pay/") == "This form is closed"
    assert await payer.page.value("document.querySelectorAll('input, select, button').length", "/pay/") == 0
    assert (scene.now(charge)["state"], scene.now(charge)["attempts"]) == ("closed", 0)


async def test_a_form_says_that_it_closes_soon_and_closes_by_itself(payer, scene):
    scene.charge(seconds=2)
    await payer.visit()
    assert await payer.form("document.getElementById('closing').textContent") == (
        "This form closes in less than a minute."
    )
    scene.clock.advance(timedelta(seconds=3))
    assert await payer.heard() == [(scene.provider, UNPAID)]
    assert await payer.page.value(TITLE, "/pay/") == "This form is closed"


async def test_a_lost_answer_is_looked_up(payer, scene):
    charge = scene.charge()
    scene.outcomes = [DONE]
    await payer.visit()
    await payer.pay(number="4000000000010027")
    assert await payer.heard() == [(scene.provider, PAID)]
    assert scene.now(charge)["attempts"] == 1


async def test_a_card_that_never_arrived_may_be_sent_again(payer, scene):
    charge = scene.charge()
    scene.world.faults.add(scene.world.endpoints, {"endpoint": "forms.card", "kind": "time_out_before", "times": 1})
    await payer.visit()
    await payer.pay()
    assert "nothing was charged" in await payer.form(REASON)
    assert scene.now(charge)["attempts"] == 0
    scene.outcomes = [DONE]
    await payer.pay()
    assert await payer.heard() == [(scene.provider, PAID)]


async def test_two_clicks_are_one_attempt(payer, scene):
    charge = scene.charge()
    await payer.visit()
    await payer.fill(number=SHORT)
    await payer.page.value("[1, 2].forEach(() => document.getElementById('card-form').requestSubmit())", "/pay/")
    await payer.form(REASON)
    assert await payer.page.value("document.getElementById('summary').hidden", "/pay/")
    assert scene.now(charge)["attempts"] == 1
    assert sum(url.endswith("/cards") for url in payer.page.requests) == 1


async def test_a_form_reloaded_after_paying_tells_again(payer, scene):
    scene.charge()
    scene.outcomes = [DONE]
    await payer.visit()
    await payer.pay()
    assert await payer.heard() == [(scene.provider, PAID)]
    await payer.visit()
    assert await payer.heard() == [(scene.provider, PAID)]
    assert await payer.page.value(TITLE, "/pay/") == "Paid"
