"""Who may frame the form, who hears of a payment, and what the pages may load."""

import asyncio
import json
import re
from html import unescape

import pytest

from carriers.sandbox.exchange import Request
from tests.payments.form.scene import CHALLENGED, DONE, PAYER

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.proof]


async def test_a_page_elsewhere_cannot_frame_the_form(payer, scene):
    scene.charge()
    await payer.page.open(f"{scene.stranger}/index.html")
    await payer.page.until("document.getElementById('card-form').src")
    async with asyncio.timeout(10):
        while not any("frame-ancestors" in said for said in payer.page.complaints):
            await payer.page.value("new Promise(requestAnimationFrame)")
    assert not any("/pay/" in url for url in (await payer.page.frames()).values())


async def test_a_page_elsewhere_hears_nothing_even_if_it_framed_the_form(payer, scene):
    charge = scene.charge()
    scene.outcomes = [DONE]
    scene.world.unguarded = True
    await payer.visit(scene.stranger)
    await payer.pay()
    await payer.form("document.querySelector('#message h2')?.textContent === 'Paid'")
    assert scene.now(charge)["state"] == "authorised"
    assert await payer.page.value("heard") == []


async def test_of_several_registered_origins_the_one_around_the_form_hears_once(payer, scene):
    scene.charge(origins=[scene.stranger, scene.shop])
    scene.outcomes = [DONE]
    await payer.visit()
    await payer.pay()
    assert [origin for origin, _told in await payer.heard()] == [scene.provider]
    assert payer.page.complaints == []


async def test_a_form_in_no_frame_tells_nobody(payer, scene):
    scene.charge(origins=[])
    scene.outcomes = [DONE]
    await payer.open(first="window.heard = []; addEventListener('message', (event) => heard.push(event.data))")
    await payer.pay()
    await payer.form("document.querySelector('#message h2')?.textContent === 'Paid'")
    assert await payer.page.value("heard") == []
    assert payer.page.complaints == []


async def test_the_policy_names_exactly_what_the_form_needs(scene):
    scene.charge(origins=["https://shop.example", "https://www.shop.example:8443"])
    headers = scene.get().headers
    assert headers["content-security-policy"].split("; ") == [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "base-uri 'none'",
        f"connect-src 'self' {scene.gateway}",
        "form-action 'self'",
        "frame-src 'self'",
        "frame-ancestors https://shop.example https://www.shop.example:8443",
    ]
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cache-control"] == "no-store"
    assert headers["x-content-type-options"] == "nosniff"
    assert "payment=()" in headers["permissions-policy"]


async def test_without_registered_origins_nobody_frames_the_form(scene):
    scene.charge(origins=[])
    assert "frame-ancestors 'none'" in scene.get().headers["content-security-policy"].split("; ")


@pytest.mark.parametrize("origin", ["*", "https://*.example", "https://a.example; script-src *", "'self'", "data:"])
async def test_what_is_no_origin_gets_into_no_header(scene, origin):
    scene.charge(origins=[origin])
    assert scene.get().headers["content-security-policy"].endswith("frame-ancestors 'none'")


async def test_the_challenge_is_framed_by_the_form_only(scene):
    scene.charge(origins=["https://shop.example"])
    body = json.dumps(PAYER | {"number": CHALLENGED}).encode()
    path = scene.form_url.removeprefix(scene.provider)
    told = scene.world.handle(_post(f"{path}/cards", body)).json()
    reply = scene.get(told["challenge_url"].removeprefix(scene.provider))
    policy = reply.headers["content-security-policy"].split("; ")
    assert policy[-1] == "frame-ancestors 'self' https://shop.example"
    assert not any(part.startswith(("connect-src", "frame-src")) for part in policy)


async def test_an_address_that_opens_nothing_says_so(scene):
    for path in ("/pay/unknown", "/challenge/unknown"):
        reply = scene.get(path)
        assert (reply.status, b"There is nothing to pay here" in reply.body) == (404, True)
        assert reply.headers["content-security-policy"].endswith("frame-ancestors 'none'")
    assert scene.get("/pay/unknown.js").status == 404
    assert scene.get("/pay/../words.py").status == 404


async def test_no_page_has_scripts_or_styles_of_its_own(scene):
    scene.charge()
    for text in (scene.get().body.decode(), scene.get("/pay/unknown").body.decode()):
        assert re.findall(r"<script(?![^>]* src=\"/pay/)", text) == []
        assert re.findall(r"<style|\sstyle=|\son\w+=", text) == []


async def test_what_the_gateway_says_stays_text(scene):
    nasty = "\"'></main><script>alert(1)</script>"
    scene.charge(reference=nasty, outcome_url="https://gateway.example/'\"><b>")
    text = scene.get().body.decode()
    assert "<script>" not in text
    assert nasty in unescape(text)
    facts = json.loads(unescape(re.search(r"data-page='([^']*)'", text)[1]))
    assert facts["outcome_url"] == "https://gateway.example/'\"><b>"


def _post(path, body):
    return Request("POST", path, {}, {"content-type": "application/json"}, body)
