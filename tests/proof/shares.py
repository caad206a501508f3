"""How long each campaign may take: its share of FAREGATE_PROOF_SECONDS (300 by default, for all of them together)."""

import os
import time


class Share:
    """A part of the time, beginning now."""

    def __init__(self, part: float) -> None:
        self.seconds = float(os.environ.get("FAREGATE_PROOF_SECONDS", "300")) * part
        self._began = time.monotonic()

    @property
    def used(self) -> float:
        """Seconds since it began."""
        return time.monotonic() - self._began

    @property
    def left(self) -> bool:
        """Whether there is time to begin something more."""
        return self.used < self.seconds
