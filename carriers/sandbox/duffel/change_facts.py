"""The facts of an exchange: what was asked for, what the airline would do, and what was selected of it."""

from dataclasses import dataclass
from datetime import datetime

from app.domain.money import Money, total
from carriers.sandbox.duffel.booked import BookedSlice
from carriers.sandbox.duffel.fares import Price
from carriers.sandbox.duffel.search import OFFER_LIFE, Search


@dataclass(frozen=True, slots=True)
class ChangeRequest:
    """Which journeys of an order are to go, and the search for what comes in their place."""

    id: str
    order_id: str
    removed: tuple[str, ...]
    search: Search

    @property
    def expires_at(self) -> datetime:
        """When its offers can no longer be selected or confirmed."""
        return self.search.created_at + OFFER_LIFE


@dataclass(frozen=True, slots=True)
class ChangeOffer:
    """What the airline would change an order into. The journeys' prices are their parts of what the order costs."""

    id: str
    request: ChangeRequest
    before: tuple[BookedSlice, ...]
    added: tuple[BookedSlice, ...]
    penalty: Money

    @property
    def removed(self) -> tuple[BookedSlice, ...]:
        """What goes."""
        return tuple(piece for piece in self.before if piece.id in self.request.removed)

    @property
    def slices(self) -> tuple[BookedSlice, ...]:
        """The whole order after it: what comes takes the place of the first that goes."""
        place = self.before.index(self.removed[0])
        rest = tuple(piece for piece in self.before[place:] if piece.id not in self.request.removed)
        return self.before[:place] + self.added + rest

    @property
    def new_price(self) -> Price:
        """What the order costs after it, the penalty apart."""
        currency = self.penalty.currency
        return Price(
            total((piece.price.base for piece in self.slices), currency),
            total((piece.price.tax for piece in self.slices), currency),
        )

    @property
    def balance(self) -> Money:
        """What is to be paid for it, the penalty included; below zero, what is given back."""
        before = total((piece.price.total for piece in self.before), self.penalty.currency)
        return self.new_price.total - before + self.penalty


@dataclass(slots=True)
class OrderChange:
    """A selected offer, confirmed or not. `told` is the balance it had when it was last shown; it may move since."""

    id: str
    order_id: str
    offer: ChangeOffer
    told: Money
    refund_to: str | None
    created_at: datetime
    confirmed_at: datetime | None = None

    @property
    def expires_at(self) -> datetime:
        """When it can no longer be confirmed."""
        return self.offer.request.expires_at
