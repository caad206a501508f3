"""GraphiQL for the development profile: served from our own files, with examples as tabs and a token filled in."""

import json
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from app.domain.clock import Clock

_HERE: Final = Path(__file__).parent
EXAMPLES: Final = _HERE / "examples"
ASSETS_PATH: Final = "/graphql/assets"

# Our files only; CodeMirror writes style attributes, and its fonts are in the style sheet.
_HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "connect-src 'self'; img-src 'self' data:; font-src 'self' data:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",  # it carries a token
    "X-Content-Type-Options": "nosniff",
}
# Examples search a month ahead, so that they work on any day; a return trip takes a week. Tours depart half a year
# ahead, when a deposit is enough. Keys name the moment the page was opened, so that a page opened anew makes new
# bookings.
_DEPARTURE: Final = timedelta(days=30)
_RETURN: Final = timedelta(days=37)
_SEASON: Final = timedelta(days=180)


class Explorer:
    """The page; `token` gives a bearer token that is good from now on."""

    def __init__(self, *, token: Callable[[], str], clock: Clock) -> None:
        self._token = token
        self._clock = clock
        templates = Environment(
            loader=FileSystemLoader(_HERE / "templates"), autoescape=True, undefined=StrictUndefined
        )
        self._template = templates.get_template("explorer.html")

    def page(self) -> HTMLResponse:
        """The page as of today, with a fresh token."""
        setup = {"token": self._token(), "tabs": examples(self._clock)}
        return HTMLResponse(self._template.render(assets=ASSETS_PATH, setup=setup), headers=_HEADERS)


def examples(clock: Clock) -> list[dict[str, Any]]:
    """The example operations in the order of their files' names, with variables that make sense today."""
    now = clock.now()
    words = {
        "{departure}": str(now.date() + _DEPARTURE),
        "{return}": str(now.date() + _RETURN),
        "{season}": str(now.date() + _SEASON),
        "{moment}": f"{now:%Y%m%d-%H%M%S}",
    }
    return [
        {"query": path.read_text(encoding="utf-8"), "variables": _variables(path, words)}
        for path in sorted(EXAMPLES.glob("*.graphql"))
    ]


def _variables(path: Path, words: Mapping[str, str]) -> str:
    beside = path.with_suffix(".json")
    text = beside.read_text(encoding="utf-8") if beside.exists() else json.dumps({})
    for name, word in words.items():
        text = text.replace(name, word)
    return text


def assets() -> Mount:
    """The route of the page's scripts and style sheet."""
    return Mount(ASSETS_PATH, StaticFiles(directory=_HERE / "static" / "graphiql"), name="graphiql")
