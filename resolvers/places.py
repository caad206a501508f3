"""Places by what people type."""

from collections.abc import Sequence
from typing import Final

from app.domain.places import Place
from app.domain.refusals import InvalidInput
from resolvers.bounds import bounded
from resolvers.context import Context

MOST: Final = 50
LONGEST: Final = 80


def found_places(context: Context, text: str, first: int) -> Sequence[Place]:
    """The catalogue's answer; InvalidInput for a text nobody types into a search box."""
    if len(text) > LONGEST:
        raise InvalidInput(message=f"query may have {LONGEST} characters at most.", path=("query",))
    return context.services.places.search(text.strip(), bounded(first, MOST))
