"""What a newcomer does: opens GraphiQL, chooses a tab, runs it, and copies from one tab into the next."""

import json
import re

from app.cli.demo.browser import Page
from app.domain.clock import SystemClock
from app.web.explorer import examples
from tests.serving import Serving

TITLES = "[...document.querySelectorAll('[role=tab]')].map(tab => tab.innerText.trim())"


def editor(place):
    """GraphiQL's editor there."""
    return f"document.querySelector('{place} .CodeMirror').CodeMirror"


def written(place):
    """What stands in it."""
    return f"{editor(place)}.getValue()"


async def open_graphiql(page: Page, origin, **size):
    """The page, once GraphiQL has the schema: until then it takes another tab's operation for the first one's."""
    await page.open(f"{origin}/graphql", **size)
    await page.until("document.querySelectorAll('.CodeMirror').length")
    await page.until(f"{editor('.graphiql-query-editor')}.options.lint.schema != null")


async def run_tab(page: Page, number):
    """The answer to this tab, as it is written in the page."""
    await page.value(f"document.querySelectorAll('.graphiql-tab-button')[{number}].click()")
    # GraphiQL reads the new tab's operation a moment after its text has changed.
    await page.value("new Promise((later) => setTimeout(later, 500))")
    await page.value("document.querySelector('.graphiql-execute-button').click()")
    return await page.until(written(".result-window"))


class Story:
    """The example tabs, asked one after the other without a browser."""

    def __init__(self, gateway: Serving) -> None:
        self._gateway = gateway
        named = re.compile(r"^(?:query|mutation) (\w+)", re.MULTILINE)
        self._tabs = {named.search(tab["query"])[1]: tab for tab in examples(SystemClock())}

    async def run(self, name, **pasted):
        """What the tab's field answers, or each of them by name, with this pasted into its variables."""
        variables = json.loads(self._tabs[name]["variables"])
        (variables.get("input") or variables).update(pasted)
        answers = await self._gateway.ask(self._tabs[name]["query"], **variables)
        assert not any(answer.get("errors") for answer in answers.values()), answers
        return next(iter(answers.values())) if len(answers) == 1 else answers
