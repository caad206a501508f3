"""When a delivery that failed is tried again: soon, then ever later, for three days."""

from datetime import timedelta
from typing import Final

DELAYS: Final = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
# Up to a tenth sooner or later, so that what failed together does not come back together.
_SPREAD: Final = 0.1


def next_delay(attempts: int, asked: timedelta | None, chance: float) -> timedelta | None:
    """How long to wait after this many attempts; None when that was the last.

    At least as long as the endpoint `asked` for; `chance`, from 0 to 1, spreads the delays.
    """
    if attempts > len(DELAYS):
        return None
    spread = 1 + _SPREAD * (2 * chance - 1)
    return max(DELAYS[attempts - 1] * spread, asked or timedelta())
