"""Hear payment providers' callbacks."""

from sqlmodel import Session, select

from app.store.tables import InboxRow


def heard_already(session: Session, provider: str, charge: str) -> bool:
    """Whether a callback about the charge came before our own record of it."""
    query = select(InboxRow.event).where(InboxRow.source == f"payments:{provider}", InboxRow.order_ref == charge)
    return session.exec(query).first() is not None
