"""One browser for a module, one tab and one scene for a test."""

from contextlib import suppress

import pytest
import pytest_asyncio

from app.cli.demo.browser import MISSING, BrowserError, browser, find_browser
from tests.payments.form.scene import Payer, staged

CHROMIUM = find_browser()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def chromium(tmp_path_factory):
    if CHROMIUM is None:
        pytest.skip(MISSING)  # `make test` needs Python alone; CI fails without Chromium
    async with browser(CHROMIUM, tmp_path_factory.mktemp("browser")) as page:
        yield page


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
