"""The demo tells the truth, start to end, as a user runs it."""

import os
import subprocess
import sys

import pytest

from app.cli.demo.browser import MISSING, find_browser

CHROMIUM = find_browser()


def run(folder, **environment):
    """What it printed, once it came to its end."""
    told = subprocess.run(
        [sys.executable, "-m", "app.cli.main", "demo", "--tickets", str(folder)],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    assert told.returncode == 0, told.stdout + told.stderr
    assert "All of it happened" in told.stdout
    statements = {path.suffix for path in folder.glob("FG-*")}
    assert (len(list(folder.glob("*-*.pdf"))), statements) == (9, {".pdf", ".csv"})
    return told.stdout


@pytest.mark.proof
@pytest.mark.skipif(CHROMIUM is None, reason=MISSING)  # the demo promises to need no browser; CI fails without one
def test_the_demo_tells_its_whole_story_and_leaves_tickets_and_the_paid_form(tmp_path):
    told = run(tmp_path / "demo")
    assert 'paymentSuccessful "true", paymentStatus SUCCESS' in told
    assert (tmp_path / "demo" / "card-form-paid.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.proof
def test_without_a_browser_the_card_is_posted(tmp_path):
    told = run(tmp_path / "demo", PATH=str(tmp_path))
    assert "the cards are posted" in told
    assert not list((tmp_path / "demo").glob("*.png"))
