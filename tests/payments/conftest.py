import pytest
import pytest_asyncio

from app.cli.demo.browser import MISSING, browser, find_browser

CHROMIUM = find_browser()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def chromium(tmp_path_factory):
    """One browser for a module."""
    if CHROMIUM is None:
        pytest.skip(MISSING)  # `make test` needs Python alone; CI fails without Chromium
    async with browser(CHROMIUM, tmp_path_factory.mktemp("browser")) as page:
        yield page
