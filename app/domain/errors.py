"""What can go wrong, in three values and one door.

Refusal       the world said no and nothing happened; the client gets it as data
Trouble       no answer was possible and nothing happened; retry with backoff
Unknown       asked, and did not hear; look up or ask again with the same key, never report as failed
Access        not authenticated or not allowed

Anything else is a bug: masked, and logged with an id the client sees.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import ClassVar

from app.domain.error_codes import Advice, ErrorCode, MoneyMovement
from app.domain.itinerary import CarrierOffer


@dataclass(kw_only=True, eq=True)
class Refusal(Exception):  # noqa: N818 - the design's word: the world said no
    """The world said no and nothing happened. `path` names the input field that caused it, where one did.

    `wanted` is what the carrier would not sell, where it tells all the same what that is; clients see it on the item.
    """

    code: ClassVar[ErrorCode]
    advice: ClassVar[Advice]

    message: str
    path: tuple[str, ...] = ()
    money: MoneyMovement = MoneyMovement.NONE
    wanted: CarrierOffer | None = field(default=None, repr=False, compare=False)

    __hash__ = Exception.__hash__

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"


class Trouble(Exception):  # noqa: N818 - the design's word
    """No answer was possible and nothing happened; `retry_after` where the other side named a pause."""

    def __init__(self, message: str, *, retry_after: timedelta | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Unknown(Exception):  # noqa: N818 - the design's word
    """Asked, and did not hear. `settle_delay` where this answer needs longer than usual before looking it up."""

    def __init__(self, message: str, *, settle_delay: timedelta | None = None) -> None:
        super().__init__(message)
        self.settle_delay = settle_delay


class AccessCode(StrEnum):
    """Why the door stayed shut."""

    UNAUTHENTICATED = "UNAUTHENTICATED"
    FORBIDDEN = "FORBIDDEN"


class Access(Exception):  # noqa: N818 - the design's word
    """Not authenticated, or not allowed. The message helps without telling what exists."""

    def __init__(self, code: AccessCode, message: str) -> None:
        super().__init__(message)
        self.code = code
