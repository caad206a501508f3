"""`make pictures`: the README's pictures, taken anew from this version into docs/images."""

import asyncio
import sys
import tempfile
from io import BytesIO
from pathlib import Path

import aiohttp
import pypdfium2

from app.cli.demo.browser import MISSING, browser, find_browser
from tests.newcomer import Story, open_graphiql, run_tab
from tests.serving import Serving, serving

IMAGES = Path(__file__).parents[1] / "docs" / "images"
MOST = 300_000
_SEARCH_TAB = 1


async def main() -> None:
    """Take both pictures."""
    chromium = find_browser()
    if chromium is None:
        raise SystemExit(MISSING)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        async with serving(Path(folder) / "data") as gateway:
            async with browser(chromium, Path(folder) / "browser") as page:
                await open_graphiql(page, gateway.origin, width=1280, height=760)
                await run_tab(page, _SEARCH_TAB)
                await page.value("new Promise((later) => setTimeout(later, 500))")
                _keep("graphiql.png", await page.picture())
            _keep("ticket.png", await _ticket(gateway))


async def _ticket(gateway: Serving) -> bytes:
    """The first page of a ticket, as the examples book it."""
    story = Story(gateway)
    offer = (await story.run("Search"))["itineraries"][0]["offer"]
    booking = (await story.run("Reserve", offers=[offer]))["booking"]
    (ticket,) = (await story.run("Pay", bookingId=booking["id"]))["booking"]["tickets"]
    async with aiohttp.ClientSession() as http, http.get(ticket["pdfUrl"]) as answer:
        document = pypdfium2.PdfDocument(await answer.read())
    picture = BytesIO()
    document[0].render(scale=1.4).to_pil().quantize(128).save(picture, "PNG", optimize=True)
    return picture.getvalue()


def _keep(name: str, picture: bytes) -> None:
    if len(picture) > MOST:
        raise SystemExit(f"{name} would have {len(picture)} bytes; pictures stay below {MOST}")
    IMAGES.mkdir(parents=True, exist_ok=True)
    (IMAGES / name).write_bytes(picture)
    sys.stdout.write(f"docs/images/{name}: {len(picture) // 1000} KB\n")


if __name__ == "__main__":
    asyncio.run(main())
