"""The page around Stripe's form, without a browser: who may frame it, what it holds back, and what it answers."""

import json
import re
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from app.domain.errors import Trouble
from app.domain.payment import DeclineReason
from app.signing.digest import Digester
from app.signing.errors import SealBroken
from app.signing.links import FormLinks
from app.web import stripe_page
from tests.payments.fake_stripe import CHALLENGED, GOOD, SECRET_KEY, WEBHOOK_SECRET
from tests.payments.stripe_scenes import EUROS, LINKS, PUBLIC_KEY
from tests.payments.stripe_stage import staged

SANDBOX_STATIC = Path(__file__).parents[2] / "carriers" / "sandbox" / "payments" / "form" / "static"


@pytest.fixture
async def stage():
    async with staged() as staging:
        yield staging


def policy(headers):
    parts = (part.split(" ") for part in headers["Content-Security-Policy"].split("; "))
    return {name: values for name, *values in parts}


def page(html):
    return json.loads(re.search(r"data-page='([^']*)'", html)[1].replace("&#39;", "'"))


async def pay(stage, card=GOOD):
    return await stage.post(json.dumps({"token": stage.till.world.token(card)}))


async def test_the_page_may_be_framed_by_the_partners_origins_alone(stage):
    await stage.open(origins=("https://shop.example", "https://www.shop.example"))
    _, headers, _ = await stage.get()
    assert policy(headers)["frame-ancestors"] == ["https://shop.example", "https://www.shop.example"]
    await stage.open(origins=(), key="alone")
    _, headers, _ = await stage.get()
    assert policy(headers)["frame-ancestors"] == ["'none'"]


async def test_the_page_runs_our_script_and_stripes_and_no_other(stage):
    await stage.open()
    status, headers, html = await stage.get()
    assert (status, headers["Cache-Control"], headers["X-Content-Type-Options"]) == (200, "no-store", "nosniff")
    assert policy(headers) == {
        "default-src": ["'none'"],
        "script-src": ["'self'", stage.stripe],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "connect-src": ["'self'", stage.stripe],
        "frame-src": [stage.stripe],
        "base-uri": ["'none'"],
        "form-action": ["'none'"],
        "frame-ancestors": [stage.shop],
    }
    scripts = re.findall(r"<script([^>]*)>(.*?)</script>", html, re.DOTALL)
    assert [re.search(r'src="([^"]+)"', tag)[1] for tag, _ in scripts] == [
        f"{stage.stripe}/stripe.js",
        "/payments/stripe/static/form.js",
    ]
    assert all(text == "" for _, text in scripts)
    assert not re.search(r"\son\w+=|style=|javascript:", html)


def test_stripes_own_addresses_are_let_in_as_stripe_asks():
    told = policy(stripe_page.headers("https://js.stripe.com/endive/stripe.js", ("https://shop.example",)))
    assert told["script-src"] == ["'self'", "https://js.stripe.com", "https://*.js.stripe.com"]
    assert told["frame-src"] == ["https://js.stripe.com", "https://*.js.stripe.com", "https://hooks.stripe.com"]
    assert told["connect-src"] == ["'self'", "https://api.stripe.com"]


async def test_nothing_secret_is_in_the_page(stage):
    charge = await stage.open()
    _, _, html = await stage.get()
    assert PUBLIC_KEY in html
    for secret in (SECRET_KEY, WEBHOOK_SECRET, stage.till.world.intents[charge.ref]["client_secret"], "faregate_key"):
        assert secret not in html


async def test_the_page_is_in_the_payers_language_with_the_amount_as_they_write_it(stage):
    await stage.open(locale="de-AT")
    _, _, html = await stage.get()
    assert '<html lang="de">' in html
    assert "Buchung FG7K2M" in html
    assert page(html)["texts"]["pay"] == "€\N{NO-BREAK SPACE}123,45 bezahlen"
    await stage.open(locale="xx-nonsense", key="other")
    _, _, html = await stage.get()
    assert '<html lang="en">' in html and "€123.45" in html


@pytest.mark.parametrize("language", ["de", "fr", "es"])
def test_every_language_says_everything(language):
    english, other = stripe_page._texts("en"), stripe_page._texts(language)
    assert other.keys() == english.keys()
    assert other["declined"].keys() == english["declined"].keys()
    assert all(
        set(re.findall(r"\{\w+\}", str(other[name]))) == set(re.findall(r"\{\w+\}", str(english[name])))
        for name in english
    )


def test_no_payer_learns_that_a_card_is_reported_stolen_or_looks_like_fraud():
    told = {stripe_page.told(reason) for reason in DeclineReason}
    assert told <= stripe_page._texts("en")["declined"].keys()
    assert (
        stripe_page.told(DeclineReason.LOST_OR_STOLEN) == stripe_page.told(DeclineReason.SUSPECTED_FRAUD) == "declined"
    )


async def test_a_token_is_confirmed_and_the_answer_says_so(stage):
    charge = await stage.open()
    assert await pay(stage) == (200, {"state": "authorised", "attempts": 1})
    assert stage.till.world.intents[charge.ref]["status"] == "requires_capture"
    assert json.loads((await stage.get("/state"))[2]) == {"state": "authorised", "attempts": 1}


