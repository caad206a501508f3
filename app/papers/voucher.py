"""What a tour's voucher says: one traveller, one departure, everything to be shown on its first day.

Names and the signed link are kept out of every repr, so that a voucher can be logged without telling who travels.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from app.domain.booking import TicketStatus
from app.domain.money import Money
from app.domain.tours import RoomType, SellingCompany, TourStay
from app.papers.receipt import Condition, Price, PriceLine


@dataclass(frozen=True, kw_only=True)
class Guest:
    """Who sleeps in a room; the name is None once erased. `bearer` is whose voucher it is."""

    name: str | None = field(repr=False)
    bearer: bool = False


@dataclass(frozen=True, kw_only=True)
class SharedRoom:
    """A room, and who shares it."""

    type: RoomType
    guests: tuple[Guest, ...]


@dataclass(frozen=True, kw_only=True)
class Paid:
    """A payment of the booking."""

    on: date
    form: str
    amount: Money


@dataclass(frozen=True, kw_only=True)
class Voucher:
    """A tour's voucher for one traveller.

    `company` is whom to ask, where that is known. `refund` is the rule where the operator has no cancellation scale.
    `price` is what was booked together; `payments` are of the whole booking.
    """

    issuer: str
    number: str
    passenger_name: str = field(repr=False)
    status: TicketStatus
    booking_reference: str
    operator_reference: str
    issued_on: date
    stay: TourStay
    rooms: tuple[SharedRoom, ...]
    refund: Condition
    price: Price
    payments: tuple[Paid, ...]
    verification_url: str = field(repr=False)
    company: SellingCompany | None = None
    issuer_contact: str | None = None

    @property
    def price_lines(self) -> Iterator[PriceLine]:
        """The tour, taxes where they are told apart, and each fee, in the order they are printed."""
        yield PriceLine("Tour", self.price.base)
        if self.price.taxes:
            yield PriceLine("Taxes and charges", self.price.taxes)
        yield from self.price.fees
