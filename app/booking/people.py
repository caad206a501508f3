"""Traveller rows: the only home of personal facts, versioned, documents sealed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from anyascii import anyascii
from sqlmodel import Session, col, select

from app.domain import codec
from app.domain.itinerary import PassengerField, PassengerType
from app.domain.travellers import Assistance, Gender, IdentityDocument, LoyaltyAccount, Title, Traveller
from app.signing.sealing import Sealer
from app.store.tables import TravellerRow

_PURPOSE = "identity-document"


class ErasedError(RuntimeError):
    """A traveller's facts were erased and are needed no more; asking for them is a bug."""


def name_key(given: str, family: str) -> str:
    """How names are compared and searched: plain letters, without case."""
    return anyascii(f"{family} {given}").casefold()


def name_words(text: str) -> tuple[str, ...]:
    """The words of what somebody types to find a name, written as in `name_key`."""
    return tuple(anyascii(text).casefold().split())


def seal_document(vault: Sealer, traveller_id: str, document: IdentityDocument | None) -> str | None:
    """The document, readable only with the gateway's key and for this traveller."""
    if document is None:
        return None
    return vault.seal(_PURPOSE, codec.dump(document), {"traveller": traveller_id})


def open_document(vault: Sealer, row: TravellerRow, now: datetime) -> IdentityDocument | None:
    """The traveller's document in the clear."""
    if row.document is None:
        return None
    return codec.load(IdentityDocument, vault.unseal(row.document, _PURPOSE, {"traveller": row.id}, now))


def traveller_of(row: TravellerRow, vault: Sealer, now: datetime) -> Traveller:
    """The traveller as a carrier may need it; ErasedError when the row was blanked."""
    if row.erased_at is not None or row.born_on is None:
        raise ErasedError(row.id)
    return Traveller(
        id=row.id,
        type=PassengerType(row.type),
        given_name=row.given_name or "",
        family_name=row.family_name or "",
        born_on=row.born_on,
        title=Title(row.title or ""),
        gender=Gender(row.gender or ""),
        email=row.email or "",
        phone=row.phone or "",
        loyalty=tuple(codec.load(LoyaltyAccount, account) for account in row.loyalty),
        assistance=tuple(Assistance(code) for code in row.assistance),
        document=open_document(vault, row, now),
    )


def asked_for(row: TravellerRow) -> set[PassengerField]:
    """What a traveller gave beyond what every carrier takes."""
    given = {
        PassengerField.LOYALTY: row.loyalty,
        PassengerField.ASSISTANCE: row.assistance,
        PassengerField.DOCUMENT: row.document,
    }
    return {field for field, value in given.items() if value}


def rows_at(session: Session, versions: Mapping[str, int]) -> list[TravellerRow]:
    """The traveller rows in exactly these versions, in their order."""
    query = select(TravellerRow).where(col(TravellerRow.id).in_(list(versions))).order_by(col(TravellerRow.position))
    return [row for row in session.exec(query).all() if row.version == versions[row.id]]


def current_rows(session: Session, booking_id: str) -> list[TravellerRow]:
    """The booking's travellers as they are now."""
    query = (
        select(TravellerRow)
        .where(TravellerRow.booking_id == booking_id, col(TravellerRow.current).is_(True))
        .order_by(col(TravellerRow.position))
    )
    return list(session.exec(query).all())


def versions(rows: Iterable[TravellerRow]) -> dict[str, int]:
    """Which version of each traveller is meant; all that the journal keeps of people."""
    return {row.id: row.version for row in rows}


def for_carrier(
    rows: Sequence[TravellerRow], passengers: Mapping[str, str], vault: Sealer, now: datetime
) -> list[Traveller]:
    """The travellers with the carrier's passenger references, infants tied to their adults."""
    return [
        replace(
            traveller_of(row, vault, now),
            passenger=passengers[row.id],
            infant=passengers.get(row.infant_id) if row.infant_id else None,
        )
        for row in rows
        if row.id in passengers
    ]
