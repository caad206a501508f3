"""Requests and responses are as OCTO publishes them: its own schemas (npm `@octocloud/types`) read every one.

`npm ci` in `../javascript/` installs them; CI does, and there a missing package fails. Elsewhere it is optional, for
the tests need nothing but Python.
"""

import asyncio
import json
import os
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from carriers.sandbox.octo.world import OctoWorld
from tests.carriers.sandbox.octo.shop import ALL, PLAIN, load
from tests.carriers.worlds import served

HERE = Path(__file__).parents[1] / "javascript"
NODE = shutil.which("node")
INSTALLED = NODE is not None and (HERE / "node_modules" / "@octocloud" / "types").exists()

SELLING = ("aatkings", "brendanvacations", "insightvacations", "luxurygold")

pytestmark = pytest.mark.skipif(  # `make test` promises to need Python alone; CI has the package and never skips this
    not INSTALLED and "CI" not in os.environ, reason="the types are not installed: run `npm ci` in their folder"
)


async def read_by_octo(world, *capabilities, operators="insightvacations"):
    async with served(world) as url:
        process = await asyncio.create_subprocess_exec(
            *(str(NODE), str(HERE / "octo.cjs"), url, operators, "2026-12-01", "2027-11-30", *capabilities),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        told, complaints = await asyncio.wait_for(process.communicate(), 30)
    return process.returncode, told, complaints.decode()


async def test_every_request_and_response_is_read_by_the_published_schemas(world):
    code, told, complaints = await read_by_octo(world, "", PLAIN, ALL)
    assert (code, complaints) == (0, "")
    story = json.loads(told)
    assert story["bookings"] == [
        {"uuid": booking["uuid"], "status": booking["status"]} for booking in world.ledger()["bookings"]
    ]
    # The last one is of a departure on request, which takes our capability.
    assert len(story["bookings"]) == 4
    assert story["held"] >= 3 * 24


class Forgetful(OctoWorld):
    """Leaves out a required field of every booking."""

    def handle(self, request):
        reply = super().handle(request)
        return replace(reply, body=reply.body.replace(b'"freesale":false,', b""))


async def test_a_field_that_is_missing_is_noticed(clock):
    code, _, complaints = await read_by_octo(Forgetful(clock, load=load), PLAIN)
    assert code == 1
    assert "freesale" in complaints


async def test_everything_that_is_on_sale_is_read_by_the_published_schemas(clock):
    code, told, complaints = await read_by_octo(OctoWorld(clock), ALL, operators=",".join(SELLING))
    assert (code, complaints) == (0, "")
    assert len(json.loads(told)["bookings"]) >= len(SELLING)
