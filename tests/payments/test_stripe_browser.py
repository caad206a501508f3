"""Stripe's form as payers meet it, in a shop's page in a real browser, with a Stripe.js of the tests."""

import json
from contextlib import suppress
from datetime import timedelta

import pytest
import pytest_asyncio
from aiohttp import web

from app.cli.demo.browser import BrowserError
from tests.payments.fake_stripe import CHALLENGED, GOOD
from tests.payments.form.scene import DONE, UNKNOWN
from tests.payments.stripe_scenes import PUBLIC_KEY
from tests.payments.stripe_stage import staged
from tests.ports import site

# A browser is slow; the page itself is held by test_stripe_form in every run.
pytestmark = [pytest.mark.proof, pytest.mark.asyncio(loop_scope="module")]
FORM = "/payments/stripe/forms/"
READY = "document.getElementById('pay')?.disabled === false"
TITLE = "document.querySelector('#message h2')?.textContent"
REASON = "document.getElementById('reason').textContent"
PAID = {name: value for name, value in DONE.items() if name != "final"}
UNPAID = PAID | {"paymentSuccessful": "false", "paymentStatus": None, "amountPaid": "0.00"}
SHORT = "pm_card_visa_chargeDeclinedInsufficientFunds"


@pytest_asyncio.fixture(loop_scope="module")
async def stage():
    async with staged() as staging:
        yield staging


@pytest_asyncio.fixture(loop_scope="module")
async def payer(chromium, stage):
    chromium.complaints.clear()
    yield Payer(chromium, stage)
    with suppress(BrowserError):
        await chromium.close()


class Payer:
    """Somebody at the browser."""

    def __init__(self, page, stage):
        self.page, self.stage = page, stage

    async def visit(self, origin=None, **size):
        await self.page.open(origin or self.stage.shop, **size)

    async def pay(self):
        await self.page.until(READY, FORM)
        await self.page.value("document.getElementById('pay').click()", FORM)

    async def heard(self, count=1):
        await self.page.until(f"heard.length >= {count}")
        return [(origin, json.loads(told)) for origin, told in await self.page.value("heard")]


async def test_a_payer_pays_and_the_shop_hears_it(payer, stage):
    charge = await stage.open()
    stage.outcomes = [UNKNOWN, DONE]
    await payer.visit()
    await payer.pay()
    assert await payer.heard() == [(stage.gateway, PAID)]
    assert await payer.page.until(TITLE, FORM) == "Paid"
    assert stage.till.world.intents[charge.ref]["status"] == "requires_capture"
    assert payer.page.complaints == []


async def test_stripes_script_is_asked_for_a_card_alone_and_never_for_more_than_the_charge(payer, stage):
    await stage.open()
    await payer.visit()
    await payer.page.until(READY, FORM)
    asked = await payer.page.value("window.asked", FORM)
    assert (asked["key"], asked["options"]) == (PUBLIC_KEY, {"locale": "en"})
    assert asked["wanted"] == {
        "mode": "payment",
        "amount": 12_345,
        "currency": "eur",
        "captureMethod": "manual",
        "allowedPaymentMethodTypes": ["card"],
        "appearance": {"theme": "stripe"},
    }
    assert [kind for kind, _ in asked["elements"]] == ["payment", "address"]
    assert len([url for url in (await payer.page.frames()).values() if url == f"{stage.stripe}/frame"]) == 2


async def test_a_declined_payer_sees_why_and_pays_with_another_card(payer, stage):
    await stage.open()
    stage.cards = [SHORT, GOOD]
    await payer.visit()
    await payer.pay()
    assert await payer.heard() == [(stage.gateway, UNPAID)]
    assert "not enough money" in await payer.page.until(REASON, FORM)
    # What the gateway knows of the first card is not the last word on the second.
    stage.outcomes = [UNKNOWN | {"paymentSuccessful": "false"}, DONE]
    await payer.pay()
    assert (await payer.heard(2))[1:] == [(stage.gateway, PAID)]
    assert payer.page.complaints == []


