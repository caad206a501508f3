"""What becomes of a read: Duffel's no is a Refusal, and an answer that lacks what we need is Trouble."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from app.domain.errors import Refusal, Trouble
from app.wire.facts import Incomplete
from carriers.duffel import errors
from carriers.duffel.errors import Declined


@contextmanager
def told() -> Iterator[None]:
    """An answer to a read that lacks what we need is Trouble."""
    try:
        yield
    except Incomplete as error:
        raise Trouble(str(error)) from None


@contextmanager
def reading(carrier: str, refusal: Callable[[Declined, str], Refusal] = errors.refusal) -> Iterator[None]:
    """As `told`, and Duffel's no as our Refusal."""
    try:
        with told():
            yield
    except Declined as no:
        raise refusal(no, carrier) from None
