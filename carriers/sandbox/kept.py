"""Where a world goes on after its process has ended: in a file."""

import logging
import pickle
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path

from carriers.sandbox.world import World

log = logging.getLogger(__name__)


def go_on(world: World, file: Path | None) -> None:
    """Let the world go on where the file says, if there is one; what another version wrote is set aside."""
    if file is None or not file.exists():
        return
    state = file.read_bytes()
    try:
        _check_whole(pickle.loads(state))  # noqa: S301 - nobody else writes these bytes
        world.restore(state)
    except Exception:  # noqa: BLE001 - whatever another version's classes were, this one begins anew
        aside = file.replace(file.with_suffix(".unreadable"))
        log.warning("the %s sandbox begins anew: another version wrote what is now %s", world.name, aside)


def keep(world: World, file: Path | None) -> None:
    """Write the world's state, whole or not at all."""
    if file is not None:
        file.parent.mkdir(parents=True, exist_ok=True)
        fresh = file.with_suffix(".new")
        fresh.write_bytes(world.snapshot())
        fresh.replace(file)


def _check_whole(value: object) -> None:
    """ValueError when something in it lacks a field: its class has gained that since it was pickled."""
    match value:
        case Mapping():
            parts = [*value.keys(), *value.values()]
        case list() | tuple() | set() | frozenset():
            parts = list(value)
        case _ if is_dataclass(value) and not isinstance(value, type):
            missing = [field.name for field in fields(value) if not hasattr(value, field.name)]
            if missing:
                raise ValueError(f"{type(value).__name__} lacks {', '.join(missing)}")
            parts = [getattr(value, field.name) for field in fields(value)]
        case _:
            parts = []
    for part in parts:
        _check_whole(part)