@pytest.mark.parametrize(("passes", "told"), [(True, PAID), (False, UNPAID)])
async def test_the_issuers_challenge_is_shown_by_stripes_script(payer, stage, passes, told):
    charge = await stage.open()
    stage.cards, stage.passes, stage.outcomes = [CHALLENGED], passes, [DONE if passes else UNKNOWN]
    await payer.visit()
    await payer.pay()
    assert await payer.heard() == [(stage.gateway, told)]
    secret = stage.till.world.intents[charge.ref]["client_secret"]
    assert await payer.page.value("asked.secrets", FORM) == [secret]
    if not passes:
        assert "could not confirm that it is you" in await payer.page.value(REASON, FORM)


async def test_what_stripe_finds_wrong_is_shown_and_nothing_is_sent(payer, stage):
    await stage.open()
    stage.wrong = "Your card number is incomplete."
    await payer.visit()
    await payer.pay()
    assert await payer.page.until(REASON, FORM) == stage.wrong
    assert not [request for request in stage.till.world.sent if request.url.endswith("/confirm")]


async def test_a_lost_answer_is_looked_up(payer, stage):
    await stage.open()
    stage.till.world.faults.append(("/confirm", "lost"))
    stage.outcomes = [DONE]
    await payer.visit()
    await payer.pay()
    assert await payer.heard() == [(stage.gateway, PAID)]


async def test_where_nothing_happened_the_payer_tries_again(payer, stage):
    await stage.open()
    stage.till.world.faults.append(("/confirm", "refused"))
    stage.cards, stage.outcomes = [GOOD, GOOD], [DONE]
    await payer.visit()
    await payer.pay()
    assert "did not go through" in await payer.page.until(REASON, FORM)
    await payer.pay()
    assert await payer.heard() == [(stage.gateway, PAID)]


async def test_a_form_left_open_past_its_end_takes_no_card(payer, stage):
    charge = await stage.open()
    await payer.visit()
    await payer.page.until(READY, FORM)
    stage.till.clock.advance(timedelta(minutes=30))
    await payer.pay()
    assert await payer.heard() == [(stage.gateway, UNPAID)]
    assert await payer.page.value(TITLE, FORM) == "This form is closed"
    assert stage.till.world.intents[charge.ref]["status"] == "requires_payment_method"


async def test_a_form_opened_again_after_it_was_paid_tells_how_it_ended(payer, stage):
    charge = await stage.open()
    await stage.till.stripe.authorise(charge.ref, GOOD, stage.till.call("before"))
    stage.outcomes = [DONE]
    await payer.visit()
    assert await payer.heard() == [(stage.gateway, PAID)]
    assert stage.stripe not in " ".join(payer.page.requests[-6:])


async def test_a_page_of_another_origin_frames_nothing_and_hears_nothing(payer, stage):
    await stage.open()
    app = web.Application()
    app.router.add_get("/", stage.page)
    async with site(app) as stranger:
        await payer.visit(stranger)
        with pytest.raises(BrowserError):
            await payer.page.value(READY, FORM)
        await payer.page.until("document.readyState === 'complete'")
        assert any("frame-ancestors" in complaint for complaint in payer.page.complaints)
        assert await payer.page.value("heard") == []


async def test_without_stripes_script_the_payer_is_told(payer, stage):
    await stage.open()
    stage.till.stripe.script_url = f"{stage.stripe}/gone.js"
    await payer.visit()
    assert await payer.page.until(TITLE, FORM) == "The card form cannot be shown"


async def test_the_page_fits_a_small_screen(payer, stage):
    await stage.open()
    await payer.visit(width=320)
    await payer.page.until(READY, FORM)
    assert await payer.page.value("document.documentElement.scrollWidth <= innerWidth", FORM)