async def test_a_decline_is_told_and_another_card_may_follow(stage):
    await stage.open()
    declined = {"state": "declined", "reason": "insufficient_funds", "attempts": 1}
    assert await pay(stage, "pm_card_visa_chargeDeclinedInsufficientFunds") == (200, declined)
    _, _, html = await stage.get()
    assert "There is not enough money on this card" in html
    assert await pay(stage) == (200, {"state": "authorised", "attempts": 2})


async def test_a_challenge_comes_with_what_stripes_script_needs(stage):
    charge = await stage.open()
    status, told = await pay(stage, CHALLENGED)
    secret = stage.till.world.intents[charge.ref]["client_secret"]
    assert (status, told) == (200, {"state": "challenge", "client_secret": secret, "attempts": 0})
    stage.till.world.challenge(charge.ref, passed=False)
    assert json.loads((await stage.get("/state"))[2])["reason"] == "authentication_failed"


async def test_the_same_token_sent_twice_is_one_attempt(stage):
    await stage.open()
    body = json.dumps({"token": stage.till.world.token()})
    assert await stage.post(body) == await stage.post(body) == (200, {"state": "authorised", "attempts": 1})


async def test_a_second_token_after_the_first_was_taken_changes_nothing(stage):
    charge = await stage.open()
    await pay(stage)
    assert await pay(stage) == (200, {"state": "authorised", "attempts": 1})
    await stage.till.stripe.void(charge.ref, stage.till.call("void"))
    assert (await pay(stage))[1]["state"] == "expired"


async def test_no_card_is_taken_after_the_end(stage):
    await stage.open()
    stage.till.clock.advance(timedelta(minutes=30))
    assert await pay(stage) == (200, {"state": "expired", "attempts": 0})
    assert page((await stage.get())[2])["state"] == "ended"


async def test_a_form_that_stripe_never_answers_says_that_it_does_not_know(stage):
    await stage.open()
    stage.till.world.faults.append(("/confirm", "lost"))
    assert (await pay(stage))[0] == 503
    assert json.loads((await stage.get("/state"))[2])["state"] == "authorised"


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        ("{}", "application/json"),
        ("[]", "application/json"),
        ("nonsense", "application/json"),
        ('{"token": 7}', "application/json"),
        ('{"token": "pm_card_visa"}', "application/json"),
        ('{"token": "ctoken_../x"}', "application/json"),
        ('{"token": "ctoken_unknown"}', "application/json"),
        ('{"token": "ctoken_1"}', "text/plain"),
        (json.dumps({"token": "ctoken_1", "more": "x" * 3000}), "application/json"),
    ],
)
async def test_what_is_no_confirmation_token_is_refused(stage, content, kind):
    charge = await stage.open()
    assert (await stage.post(content, kind))[0] == 422
    assert stage.till.world.intents[charge.ref]["status"] == "requires_payment_method"


@pytest.mark.parametrize(
    "change", [lambda url: url[:-1], lambda url: url.replace(".pi_", ".pj_"), lambda url: url + "0"]
)
async def test_an_address_that_we_did_not_make_opens_nothing(stage, change):
    await stage.open()
    stage.form_url = change(stage.form_url)
    status, headers, html = await stage.get()
    assert status == 404
    assert policy(headers)["frame-ancestors"] == ["'none'"]
    assert "There is nothing to pay here" in html
    assert (await pay(stage))[0] == (await stage.get("/state"))[0] == 404


@pytest.mark.parametrize("provider", ["another", "unknown"])
async def test_an_address_of_another_familys_provider_opens_nothing(stage, provider):
    charge = await stage.open()
    stage.form_url = FormLinks(Digester([b"k" * 32]), stage.gateway).form(provider, charge.ref)
    assert (await stage.get())[0] == 404


async def test_while_stripe_cannot_be_asked_the_page_says_so(stage, monkeypatch):
    charge = await stage.open()

    async def trouble(_ref):
        raise Trouble("away")

    monkeypatch.setattr(stage.till.stripe, "form", trouble)
    assert (await stage.get())[0] == 503
    assert charge.form_url == stage.form_url


def test_the_page_tells_the_window_around_it_exactly_as_the_sandboxs_form_does():
    ours, sandboxs = (page.joinpath("outcome.js").read_text() for page in (stripe_page.STATIC, SANDBOX_STATIC))
    assert ours == sandboxs


def test_one_charge_has_one_address_that_survives_a_change_of_keys():
    url = LINKS.form("stripe", "pi_1")
    assert url == LINKS.form("stripe", "pi_1") != LINKS.form("stripe", "pi_2")
    token = urlsplit(url).path.rpartition("/")[2]
    rotated = FormLinks(Digester([b"n" * 32, b"k" * 32]), "https://gateway.example")
    assert (rotated.open_form(token).provider, rotated.open_form(token).charge) == ("stripe", "pi_1")
    for wrong in (token[:-1], token.replace("stripe", "strype"), "", "a.b", "..", token.upper()):
        with pytest.raises(SealBroken):
            rotated.open_form(wrong)


async def test_the_amount_goes_to_stripes_script_as_stripe_counts_it(stage):
    await stage.open()
    assert page((await stage.get())[2])["units"] == EUROS.minor
