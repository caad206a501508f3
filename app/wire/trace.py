"""One log line for each attempt, with nothing in it that is secret or personal."""

import logging
import re
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Final
from urllib.parse import urlsplit

from app.wire.messages import Request

_LOG: Final = logging.getLogger("app.wire")
# Only what reads like a name in an API's documentation stays: lower-case words, and versions.
_WORD: Final = re.compile(r"[a-z][a-z_-]{0,39}|v[0-9]{1,2}")


@dataclass(frozen=True, kw_only=True)
class Traced:
    """One attempt: `outcome` is the status, or what kind of failure it was."""

    method: str
    host: str
    path: str
    outcome: str
    milliseconds: int
    attempt: int


Trace = Callable[[Traced], None]


def template(request: Request) -> str:
    """The path with every identifier cut out, and without its query."""
    parts = urlsplit(request.url).path.split("/")
    return "/".join(part if not part or _WORD.fullmatch(part) else "{id}" for part in parts)


def log(traced: Traced) -> None:
    """The attempt as one line, its facts as fields of the record."""
    _LOG.info(
        "%s %s%s %s in %d ms (attempt %d)",
        traced.method,
        traced.host,
        traced.path,
        traced.outcome,
        traced.milliseconds,
        traced.attempt,
        extra={"call": asdict(traced)},
    )
