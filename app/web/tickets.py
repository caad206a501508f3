"""Tickets for people: the PDF behind a signed link, and the page that says whether a ticket is valid."""

import logging
import re
from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from app.booking.facts import stay_of
from app.booking.receipts import Find, TicketFacts, flights, ticket_facts, traveller_name
from app.booking.vouchers import printed
from app.domain.booking import TicketStatus
from app.domain.clock import Clock
from app.papers.press import PrintError
from app.papers.receipt import Receipt
from app.papers.render import Renderer
from app.papers.voucher import Voucher
from app.signing.errors import SealError
from app.signing.links import TicketLink, TicketLinks
from app.store.engine import Store
from app.web.verification import (
    VERIFICATION_HEADERS,
    VerifiedFlight,
    VerifiedStay,
    VerifiedTicket,
    unknown_link_page,
    verification_page,
)

log = logging.getLogger(__name__)

_LONGEST_NAME = 60


class TicketPages:
    """`/tickets/{token}.pdf` and `/verify/{token}`."""

    def __init__(self, *, store: Store, clock: Clock, links: TicketLinks, renderer: Renderer, find: Find) -> None:
        self._store = store
        self._clock = clock
        self._links = links
        self._renderer = renderer
        self._find = find

    def routes(self) -> list[Route]:
        """The two routes."""
        return [Route("/tickets/{token}.pdf", self.pdf), Route("/verify/{token}", self.verify)]

    async def pdf(self, request: Request) -> Response:
        """The receipt as a PDF, rendered now from the booking's facts."""
        facts = await self._facts(self._links.open_pdf, request)
        if facts is None:
            return _unknown()
        ticket = facts.ticket
        paper = printed(facts, self._find, self._links.verification(ticket.id, ticket.partner_id))
        if paper is None:
            return _unknown(410)
        try:
            content = await self._renderer.pdf(paper)
        except PrintError:
            log.exception("ticket %s could not be printed", ticket.id)
            return Response("The ticket cannot be printed at the moment. Try again.", 503, {"Retry-After": "10"})
        headers = {
            "Content-Disposition": f'inline; filename="{_kind(paper)}-{_plain(ticket.number)}.pdf"',
            "Cache-Control": "private, no-store",
            "X-Content-Type-Options": "nosniff",
        }
        return Response(content, media_type="application/pdf", headers=headers)

    async def verify(self, request: Request) -> Response:
        """The ticket's status now."""
        facts = await self._facts(self._links.open_verification, request)
        if facts is None:
            return _unknown()
        page = verification_page(
            VerifiedTicket(
                status=TicketStatus(facts.ticket.status),
                ticket_number=facts.ticket.number,
                passenger_name=traveller_name(facts),
                issuer=facts.partner.name,
                flights=tuple(
                    VerifiedFlight(
                        flight_number=f"{segment.marketing.code} {segment.flight_number}",
                        origin=segment.origin,
                        destination=segment.destination,
                        departs_on=segment.departs_at.date(),
                    )
                    for segment in flights(facts)
                ),
                stay=_stay(facts),
                checked_at=self._clock.now(),
            )
        )
        return HTMLResponse(page, headers=VERIFICATION_HEADERS)

    async def _facts(self, open_link: Callable[[str], TicketLink], request: Request) -> TicketFacts | None:
        try:
            link = open_link(request.path_params["token"])
        except SealError:
            return None
        return await self._store.read(lambda session: ticket_facts(session, link.partner_id, link.ticket_id))


def _stay(facts: TicketFacts) -> VerifiedStay | None:
    stay = stay_of(facts.item)
    if stay is None:
        return None
    return VerifiedStay(
        operator=stay.operator_name, tour=stay.tour_name, starts_on=stay.key.starts_on, ends_on=stay.ends_on
    )


def _kind(paper: Receipt | Voucher) -> str:
    return "voucher" if isinstance(paper, Voucher) else "ticket"


def _plain(number: str) -> str:
    """The number in a file's name: an operator's may be any text."""
    return re.sub(r"[^\w.-]+", "-", number, flags=re.ASCII)[:_LONGEST_NAME]


def _unknown(status: int = 404) -> Response:
    return HTMLResponse(unknown_link_page(), status, VERIFICATION_HEADERS)
