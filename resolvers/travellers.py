"""Travellers' identity documents, of which a client sees enough to recognise one."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from app.booking.people import open_document
from app.domain.travellers import DocumentKind
from app.store.tables import TravellerRow
from resolvers.context import Context

_MOST_SHOWN: Final = 3


@dataclass(frozen=True, kw_only=True, slots=True)
class KnownDocument:
    """An identity document without its number; `number_ending` are its last characters, three at most."""

    kind: DocumentKind
    number_ending: str
    issuing_country: str
    expires_on: date | None


def known_document(context: Context, row: TravellerRow) -> KnownDocument | None:
    """The traveller's document; None when none was given, or it was erased."""
    document = open_document(context.services.desk.tools.vault, row, context.services.clock.now())
    if document is None:
        return None
    shown = min(_MOST_SHOWN, len(document.number) // 3)
    return KnownDocument(
        kind=document.kind,
        number_ending=document.number[len(document.number) - shown :],
        issuing_country=document.issuing_country,
        expires_on=document.expires_on,
    )
