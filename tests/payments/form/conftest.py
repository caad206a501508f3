"""One browser for a module, one tab and one scene for a test."""

from contextlib import suppress

import pytest_asyncio

from app.cli.demo.browser import BrowserError
from tests.payments.form.scene import Payer, staged


@pytest_asyncio.fixture(loop_scope="module")
async def scene():
    async with staged() as staging:
        yield staging


@pytest_asyncio.fixture(loop_scope="module")
async def payer(chromium, scene):
    chromium.complaints.clear()
    chromium.requests.clear()
    yield Payer(chromium, scene)
    with suppress(BrowserError):
        await chromium.close()  # where the test did not
