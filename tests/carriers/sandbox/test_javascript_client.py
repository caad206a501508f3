"""Duffel's official JavaScript client runs unchanged: trailing slashes, `pay_later` and all.

`npm ci` in `javascript/` installs it; CI does, and there a missing client fails. Elsewhere it is optional, for the
tests need nothing but Python.
"""

import asyncio
import json
import os
import shutil
from pathlib import Path

import pytest

from tests.carriers.worlds import served

HERE = Path(__file__).parent / "javascript"
NODE = shutil.which("node")
INSTALLED = NODE is not None and (HERE / "node_modules" / "@duffel" / "api").exists()

pytestmark = pytest.mark.skipif(  # `make test` promises to need Python alone; CI has the client and never skips this
    not INSTALLED and "CI" not in os.environ, reason="the client is not installed: run `npm ci` in its folder"
)


async def test_the_official_javascript_client_searches_holds_pays_exchanges_adds_and_cancels(world):
    async with served(world) as url:
        process = await asyncio.create_subprocess_exec(
            str(NODE), str(HERE / "story.cjs"), url, "2026-06-01", "2026-06-05", stdout=asyncio.subprocess.PIPE
        )
        told, _ = await asyncio.wait_for(process.communicate(), 30)
    assert process.returncode == 0
    story, ledger = json.loads(told), world.ledger()
    order, bought = ledger["orders"]
    assert (order["order_id"], order["state"]) == (story["order"], "cancelled")
    assert [document["number"] for document in ledger["documents"]][:2] == story["tickets"]
    assert len(ledger["charges"]) == 4
    assert (story["added"], [extra["what"] for extra in order["services"]]) == (["checked"], ["checked"])
    assert [extra["what"] for extra in bought["services"]] == [story["seated"]["asked"]] == [story["seated"]["given"]]
    assert story["seated"]["bags"] == 1
    assert story["exchangedAt"] and story["confirmedAt"]
    assert story["refused"] == {"status": 404, "code": "not_found"}
