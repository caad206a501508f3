"""The offer token: everything reserve needs to know of an offer, sealed; searching writes nothing to the database.

It carries no name and no birth date: passengers are the carrier's references, types and ages.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from pydantic import ValidationError

from app.domain.clock import Clock
from app.domain.codec import dump, load
from app.domain.itinerary import OfferPassenger, PassengerField, Price
from app.domain.refusals import OfferExpired, OfferInvalid
from app.domain.search import Leg
from app.domain.tours import SellingRegion
from app.signing.errors import SealError, SealExpired
from app.signing.sealing import Sealer

MAX_LENGTH: Final = 2048
_PURPOSE: Final = "offer"
_INVALID: Final = (
    "This is no offer of ours for this partner; pass an itinerary's `offer`, or a departure's `token`, on unchanged."
)
_EXPIRED: Final = "This offer has expired; search again."


@dataclass(frozen=True, kw_only=True, slots=True)
class OfferToken:
    """An offer as it was shown: `offer` is the carrier's id of it.

    `legs` are the directions searched for. Where it is a departure, `starts_on` is its day, and `region` where it is
    sold. `passengers` stand in the order of the search; `expires_at` is when the offer, or its exchange rate, ends.
    """

    carrier: str
    offer: str
    price: Price
    passengers: tuple[OfferPassenger, ...]
    holdable: bool
    required: tuple[PassengerField, ...]
    document_kinds: tuple[str, ...]
    legs: tuple[Leg, ...] = ()
    starts_on: date | None = None
    region: SellingRegion | None = None
    expires_at: datetime

    @property
    def travels_on(self) -> date:
        """The first local day of travel, at which ages are counted."""
        return self.starts_on or self.legs[0].date


class OfferSeals:
    """Seals offers for a partner and opens them again."""

    def __init__(self, sealer: Sealer, clock: Clock) -> None:
        self._sealer = sealer
        self._clock = clock

    def seal(self, token: OfferToken, partner_id: str) -> str:
        """The token for that partner: at most `MAX_LENGTH` characters, for up to nine passengers."""
        return self._sealer.seal(_PURPOSE, _packed(token), {"partner": partner_id}, token.expires_at)

    def open(self, token: str, partner_id: str, path: tuple[str, ...] = ("input", "offer")) -> OfferToken:
        """The offer sealed for this partner; OfferInvalid, or OfferExpired once its time has passed."""
        try:
            opened = self._sealer.unseal(token, _PURPOSE, {"partner": partner_id}, self._clock.now())
            return load(OfferToken, opened)
        except SealExpired:
            raise OfferExpired(message=_EXPIRED, path=path) from None
        except (SealError, ValidationError):
            # One sentence for all of them: nobody learns that another partner's offer is one.
            raise OfferInvalid(message=_INVALID, path=path) from None


def _packed(token: OfferToken) -> dict[str, Any]:
    packed: dict[str, Any] = _dense(dump(token))
    return packed


def _dense(value: Any) -> Any:  # noqa: ANN401 - JSON
    """Without what its default says anyway."""
    if isinstance(value, dict):
        return {name: _dense(part) for name, part in value.items() if part is not None}
    return [_dense(part) for part in value] if isinstance(value, list) else value
