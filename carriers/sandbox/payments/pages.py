"""The pages and files for the payer's browser."""

from carriers.sandbox.exchange import Reply, Request
from carriers.sandbox.payments.core import Core


def page(_core: Core, _request: Request) -> Reply | None:
    """The page or file at this address; None where there is none."""
    return None
