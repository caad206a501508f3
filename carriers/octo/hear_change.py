"""What a booking says that its operator changed: our capability's `departureChange` and the departure's status."""

import logging
from dataclasses import dataclass
from datetime import datetime

from app.domain.tours import DepartureStatus
from app.wire.facts import Incomplete, Json, instant, text
from carriers.octo.facts import whole

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """The latest change of the departure; `cancelled` where it takes place no more."""

    ref: str
    made_at: datetime
    cancelled: bool
    accepted: bool


def told_change(data: Json) -> Change | None:
    """What the operator tells; None where the departure is as it was booked, or the telling cannot be read."""
    try:
        with whole("change"):
            return _change(data)
    except Incomplete as error:
        log.warning("what an operator changed is not known: %s", error)
        return None


def _change(data: Json) -> Change | None:
    status = (data.get("availability") or {}).get("departureStatus")
    told, cancelled = data.get("departureChange"), status == DepartureStatus.CANCELLED
    if told is None and not cancelled:
        return None
    return Change(
        ref=text(told["id"]) if told else f"{data['uuid']}:departure",
        made_at=instant(told["utcMadeAt"] if told else data["utcUpdatedAt"]),
        cancelled=cancelled,
        accepted=not cancelled and told is not None and told["accepted"] is True,
    )
