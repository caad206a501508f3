"""How the demo tells what it did."""

from datetime import datetime
from typing import Any

Json = dict[str, Any]


def say(sentence: str) -> None:
    """One line of a chapter; only what was checked before."""
    print(f"   {sentence}")


def money(amount: Json) -> str:
    """An amount with its currency."""
    return f"{amount['amount']} {amount['currency']}"


def when(instant: str) -> str:
    """An instant of the API, to the minute."""
    return f"{datetime.fromisoformat(instant):%d %b %Y %H:%M} UTC"
