"""Payment callbacks: the fields partners know, and a token that vouches for exactly those."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from app.delivery.payment_callback import STATUS, content_hash
from app.domain.clock import ManualClock
from app.domain.events import EventKind
from app.domain.refusals import NotFound
from app.signing.jwks import read_keys
from app.signing.jws import Expected, read_header, verified
from app.signing.keyring import SigningKey
from app.signing.tokens import ACCESS_TOKEN, Tokens
from app.store.tables import PaymentMethod
from tests.carriers.worlds import START
from tests.delivery.office import ADDRESS, CALLBACK, ISSUER

EMPTY = dict.fromkeys(["line1", "line2", "city", "country", "state", "postCode"], "")
GROSVENOR = EMPTY | {
    "line1": "11 Grosvenor Place",
    "city": "Kraków",
    "country": "United Kingdom",
    "postCode": "SW1X 7HH",
}
EXPECTED = Expected(
    types=("payment-callback+jwt",),
    issuer=ISSUER,
    audience="https://pay.shop.example",
    required=("exp", "iat", "iss", "aud", "jti", "event", "sha256"),
)


def claims_of(office, post):
    """The token's claims, verified as a partner would with our published keys."""
    keys = read_keys(json.dumps(office.keyring.jwks()).encode())
    header = read_header(post["authToken"])
    return verified(post["authToken"], header, keys[header.kid], EXPECTED, office.house.clock.now())


async def sent(office, booked, kind=EventKind.PAYMENT_CAPTURED, **payment):
    """The one callback about a payment that ended so."""
    await office.callback()
    name = await office.paid(booked, kind, **payment)
    await office.tick()
    (post,) = office.posted(CALLBACK)
    return name, post


async def test_it_has_exactly_the_keys_partners_know(office, booked):
    payment, post = await sent(office, booked)
    token = post.pop("authToken")
    assert token.count(".") == 2
    assert post == {
        "status": "success",
        "amount": "123.45",
        "currency": "GBP",
        "bookingId": booked,
        "sellingCompany": "FAREGATE",
        "transactionId": payment,
        "billingAddress": GROSVENOR,
    }


@pytest.mark.parametrize(("kind", "status"), STATUS.items())
async def test_success_and_failure_are_told(office, booked, kind, status):
    _, post = await sent(office, booked, EventKind(kind))
    assert post["status"] == status
    assert (status == "success") is (kind == EventKind.PAYMENT_CAPTURED)


async def test_what_is_paid_on_account_is_no_news_to_the_partner(office, booked):
    await office.callback()
    await office.paid(booked, method=PaymentMethod.ON_ACCOUNT)
    await office.tick()
    assert office.posted(CALLBACK) == []


async def test_the_token_binds_the_body_and_lives_five_minutes(office, booked):
    _, post = await sent(office, booked)
    claims = claims_of(office, post)
    content = {name: value for name, value in post.items() if name != "authToken"}
    (row,) = await office.deliveries(CALLBACK)
    assert claims["sha256"] == content_hash(content) != content_hash(content | {"amount": "123.46"})
    assert (claims["event"], claims["exp"] - claims["iat"]) == (row.id, 300)
    assert read_header(post["authToken"]).kid == office.keyring.active.kid


async def test_every_attempt_has_a_fresh_token_about_the_same_event(office, booked):
    office.backends.answers[CALLBACK] = [500]
    _, first = await sent(office, booked)
    before = claims_of(office, first)
    await office.later(timedelta(seconds=5))
    after = claims_of(office, office.posted(CALLBACK)[1])
    assert after["event"] == before["event"] and after["sha256"] == before["sha256"]
    assert after["jti"] != before["jti"] and after["iat"] == before["iat"] + 5


async def test_it_is_posted_in_canonical_form(office, booked):
    await sent(office, booked)
    (request,) = office.backends.posts[CALLBACK]
    ordered = json.dumps(json.loads(request.body), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert request.body.decode() == ordered and "Kraków" in ordered


async def test_the_address_is_empty_where_nobody_said(office, booked):
    office.provider.address = None
    _, post = await sent(office, booked)
    assert post["billingAddress"] == EMPTY


async def test_the_address_is_empty_where_the_provider_knows_no_such_charge(office, booked):
    async def unknown(ref):
        raise NotFound(message="No such charge.")

    office.provider.billing = unknown
    _, post = await sent(office, booked)
    assert post["billingAddress"] == EMPTY


async def test_the_address_is_empty_where_the_provider_is_no_longer_ours(office, booked):
    office.provider.profile.code = "others"
    office.open()
    _, post = await sent(office, booked)
    assert post["billingAddress"] == EMPTY


async def test_what_a_payer_typed_cannot_keep_the_outcome_from_being_told(office, booked):
    office.provider.address = replace(ADDRESS, line1='\ud800 "\u2028\x00\\ Straße')
    _, post = await sent(office, booked)
    assert post["billingAddress"]["line1"] == '? "\u2028\x00\\ Straße'
    assert claims_of(office, post)["sha256"]


async def test_the_outcome_waits_half_an_hour_for_the_address_and_no_longer(office, booked):
    await office.callback()
    await office.paid(booked)
    office.provider.away = True
    await office.tick()
    (row,) = await office.deliveries(CALLBACK)
    assert row.answer == "The payment provider could not be asked for the billing address."
    await office.later(timedelta(seconds=5))
    await office.later(timedelta(minutes=5))
    assert office.posted(CALLBACK) == []
    await office.later(timedelta(minutes=30))
    (post,) = office.posted(CALLBACK)
    assert post["billingAddress"] == EMPTY


async def test_keys_rotate_without_a_gap(office, booked):
    """At each step what was signed a moment before verifies by the keys published now."""
    old, new = office.keyring.active.kid, SigningKey.generate()
    office.backends.answers[CALLBACK] = [500] * 3
    _, post = await sent(office, booked)
    assert claims_of(office, post)
    signers = []
    for rotate, wait in (
        (lambda ring: ring.added(new), timedelta(seconds=5)),
        (lambda ring: ring.activated(new.kid), timedelta(minutes=5)),
        (lambda ring: ring.without(old), timedelta(minutes=30)),
    ):
        before = office.posted(CALLBACK)[-1]
        office.keyring = rotate(office.keyring)
        event = claims_of(office, before)["event"]
        office.open()
        await office.later(wait)
        after = office.posted(CALLBACK)[-1]
        assert claims_of(office, after)["event"] == event
        signers.append(read_header(after["authToken"]).kid)
    assert signers == [old, new.kid, new.kid]


def test_a_login_token_is_no_callback(office):
    tokens = Tokens(office.keyring, ISSUER)
    clock = ManualClock(START)
    token = tokens.sign(
        {"event": "dl_1", "sha256": "x"},
        typ=ACCESS_TOKEN,
        audience="https://pay.shop.example",
        lifetime=timedelta(minutes=5),
        now=clock.now(),
    )
    with pytest.raises(Exception, match="not valid"):
        claims_of(office, {"authToken": token})
