"""What one request knows: who asks, and the services that answer."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from app.booking.desk import Desk
from app.domain.clock import Clock
from app.domain.partner import Viewer
from app.pricing.offers import OfferSeals
from app.search.ports import Places
from app.search.search import Search
from app.signing.links import StatementLinks, TicketLinks
from app.store.engine import Store
from app.tours.desk import TourDesk
from carriers.registry import Carriers

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Services:
    """What is below the resolvers, composed once at start."""

    clock: Clock
    carriers: Carriers
    places: Places
    search: Search
    tours: TourDesk
    seals: OfferSeals
    store: Store
    desk: Desk
    links: TicketLinks
    statement_links: StatementLinks


@dataclass(frozen=True)
class Context:
    """One request: its viewer, the services, and the loaders that live as long as it."""

    viewer: Viewer
    services: Services
    _loaders: dict[object, Any] = field(default_factory=dict, repr=False)

    def loader(self, name: object, build: Callable[[], T]) -> T:
        """This request's loader of that name, built on first use."""
        if name not in self._loaders:
            self._loaders[name] = build()
        loader: T = self._loaders[name]
        return loader

    def forget(self) -> None:
        """Load everything anew from here on: something has changed since."""
        self._loaders.clear()
