"""Secrets of the gateway itself: kept privately, the same after a restart, and never shown."""

import stat
from datetime import UTC, datetime

import pytest

from app.signing.derive import new_secret, read_secret
from app.signing.errors import KeyTrouble
from app.signing.keyring import Keyring
from app.signing.keys import given_keys, kept_keys

NOW = datetime(2026, 11, 21, tzinfo=UTC)


def test_kept_keys_are_the_same_after_a_restart(tmp_path):
    first, second = kept_keys(tmp_path / "keys"), kept_keys(tmp_path / "keys")
    assert first.keyring.jwks() == second.keyring.jwks()
    assert second.sealer.unseal(first.sealer.seal("p", {"a": 1}, {}), "p", {}, NOW) == {"a": 1}
    assert second.digester.matches("x", first.digester.digest("x"))


def test_kept_keys_are_for_their_owner_alone(tmp_path):
    folder = tmp_path / "keys"
    kept_keys(folder)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {
        "token_keys.pem": 0o600,
        "seal_key": 0o600,
    }


def test_keys_others_can_read_are_refused(tmp_path):
    kept_keys(tmp_path)
    (tmp_path / "seal_key").chmod(0o644)
    with pytest.raises(KeyTrouble, match="seal_key is readable by others"):
        kept_keys(tmp_path)


def test_given_keys_show_no_secret():
    pem, secret = Keyring.generate().to_pem(), new_secret()
    shown = repr(given_keys(pem, [secret]))
    assert secret not in shown and "PRIVATE" not in shown and len(read_secret(secret)) == 32


@pytest.mark.parametrize("secret", ["", "c2hvcnQ=", "not base64!", "é"])
def test_a_weak_seal_key_is_refused_without_repeating_it(secret):
    with pytest.raises(KeyTrouble) as caught:
        given_keys(Keyring.generate().to_pem(), [secret])
    assert not secret or secret not in str(caught.value)
