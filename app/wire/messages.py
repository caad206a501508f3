"""What goes over the wire and what comes back, without a word about how."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from app.domain.errors import Trouble, Unknown


@dataclass(frozen=True, kw_only=True)
class Request:
    """One HTTP request. `json` or `body`, not both; `params` become the query.

    `fresh` asks for a connection of its own, because the other side may be closing a kept one at this very moment.
    Headers, query and content are secret: they are in no repr.
    """

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    params: Mapping[str, str] = field(default_factory=dict, repr=False)
    json: Any = field(default=None, repr=False)
    body: bytes | None = field(default=None, repr=False)
    fresh: bool = False

    @property
    def host(self) -> str:
        """Host and port, as pacing and logs name the other side."""
        return urlsplit(self.url).netloc.rpartition("@")[2]


@dataclass(frozen=True, kw_only=True)
class Response:
    """A complete answer, whatever its status. Header names are lower case; `read`: asking changed nothing."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)
    read: bool = False

    def json(self) -> Any:  # noqa: ANN401 - JSON can be anything
        """The body as JSON. An unreadable answer is Trouble after a read, and Unknown after a write."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            lost = Trouble if self.read else Unknown
            raise lost(f"An answer with status {self.status} is not JSON.") from None
