"""What a comparison of our records with another's finds: differences, and what only needs another look."""

from dataclasses import dataclass

from app.booking.differences import Difference


@dataclass(frozen=True, kw_only=True, slots=True)
class Comparison:
    """What was found, and all that was looked at, by its id with the other side.

    `nudged` are open operations that wait for something that is there, `items` and `payments` those to look at anew.
    """

    looked_at: frozenset[str]
    differences: tuple[Difference, ...] = ()
    nudged: frozenset[str] = frozenset()
    items: frozenset[str] = frozenset()
    payments: frozenset[str] = frozenset()
