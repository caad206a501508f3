"""What happens by itself when the world's time reaches it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from carriers.sandbox.exchange import Json
from carriers.sandbox.payments import charges, once
from carriers.sandbox.payments.cards import BY_TOKEN
from carriers.sandbox.payments.core import Call, Core
from carriers.sandbox.payments.errors import PaymentError
from carriers.sandbox.payments.facts import Ending, State
from carriers.sandbox.payments.payer import CardForm, submit_card
from carriers.sandbox.payments.routes import ROUTES


def _call(core: Core, about: Json) -> None:
    call = Call(path=about["path"], data=about["data"], key=about["key"])
    # A late effect that meanwhile is impossible simply does not happen.
    with _muted(core, muted=about["muted"]), suppress(PaymentError):
        once.answer(core, ROUTES.by_name[about["endpoint"]], call)


def _submit(core: Core, about: Json) -> None:
    form = CardForm(BY_TOKEN[about["card"]], about["billing"])
    with _muted(core, muted=about["muted"]):
        submit_card(core, core.facts.charges[about["charge"]], form)


@contextmanager
def _muted(core: Core, *, muted: bool) -> Iterator[None]:
    """Nobody is told of what happens here, if so: they were told before."""
    core.muted = muted
    try:
        yield
    finally:
        core.muted = False


def _expire(core: Core, about: Json) -> None:
    charge = core.facts.charges[about["charge"]]
    if charge.state is State.OPEN:
        charges.end(core, charge, Ending.EXPIRED)


def _lapse(core: Core, about: Json) -> None:
    charge = core.facts.charges[about["charge"]]
    if charge.state is State.AUTHORISED:
        charges.end(core, charge, Ending.LAPSED)


HAPPENINGS: dict[str, Callable[[Core, Json], None]] = {
    "call": _call,
    "submit": _submit,
    "expire": _expire,
    "lapse": _lapse,
}
