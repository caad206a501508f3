"""What search needs of the place catalogue."""

from collections.abc import Sequence
from typing import Protocol

from app.domain.places import Place


class Places(Protocol):
    """Cities and airports, by code and by what people type."""

    def find(self, code: str) -> Place | None:
        """The city or airport with this IATA code."""
        ...

    def search(self, text: str, limit: int) -> Sequence[Place]:
        """The places this text probably means, likeliest first."""
        ...
