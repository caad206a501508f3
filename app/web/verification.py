"""The page behind the code on a ticket: whether the ticket is valid now, told without telling who travels."""

import base64
import hashlib
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Final

from anyascii import anyascii
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from app.domain.booking import TicketStatus
from app.papers.words import clock_time, short_date

_TEMPLATES: Final = Path(__file__).parent / "templates"
_STYLE: Final = (_TEMPLATES / "verification.css").read_text(encoding="utf-8")
_STYLE_HASH: Final = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()

# What the page is served with: it needs its own style sheet and nothing else.
VERIFICATION_HEADERS: Final = {
    "Content-Security-Policy": f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",  # the address is the proof, so it goes nowhere
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
}

_MEANING: Final = {
    TicketStatus.VALID: "This {paper} is valid for travel.",
    TicketStatus.USED: "Every flight of this {paper} has been flown.",
    TicketStatus.REFUNDED: "This {paper} was refunded. It cannot be used to travel.",
    TicketStatus.EXCHANGED: "This {paper} was exchanged for a new one. It cannot be used to travel.",
    TicketStatus.VOID: "This {paper} was cancelled. It cannot be used to travel.",
}
_TAKEN: Final = "The tour operator has taken this {paper}."
_DIGITS_SHOWN: Final = 4


@dataclass(frozen=True, kw_only=True)
class VerifiedFlight:
    """One flight of the ticket: airport codes and the local day of departure."""

    flight_number: str
    origin: str
    destination: str
    departs_on: date


@dataclass(frozen=True, kw_only=True)
class VerifiedStay:
    """The tour that the ticket is for, and its local days."""

    operator: str
    tour: str
    starts_on: date
    ends_on: date


@dataclass(frozen=True, kw_only=True)
class VerifiedTicket:
    """What the page may be told of a ticket; number and name are shortened before they are shown.

    `passenger_name` is the given and family names without a title; `checked_at` is an instant in UTC.
    """

    status: TicketStatus
    ticket_number: str
    passenger_name: str = field(repr=False)
    issuer: str
    flights: tuple[VerifiedFlight, ...] = ()
    stay: VerifiedStay | None = None
    checked_at: datetime

    @property
    def paper(self) -> str:
        """What travellers call it."""
        return "voucher" if self.stay else "ticket"


def verification_page(ticket: VerifiedTicket) -> str:
    """The HTML page that states the ticket's status at `checked_at`."""
    return _page(
        "verification.html",
        ticket=ticket,
        number=_masked(ticket.ticket_number),
        initials=_initials(ticket.passenger_name),
        meaning=_meaning(ticket),
        checked=f"{short_date(ticket.checked_at)}, {clock_time(ticket.checked_at)} UTC",
    )


def unknown_link_page() -> str:
    """The HTML page for a link that is wrong, cut short or no longer accepted; it does not tell which."""
    return _page("unknown_link.html")


def _page(name: str, **facts: object) -> str:
    return _environment().get_template(name).render(style=_STYLE, short_date=short_date, **facts)


def _meaning(ticket: VerifiedTicket) -> str:
    meaning = _TAKEN if ticket.stay and ticket.status is TicketStatus.USED else _MEANING[ticket.status]
    return meaning.format(paper=ticket.paper)


def _masked(number: str) -> str:
    hidden = "".join("\N{BULLET}" if sign.isalnum() else sign for sign in number[:-_DIGITS_SHOWN])
    return hidden + number[-_DIGITS_SHOWN:]


def _initials(name: str) -> str:
    """The first letters of the first and the last word, in Latin script."""
    words = name.split()
    ends = words[:1] + words[1:][-1:]
    return " ".join(f"{anyascii(word)[:1].upper()}." for word in ends)


@cache
def _environment() -> Environment:
    loader = FileSystemLoader(_TEMPLATES)
    return Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
