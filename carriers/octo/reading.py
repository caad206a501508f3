"""What becomes of a read: the operator's no is a Refusal, and an answer that lacks what we need is Trouble."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from app.domain.errors import Refusal, Trouble
from carriers.octo import errors
from carriers.octo.errors import Declined
from carriers.octo.facts import Incomplete


@contextmanager
def reading(carrier: str, refusal: Callable[[Declined, str], Refusal] = errors.refusal) -> Iterator[None]:
    """Both, for what is read inside."""
    try:
        yield
    except Incomplete as error:
        raise Trouble(str(error)) from None
    except Declined as no:
        raise refusal(no, carrier) from None
