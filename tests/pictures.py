"""`make pictures`: the README's pictures, taken anew from this version into docs/images."""

import asyncio
import json
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

import aiohttp
import pypdfium2

from app.cli.demo.browser import MISSING, Page, browser, find_browser
from tests.newcomer import TITLES, Story, editor, open_graphiql, written
from tests.serving import Serving, serving

IMAGES = Path(__file__).parents[1] / "docs" / "images"
MOST = 300_000
# What GraphiQL shows, short enough to be read with its answer.
_SIDE_BY_SIDE = """\
# One departure, as two regions sell it.
query Departures {
  departures(
    tour: "insightvacations:best-of-greece"
    from: "FROM"
    status: [AVAILABLE]
    first: 1
  ) {
    nodes {
      startsOn
      endsOn
      unitedKingdom: availability(region: UK) {
        ...Sold
      }
      unitedStates: availability(region: US) {
        ...Sold
      }
    }
  }
}

fragment Sold on DepartureAvailability {
  status
  placesLeft
  offer(rooms: [{ type: SINGLE, adults: 1 }]) {
    offer {
      price { total { amount currency } }
      deposit { amount }
    }
  }
}
"""
_AHEAD = timedelta(days=160)
_A_MOMENT = "new Promise((later) => setTimeout(later, 500))"


async def main() -> None:
    """Take them all."""
    chromium = find_browser()
    if chromium is None:
        raise SystemExit(MISSING)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        async with serving(Path(folder) / "data") as gateway:
            async with browser(chromium, Path(folder) / "browser") as page:
                _keep("graphiql.png", await _graphiql(page, gateway))
            story = Story(gateway)
            itinerary = (await story.run("Search"))["itineraries"][0]
            _keep("ticket.png", await _ticket(story, "Reserve", itinerary["offer"]))
            departure = (await story.run("Departures"))["nodes"][0]
            token = departure["availability"]["offer"]["offer"]["token"]
            _keep("voucher.png", await _ticket(story, "ReserveDeparture", token))


async def _graphiql(page: Page, gateway: Serving) -> bytes:
    """Its page with two regions side by side, and the answer."""
    await open_graphiql(page, gateway.origin, width=1280, height=1040)
    shown = _SIDE_BY_SIDE.replace("FROM", str(datetime.now(UTC).date() + _AHEAD))
    tab = (await page.value(TITLES)).index("Departures")
    await page.value(f"document.querySelectorAll('.graphiql-tab-button')[{tab}].click()")
    await page.value(_A_MOMENT)
    await page.value(f"{editor('.graphiql-query-editor')}.setValue({json.dumps(shown)})")
    await page.value("""document.querySelector('[aria-label="Hide editor tools"]').click()""")
    await page.value(_A_MOMENT)
    await page.value("document.querySelector('.graphiql-execute-button').click()")
    await page.until(written(".result-window"))
    await page.value(_A_MOMENT)
    return await page.picture()


async def _ticket(story: Story, tab: str, offer: str) -> bytes:
    """The first page of a ticket or voucher, as the examples book it."""
    booking = (await story.run(tab, offers=[offer]))["booking"]
    paid = (await story.run("Pay", idempotencyKey=f"pay-{tab}", bookingId=booking["id"]))["booking"]
    ticket = paid["tickets"][0]
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
