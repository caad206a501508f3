"""The gateway's own secrets: given by the settings, or made and kept in a folder for development."""

import contextlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from app.signing.derive import new_secret, read_secret
from app.signing.digest import Digester
from app.signing.errors import KeyTrouble
from app.signing.keyring import Keyring
from app.signing.sealing import Sealer


@dataclass(frozen=True)
class Keys:
    """Everything that signs, seals and digests."""

    keyring: Keyring
    sealer: Sealer
    digester: Digester


def given_keys(token_keys: str, seal_keys: Sequence[str]) -> Keys:
    """The keys written in the settings; KeyTrouble says which cannot be used."""
    secrets = [read_secret(text) for text in seal_keys]
    return Keys(Keyring.from_pem(token_keys), Sealer(secrets), Digester(secrets))


def kept_keys(folder: Path) -> Keys:
    """The keys of this folder, made on first use and readable by their owner alone; for development."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    token_keys = _kept(folder / "token_keys.pem", Keyring.generate().to_pem())
    seal_key = _kept(folder / "seal_key", new_secret())
    return given_keys(token_keys, [seal_key])


def _kept(path: Path, fresh: str) -> str:
    """The file's text, written first where there is none; of two processes starting at once, one wins."""
    if not path.exists():
        _write_once(path, fresh)
    if path.stat().st_mode & 0o077:
        raise KeyTrouble(f"{path.name} is readable by others: make it private with `chmod 600`")
    return path.read_text()


def _write_once(path: Path, text: str) -> None:
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.touch(mode=0o600)
    draft.write_text(text)
    with contextlib.suppress(FileExistsError):
        path.hardlink_to(draft)
    draft.unlink()
