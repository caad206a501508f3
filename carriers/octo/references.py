"""What we need to know again of an offer or a quote, in an opaque text: OCTO itself keeps none of them."""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from app.domain.money import Money
from app.domain.refusals import OfferExpired, QuoteExpired
from app.domain.tours import RateType, Room, RoomType, SellingRegion


@dataclass(frozen=True, kw_only=True, slots=True)
class OfferRef:
    """A departure in a region, its availability's id, the rooms, and the unit ids that are sold for each rate."""

    region: SellingRegion
    tour: str
    option: str
    starts_on: date
    availability: str
    rooms: tuple[Room, ...]
    units: Mapping[RateType, str]

    def __str__(self) -> str:
        rooms = [[room.type, room.adults, room.child_ages] for room in self.rooms]
        return _pack(
            [self.region, self.tour, self.option, self.starts_on.isoformat(), self.availability, rooms, self.units]
        )

    @classmethod
    def read(cls, written: str) -> "OfferRef":
        """The offer that was written; OfferExpired for what never was one."""
        try:
            region, tour, option, starts_on, availability, rooms, units = _unpack(written)
            return cls(
                region=SellingRegion(region),
                tour=tour,
                option=option,
                starts_on=date.fromisoformat(starts_on),
                availability=availability,
                rooms=tuple(
                    Room(type=RoomType(kind), adults=adults, child_ages=tuple(ages)) for kind, adults, ages in rooms
                ),
                units={RateType(rate): unit for rate, unit in units.items()},
            )
        except (ValueError, TypeError, AttributeError):
            raise OfferExpired(message="The carrier no longer knows this offer.") from None


@dataclass(frozen=True, kw_only=True, slots=True)
class RefundRef:
    """What cancelling a booking was said to give back, until when; None where nobody can tell before it is done.

    `ended` where the operator had cancelled it.
    """

    order: str
    refund: Money | None
    expires_at: datetime
    ended: bool = False

    def __str__(self) -> str:
        refund = None if self.refund is None else [self.refund.minor, self.refund.currency]
        return _pack([self.order, refund, self.expires_at.isoformat(), self.ended])

    @classmethod
    def read(cls, written: str) -> "RefundRef":
        """The quote that was written; QuoteExpired for what never was one."""
        try:
            order, refund, expires_at, ended = _unpack(written)
            return cls(
                order=order,
                refund=None if refund is None else Money(*refund),
                expires_at=datetime.fromisoformat(expires_at),
                ended=ended is True,
            )
        except (ValueError, TypeError):
            raise _unknown_quote() from None


@dataclass(frozen=True, kw_only=True, slots=True)
class ExchangeRef:
    """A booking's exchange of one availability for another in its region, what it was said to cost, until when.

    `old` and `new` are the booking's totals before and after, without the fee.
    """

    order: str
    region: SellingRegion
    replaced: str
    option: str
    starts_on: date
    availability: str
    old: Money
    new: Money
    fee: Money
    expires_at: datetime

    @property
    def balance(self) -> Money:
        """What is to be paid; below zero, what comes back."""
        return self.new - self.old + self.fee

    def __str__(self) -> str:
        where = [self.order, self.region, self.replaced, self.option, self.starts_on.isoformat()]
        money = [self.old.minor, self.new.minor, self.fee.minor, self.old.currency]
        return _pack([*where, self.availability, money, self.expires_at.isoformat()])

    @classmethod
    def read(cls, written: str) -> "ExchangeRef":
        """The offer that was written; QuoteExpired for what never was one."""
        try:
            order, region, replaced, option, starts_on, availability, money, expires_at = _unpack(written)
            *minors, currency = money
            old, new, fee = (Money(minor, currency) for minor in minors)
            return cls(
                order=order,
                region=SellingRegion(region),
                replaced=replaced,
                option=option,
                starts_on=date.fromisoformat(starts_on),
                availability=availability,
                old=old,
                new=new,
                fee=fee,
                expires_at=datetime.fromisoformat(expires_at),
            )
        except (ValueError, TypeError):
            raise _unknown_quote() from None


def _unknown_quote() -> QuoteExpired:
    return QuoteExpired(message="The operator no longer offers this; ask for a new quote.")


def _pack(facts: Any) -> str:  # noqa: ANN401 - JSON
    packed = json.dumps(facts, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(packed).decode().rstrip("=")


def _unpack(written: str) -> Any:  # noqa: ANN401 - JSON
    padded = written + "=" * (-len(written) % 4)
    return json.loads(base64.urlsafe_b64decode(padded.encode()))
