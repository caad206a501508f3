"""Settlement statements behind signed links, as PDF and as CSV."""

import logging
from collections.abc import Mapping
from functools import partial
from typing import Final

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from app.accounts.csv_file import csv_file
from app.accounts.paper import statement_paper
from app.domain.clock import Clock
from app.papers.press import PrintError
from app.papers.render import Renderer
from app.papers.statement import Statement
from app.signing.errors import SealError
from app.signing.links import StatementLinks
from app.store.engine import Store

log = logging.getLogger(__name__)

_HEADERS: Final = {
    "Cache-Control": "private, no-store",
    "Referrer-Policy": "no-referrer",  # the address is the proof, so it goes nowhere
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
}


class StatementPages:
    """`/statements/{token}.pdf` and `/statements/{token}.csv`, both as the statement stands when they are opened."""

    def __init__(self, *, store: Store, clock: Clock, links: StatementLinks, renderer: Renderer, issuer: str) -> None:
        self._store = store
        self._clock = clock
        self._links = links
        self._renderer = renderer
        self._issuer = issuer

    def routes(self) -> list[Route]:
        """The two routes."""
        return [Route("/statements/{token}.pdf", self.pdf), Route("/statements/{token}.csv", self.csv)]

    async def pdf(self, request: Request) -> Response:
        """The statement on paper, rendered now."""
        statement = await self._statement(request)
        if statement is None:
            return _unknown()
        try:
            content = await self._renderer.pdf(statement)
        except PrintError:
            log.exception("statement %s could not be printed", statement.number)
            text = "The statement cannot be printed at the moment. Try again."
            return PlainTextResponse(text, 503, _HEADERS | {"Retry-After": "10"})
        return Response(content, media_type="application/pdf", headers=_named(statement, "inline", "pdf"))

    async def csv(self, request: Request) -> Response:
        """The statement's lines as a table."""
        statement = await self._statement(request)
        if statement is None:
            return _unknown()
        headers = _named(statement, "attachment", "csv")
        return Response(csv_file(statement), media_type="text/csv; header=present", headers=headers)

    async def _statement(self, request: Request) -> Statement | None:
        try:
            link = self._links.open(request.path_params["token"])
        except SealError:
            return None
        now = self._clock.now()
        read = partial(
            statement_paper,
            statement_id=link.statement_id,
            partner_id=link.partner_id,
            issuer=self._issuer,
            now=now,
        )
        return await self._store.read(read)


def _named(statement: Statement, disposition: str, extension: str) -> Mapping[str, str]:
    name = f'{disposition}; filename="statement-{statement.number}.{extension}"'
    return {**_HEADERS, "Content-Disposition": name}


def _unknown() -> Response:
    text = "This link leads to no statement, or not any more. Ask for the statement again: it comes with new links."
    return PlainTextResponse(text, 404, _HEADERS)
