"""What becomes of a read: the operator's no is a Refusal, and an answer that lacks what we need is Trouble."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from app.domain.errors import Refusal, Trouble
from app.wire.facts import Incomplete
from carriers.octo import errors
from carriers.octo.errors import Declined


@contextmanager
def reading(carrier: str, refusal: Callable[[Declined, str], Refusal] = errors.refusal) -> Iterator[None]:
    """Both, for what is read inside."""
    try:
        yield
    except Incomplete as error:
        raise Trouble(str(error)) from None
    except Declined as no:
        raise refusal(no, carrier) from None
