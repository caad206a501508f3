"""How many a client may ask for at once."""

from app.domain.refusals import InvalidInput


def bounded(first: int, most: int) -> int:
    """`first`, when it is 1 to `most`; InvalidInput otherwise."""
    if not 1 <= first <= most:
        raise InvalidInput(message=f"first must be 1 to {most}; it is {first}.", path=("first",))
    return first
