"""GraphiQL as a person meets it: in a real browser, over the gateway and sandbox that `make run` starts."""

import json
from urllib.parse import urlsplit

import pytest

from app.domain.clock import SystemClock
from app.web.explorer import examples
from tests.browser import MISSING, browser, find_browser
from tests.serving import serving

CHROMIUM = find_browser()
TABS = ["Places", "Search", "Reserve", "Pay", "Booking", "Bookings", "Cancel", "UpdatePassenger", "Viewer"]

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason=MISSING)


def editor(place):
    """GraphiQL's editor there."""
    return f"document.querySelector('{place} .CodeMirror').CodeMirror"


def written(place):
    """What stands in it."""
    return f"{editor(place)}.getValue()"


async def test_a_newcomer_opens_graphiql_and_runs_the_search(tmp_path):
    async with serving(tmp_path / "data") as gateway, browser(CHROMIUM, tmp_path / "browser") as page:
        await page.open(f"{gateway.origin}/graphql")
        await page.until(f"document.querySelectorAll('[role=tab]').length == {len(TABS)}")
        # GraphiQL reads which operation a tab has only with the schema, and a moment after the text has changed.
        await page.until(
            "document.querySelector('.graphiql-query-editor .CodeMirror').CodeMirror.options.lint.schema != null"
        )
        titles = await page.value("[...document.querySelectorAll('[role=tab]')].map(tab => tab.innerText.trim())")
        assert titles == TABS
        assert await page.value(f"{written('.graphiql-editor-tool .hidden')}.includes('Bearer ey')")
        await page.value("document.querySelectorAll('.graphiql-tab-button')[1].click()")
        await page.until(f"{written('.graphiql-query-editor')}.includes('query Search')")
        await page.value("new Promise((later) => setTimeout(later, 500))")
        await page.value("document.querySelector('.graphiql-execute-button').click()")
        answer = await page.until(written(".result-window"))
        found = json.loads(answer)["data"]["search"]
        assert (found["errors"], len(found["itineraries"])) == ([], 5)
        assert page.complaints == []
        hosts = {urlsplit(url).netloc for url in page.requests if not url.startswith("data:")}
        assert hosts == {urlsplit(gateway.origin).netloc}


async def test_the_tabs_tell_the_whole_story_in_order(tmp_path):
    tabs = {tab["query"].partition("(")[0].split()[-1]: tab for tab in examples(SystemClock())}

    async with serving(tmp_path) as gateway:

        async def run(name, **pasted):
            variables = json.loads(tabs[name]["variables"])
            (variables.get("input") or variables).update(pasted)
            (answer,) = (await gateway.ask(tabs[name]["query"], **variables)).values()
            assert not answer.get("errors"), answer["errors"]
            return answer

        found = await run("Search")
        held = (await run("Reserve", offers=[found["itineraries"][0]["offer"]]))["booking"]
        assert held["state"] == "HELD"
        paid = (await run("Pay", bookingId=held["id"]))["booking"]
        assert (paid["state"], paid["balance"]["amount"], len(paid["tickets"])) == ("TICKETED", "0.00", 1)
        told = await run("Booking", reference=held["reference"])
        assert told["timeline"][-1]["message"] == "The amount was taken."
        listed = await run("Bookings")
        assert [booking["reference"] for booking in listed["nodes"]] == [held["reference"]]
        again = (await run("Reserve", idempotencyKey="another", offers=[found["itineraries"][1]["offer"]]))["booking"]
        cancelled = (await run("Cancel", bookingId=again["id"]))["booking"]
        assert cancelled["state"] == "CANCELLED"
