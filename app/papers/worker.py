"""What runs in a worker process: printing, under a time limit that even a stuck library cannot ignore."""

import multiprocessing
import os
import signal
from threading import Thread
from typing import Final

from app.papers.press import RENDER_SECONDS, Paper, print_pdf, rehearse

# xhtml2pdf stops after RENDER_SECONDS where it looks at the clock; this ends the process where it does not.
LAST_RESORT_SECONDS: Final = RENDER_SECONDS * 1.2


def start() -> None:
    """Settle in: interrupts are left to the parent, and nothing outlives it, even when it is killed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Thread(target=_leave_with_parent, daemon=True).start()


def warm_up() -> None:
    """Load the fonts and the stylesheet."""
    rehearse()


def print_bounded(paper: Paper) -> bytes:
    """The paper as PDF; the process ends when it takes too long. PrintError as in `print_pdf`."""
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_REAL, LAST_RESORT_SECONDS)
    try:
        return print_pdf(paper)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def _leave_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
