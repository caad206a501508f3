"""A buyer, a process of its own: sends what each line says to its gateway until that is done, and prints the answer."""

import json
import sys
import time
import urllib.request
from typing import Any

_PAUSE_SECONDS = 0.05
_CALL_SECONDS = 30


def buy(url: str, token: str) -> None:
    """Reserve once for every line read, as soon as it is read, until there are no more."""
    for line in sys.stdin:
        print(json.dumps(_reserved(url, token, line)), flush=True)  # noqa: T201 - the answer


def _reserved(url: str, token: str, body: str) -> Any:
    """What reserving has come to; the same key again while it is under way."""
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    request = urllib.request.Request(url, body.encode(), headers)
    while True:
        with urllib.request.urlopen(request, timeout=_CALL_SECONDS) as answer:
            told = json.load(answer)["data"]["reserve"]
        if told["operation"]["state"] != "OPEN":
            return told
        time.sleep(_PAUSE_SECONDS)


if __name__ == "__main__":
    buy(*sys.argv[1:])
