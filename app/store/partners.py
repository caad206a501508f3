"""Partners as rows: the terms are the domain's own words, kept as JSON."""

from datetime import datetime

from sqlmodel import Session, select

from app.domain import codec
from app.domain.partner import Partner
from app.store.tables import PartnerRow


def partner_of(row: PartnerRow) -> Partner:
    """The partner with its terms."""
    return codec.load(Partner, row.terms | {"id": row.id, "name": row.name})


def find_partner(session: Session, partner_id: str) -> Partner | None:
    """The partner with this id, if there is one."""
    row = session.get(PartnerRow, partner_id)
    return partner_of(row) if row else None


def find_partner_by_name(session: Session, name: str) -> Partner | None:
    """The partner with this name, if there is one."""
    row = session.exec(select(PartnerRow).where(PartnerRow.name == name)).first()
    return partner_of(row) if row else None


def save_partner(session: Session, partner: Partner, now: datetime) -> None:
    """Create the partner, or change its terms."""
    terms = {name: value for name, value in codec.dump(partner).items() if name not in {"id", "name"}}
    row = session.get(PartnerRow, partner.id, with_for_update=True)
    if row is None:
        session.add(PartnerRow(id=partner.id, name=partner.name, terms=terms, created_at=now))
    else:
        row.name, row.terms = partner.name, terms
