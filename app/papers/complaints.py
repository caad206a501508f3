"""What the PDF libraries say only to the log."""

import logging
from typing import Self


class Complaints(logging.Handler):
    """Hears, for the length of a block, the warnings the libraries only log.

    Keeps their places in the code and not their texts, which quote the page.
    """

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.places: list[str] = []
        self._loggers = [logging.getLogger(name) for name in ("xhtml2pdf", "reportlab", "svglib")]

    def emit(self, record: logging.LogRecord) -> None:
        """Take down the place a warning came from."""
        self.places.append(f"{record.module}:{record.lineno}")

    def __enter__(self) -> Self:
        for logger in self._loggers:
            logger.addHandler(self)
            logger.propagate = False
        return self

    def __exit__(self, *_: object) -> None:
        for logger in self._loggers:
            logger.removeHandler(self)
            logger.propagate = True
