"""Sealed values: come back whole, or say what is wrong with them."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.signing.errors import KeyTrouble, SealBroken, SealExpired, SealForeign
from app.signing.sealing import Sealer

NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
LATER = NOW + timedelta(minutes=20)
KEY, OLDER = bytes(range(32)), bytes(32)
SEALER = Sealer([KEY])
MINE = {"partner": "acme", "region": "eu"}
OFFER = {
    "carrier": "duffel",
    "offer": "off_0000AbCdEfGhIjKlMnOpQr",
    "total": [12_345, "EUR"],
    "name": "Zürich",
}


def test_a_mapping_comes_back():
    token = SEALER.seal("offer", OFFER, MINE, LATER)
    assert SEALER.unseal(token, "offer", MINE, NOW) == OFFER


@given(st.binary(max_size=200))
def test_bytes_come_back(payload):
    assert SEALER.unseal_bytes(SEALER.seal("document", payload, MINE), "document", MINE, NOW) == payload


def test_bytes_and_mappings_are_not_mistaken_for_each_other():
    with pytest.raises(SealBroken):
        SEALER.unseal(SEALER.seal("p", b"{}", MINE), "p", MINE, NOW)
    with pytest.raises(SealBroken):
        SEALER.unseal_bytes(SEALER.seal("p", {}, MINE), "p", MINE, NOW)


def test_it_expires_at_its_time_and_not_before():
    token = SEALER.seal("offer", OFFER, MINE, LATER)
    assert SEALER.unseal(token, "offer", MINE, LATER - timedelta(seconds=1))
    with pytest.raises(SealExpired):
        SEALER.unseal(token, "offer", MINE, LATER)


def test_without_an_expiry_it_lasts():
    token = SEALER.seal("document", b"P1234567", MINE)
    assert SEALER.unseal_bytes(token, "document", MINE, NOW + timedelta(days=36_500))


@pytest.mark.parametrize(
    "context", [{"partner": "other", "region": "eu"}, {"partner": "acme"}, {}, {**MINE, "more": "x"}], ids=str
)
def test_another_context_is_told_apart_from_a_forgery(context):
    token = SEALER.seal("offer", OFFER, MINE, LATER)
    with pytest.raises(SealForeign):
        SEALER.unseal(token, "offer", context, NOW)


def test_the_order_of_a_context_does_not_matter():
    token = SEALER.seal("offer", OFFER, MINE)
    assert SEALER.unseal(token, "offer", dict(reversed(MINE.items())), NOW) == OFFER


def test_context_parts_do_not_run_into_each_other():
    token = SEALER.seal("offer", OFFER, {"a": "b,c", "d": ""})
    with pytest.raises(SealForeign):
        SEALER.unseal(token, "offer", {"a": "b", "c": "d"}, NOW)


def test_a_foreign_value_does_not_say_whether_it_has_expired():
    token = SEALER.seal("offer", OFFER, MINE, LATER)
    with pytest.raises(SealForeign):
        SEALER.unseal(token, "offer", {"partner": "other"}, LATER)


def test_another_purpose_is_another_key():
    token = SEALER.seal("cursor", OFFER, MINE)
    with pytest.raises(SealBroken):
        SEALER.unseal(token, "offer", MINE, NOW)


def test_changing_any_character_breaks_it():
    token = SEALER.seal("offer", {"a": 1}, MINE, LATER)
    for position, letter in enumerate(token):
        changed = token[:position] + ("A" if letter != "A" else "B") + token[position + 1 :]
        with pytest.raises(SealBroken):
            SEALER.unseal(changed, "offer", MINE, NOW)


@given(st.text(max_size=90) | st.binary(max_size=90).map(bytes.hex))
def test_rubbish_is_broken_and_nothing_else(text):
    with pytest.raises(SealBroken):
        SEALER.unseal(text, "offer", MINE, NOW)


def test_cutting_it_short_or_lengthening_it_breaks_it():
    token = SEALER.seal("offer", {"a": 1}, MINE, LATER)
    for changed in [token[:length] for length in range(len(token))] + [token + "A", token + "=", f" {token}"]:
        with pytest.raises(SealBroken):
            SEALER.unseal(changed, "offer", MINE, NOW)


def test_older_keys_still_open_and_the_first_one_seals():
    before = Sealer([OLDER]).seal("offer", OFFER, MINE)
    rotated = Sealer([KEY, OLDER])
    assert rotated.unseal(before, "offer", MINE, NOW) == OFFER
    assert SEALER.unseal(rotated.seal("offer", OFFER, MINE), "offer", MINE, NOW) == OFFER
    with pytest.raises(SealBroken):
        SEALER.unseal(before, "offer", MINE, NOW)


def test_two_seals_of_one_value_differ_and_show_nothing():
    one, other = (SEALER.seal("offer", OFFER, MINE) for _ in range(2))
    assert one != other and "duffel" not in one


def test_it_is_compact_and_safe_in_a_url():
    offer = {"offer": "off_0000AbCdEfGhIjKlMnOpQr", "slices": ["sli_0000AbCdEfGhIjKlMnOpQr"] * 20, "price": 1}
    token = SEALER.seal("offer", offer, MINE, LATER)
    assert len(token) < 300 and token.replace("-", "").replace("_", "").isalnum()


@pytest.mark.parametrize("keys", [[], [b"short"], [KEY, b""]], ids=str)
def test_weak_keys_are_refused_at_the_start(keys):
    with pytest.raises(KeyTrouble):
        Sealer(keys)
