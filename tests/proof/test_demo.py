"""The demo tells the truth, start to end, as a user runs it."""

import subprocess
import sys

import pytest


@pytest.mark.proof
def test_the_demo_tells_its_whole_story_and_leaves_the_tickets(tmp_path):
    told = subprocess.run(
        [sys.executable, "-m", "app.cli.main", "demo", "--tickets", str(tmp_path / "demo")],
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    assert told.returncode == 0, told.stdout + told.stderr
    assert "All of it happened" in told.stdout
    assert len(list((tmp_path / "demo").glob("*.pdf"))) == 3
