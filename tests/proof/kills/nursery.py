"""Gateway processes forked from one that has imported everything already: restarts cost a moment, not seconds.

Each line read is a JSON list: a log file, then the arguments of `faregate`. Each line written is the process's id.
"""

import gc
import json
import os
import signal
import sys

from app.cli.main import main


def breed() -> None:
    """Fork a process for every line, until there are no more."""
    # Nobody waits for the dead here: the kernel forgets them at once, and their killer sees them gone.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    gc.freeze()
    for line in sys.stdin:
        log, *arguments = json.loads(line)
        born = os.fork()
        if not born:
            sys.exit(_grow(log, arguments))
        print(born, flush=True)  # noqa: T201 - the answer


def _grow(log: str, arguments: list[str]) -> int:
    """A process like any that was started by itself."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    quiet = os.open(os.devnull, os.O_RDWR)
    errors = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for theirs, ours in ((quiet, 0), (quiet, 1), (errors, 2)):
        os.dup2(theirs, ours)
    return main(arguments)


if __name__ == "__main__":
    breed()
