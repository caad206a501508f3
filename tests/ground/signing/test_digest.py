"""Digests of inputs: equal inputs match, others do not, and nobody without the key can tell."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from enum import Enum
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.signing.digest import Digester, canonical

NAIVE = datetime(2026, 1, 1)  # noqa: DTZ001
KEY, OLDER = bytes(range(32)), bytes(32)
DIGESTER = Digester([KEY])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


class Cabin(Enum):
    ECONOMY = "economy"


@dataclass(frozen=True)
class Wish:
    when: date
    cabin: Cabin


@given(JSON)
def test_a_value_matches_its_own_digest(value):
    assert DIGESTER.matches(value, DIGESTER.digest(value))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
        ([1, 2], (1, 2)),
        (Decimal("45.00"), Decimal(45)),
        (Decimal("4.5E+1"), Decimal(45)),
        (
            datetime(2026, 1, 1, 12, tzinfo=UTC),
            datetime(2026, 1, 1, 13, tzinfo=timezone(timedelta(hours=1))),
        ),
        (Wish(date(2026, 1, 1), Cabin.ECONOMY), {"cabin": "economy", "when": "2026-01-01"}),
    ],
)
def test_the_same_input_spelled_otherwise_matches(one, other):
    assert DIGESTER.matches(one, DIGESTER.digest(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"a": 1}, {"a": "1"}),
        ({"a": None}, {}),
        ([1, 2], [2, 1]),
        (["ab", "c"], ["a", "bc"]),
        (True, 1),
        ("Jose", "José"),
        (date(2026, 1, 2), date(2026, 2, 1)),
    ],
    ids=str,
)
def test_another_input_does_not_match(one, other):
    assert not DIGESTER.matches(one, DIGESTER.digest(other))


@pytest.mark.parametrize("value", [1.5, b"raw", {1: "a"}, {1, 2}, object(), NAIVE, Wish], ids=lambda v: str(v)[:20])
def test_what_has_no_single_spelling_is_refused(value):
    with pytest.raises(TypeError):
        canonical(value)


def test_it_depends_on_the_key():
    assert Digester([OLDER]).digest("x") != DIGESTER.digest("x")
    assert not DIGESTER.matches("x", Digester([OLDER]).digest("x"))


def test_an_older_key_still_compares():
    rotated = Digester([KEY, OLDER])
    assert rotated.matches("x", Digester([OLDER]).digest("x"))
    assert rotated.digest("x") == DIGESTER.digest("x")


@pytest.mark.parametrize("digest", ["", "nonsense", ":", "00000000:00", "é:é"])
def test_rubbish_never_matches(digest):
    assert not DIGESTER.matches("x", digest)


def test_a_digest_is_stable_between_versions():
    # Computed by hand: HKDF-SHA256 (RFC 5869) of the key, then HMAC-SHA256 of the canonical JSON '"x"'.
    by_hand = "1fa350f0:a36a7aad35b7049814484ccc9ef67679a51f5bad909fb4366ed78c92bc6dec61"
    assert DIGESTER.digest("x") == by_hand


def test_canonical_json_is_utf8_without_spaces():
    assert canonical({"name": "Zürich", "id": UUID(int=1)}) == (
        '{"id":"00000000-0000-0000-0000-000000000001","name":"Zürich"}'.encode()
    )
