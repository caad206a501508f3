"""The door: our own tokens and an identity provider's, and nothing else."""

import json
from datetime import timedelta

import pytest

from app.domain.clock import ManualClock
from app.domain.errors import Access, AccessCode
from app.domain.partner import Scope
from app.settings import IdentitySettings
from app.signing.callbacks import PAYMENT_CALLBACK, body_hash
from app.signing.jwks import IdentityProvider, RemoteKeys
from app.signing.keyring import Keyring
from app.signing.tokens import ACCESS_TOKEN, Tokens
from app.store.partners import save_partner
from app.web.access import AUDIENCE, Door
from tests.booking.house import PARTNER, START
from tests.memories import empty_store

ISSUER = "https://gateway.example"
IDENTITY = IdentitySettings(
    issuer="https://identity.example",
    jwks_url="https://identity.example/keys",
    audience="faregate-production",
    partner_claim="org",
    scope_claim="permissions",
)


@pytest.fixture
def clock():
    return ManualClock(START)


@pytest.fixture
def ours():
    return Tokens(Keyring.generate(), ISSUER)


@pytest.fixture
def theirs():
    return Keyring.generate()


@pytest.fixture
async def door(clock, ours, theirs):
    store = empty_store()
    await store.write(lambda session: save_partner(session, PARTNER, clock.now()))

    async def fetch():
        return json.dumps(theirs.jwks()).encode()

    provider = IdentityProvider(RemoteKeys(fetch, clock), IDENTITY.issuer, IDENTITY.audience, IDENTITY.types)
    return Door(tokens=ours, store=store, clock=clock, provider=provider, identity=IDENTITY)


def signed(tokens, clock, *, audience=AUDIENCE, typ=ACCESS_TOKEN, **claims):
    wanted = {"sub": PARTNER.id, "scope": "search book"} | claims
    return tokens.sign(wanted, typ=typ, audience=audience, lifetime=timedelta(hours=1), now=clock.now())


def bearing(token):
    return {"authorization": f"Bearer {token}"}


async def test_our_own_token_names_the_partner_and_what_it_may(door, ours, clock):
    viewer = await door.viewer(bearing(signed(ours, clock)))
    assert viewer.partner == PARTNER
    assert viewer.scopes == {Scope.SEARCH, Scope.BOOK}
    assert viewer.actor == PARTNER.name


async def test_a_client_id_names_the_actor(door, ours, clock):
    assert (await door.viewer(bearing(signed(ours, clock, client_id="checkout")))).actor == "checkout"


async def test_scopes_we_do_not_know_mean_nothing(door, ours, clock):
    assert (await door.viewer(bearing(signed(ours, clock, scope="search admin *")))).scopes == {Scope.SEARCH}


async def test_the_identity_providers_token_is_read_by_its_own_claims(door, theirs, clock):
    tokens = Tokens(theirs, IDENTITY.issuer)
    token = signed(tokens, clock, audience=IDENTITY.audience, sub="user-7", org=PARTNER.id, permissions=["search"])
    viewer = await door.viewer(bearing(token))
    assert (viewer.partner, viewer.scopes) == (PARTNER, {Scope.SEARCH})


async def test_the_providers_keys_open_nothing_under_our_own_name(door, theirs, clock):
    with pytest.raises(Access):
        await door.viewer(bearing(signed(Tokens(theirs, ISSUER), clock)))


@pytest.mark.parametrize(
    "headers",
    [{}, {"authorization": ""}, {"authorization": "Bearer"}, {"authorization": "Basic YTpi"}, bearing("rubbish")],
    ids=["none", "empty", "no token", "another scheme", "rubbish"],
)
async def test_without_a_token_the_door_stays_shut(door, headers):
    with pytest.raises(Access) as refused:
        await door.viewer(headers)
    assert refused.value.code is AccessCode.UNAUTHENTICATED


async def test_an_expired_token_says_so(door, ours, clock):
    token = signed(ours, clock)
    clock.advance(timedelta(hours=2))
    with pytest.raises(Access, match="expired"):
        await door.viewer(bearing(token))


async def test_a_partner_that_is_not_here_is_told_no_more_than_a_forger(door, ours, clock):
    with pytest.raises(Access) as unknown:
        await door.viewer(bearing(signed(ours, clock, sub="pa_nobody")))
    with pytest.raises(Access) as forged:
        await door.viewer(bearing(signed(Tokens(Keyring.generate(), ISSUER), clock)))
    assert str(unknown.value) == str(forged.value)


async def test_a_token_made_for_something_else_opens_nothing(door, ours, clock):
    for wrong in ({"typ": "callback+jwt"}, {"audience": "another-service"}):
        with pytest.raises(Access):
            await door.viewer(bearing(signed(ours, clock, **wrong)))


@pytest.mark.parametrize("issuer", ["us", "the identity provider"])
async def test_a_callbacks_token_is_no_login_whoever_signed_it(door, ours, theirs, clock, issuer):
    """The type alone tells them apart: as a login, the same claims open the door."""
    tokens = ours if issuer == "us" else Tokens(theirs, IDENTITY.issuer)
    audience = AUDIENCE if issuer == "us" else IDENTITY.audience
    claims = {"audience": audience, "org": PARTNER.id, "event": "ev_1", "body": body_hash(b"{}")}
    assert (await door.viewer(bearing(signed(tokens, clock, **claims)))).partner == PARTNER
    with pytest.raises(Access):
        await door.viewer(bearing(signed(tokens, clock, typ=PAYMENT_CALLBACK, **claims)))
