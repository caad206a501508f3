"""A world's file: it goes on from there, and begins anew where another version wrote what cannot be read."""

import logging
import pickle
from datetime import timedelta

import pytest

from app.domain.clock import ManualClock
from carriers.sandbox.kept import go_on, keep
from carriers.sandbox.octo.world import OctoWorld
from tests.carriers.worlds import START


def world():
    return OctoWorld(ManualClock(START))


def without_a_field(state):
    facts = pickle.loads(state)
    del facts.bookings
    return pickle.dumps(facts)


def test_a_world_goes_on_from_its_file(tmp_path):
    first, again, file = world(), world(), tmp_path / "folder" / "octo.state"
    first.advance(timedelta(days=3))
    keep(first, file)
    go_on(again, file)
    assert again.now() == first.now()
    assert [path.name for path in file.parent.iterdir()] == ["octo.state"]


@pytest.mark.parametrize("written", [without_a_field, lambda _state: b"\x80\x05cno.such\nThing\n."])
def test_what_another_version_wrote_is_set_aside(tmp_path, caplog, written):
    file = tmp_path / "octo.state"
    moved, fresh = world(), world()
    moved.advance(timedelta(days=3))
    file.write_bytes(written(moved.snapshot()))
    with caplog.at_level(logging.WARNING):
        go_on(fresh, file)
    assert fresh.now() == world().now()
    assert fresh.ledger() == world().ledger()
    assert "begins anew" in caplog.text
    assert [path.name for path in tmp_path.iterdir()] == ["octo.unreadable"]


def test_without_a_file_nothing_is_kept():
    one = world()
    go_on(one, None)
    keep(one, None)
    assert one.ledger() == world().ledger()
