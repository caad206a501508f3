"""Which capabilities there are, and which of them a request gets."""

from carriers.sandbox.exchange import Json

CONTENT = "octo/content"
PRICING = "octo/pricing"
DEPARTURES = "faregate/departures"
_NEEDS = {CONTENT: (), PRICING: (), DEPARTURES: (CONTENT, PRICING)}


def granted(wanted: str) -> tuple[str, ...]:
    """Those asked for in the header that there are, and whose dependencies were asked for too."""
    asked = {each.strip() for each in wanted.split(",")}
    return tuple(each for each, needs in _NEEDS.items() if each in asked and asked.issuperset(needs))


def shown() -> list[Json]:
    """All of them, as `GET /capabilities/` tells it."""
    return [
        {"id": each, "revision": 1, "required": False, "dependencies": list(needs), "docs": None}
        for each, needs in _NEEDS.items()
    ]
