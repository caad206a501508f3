"""Judges a campaign: by the sandbox's ledger, by the store, by what clients were told, and by what was logged."""

import copy
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlmodel import col, select

from app.booking import duties
from app.cli.demo import operations
from app.domain.money import Money
from app.store.engine import SqlStore
from app.store.tables import ItemRow, OperationRow, OperationState, StepRow, StepState
from app.verbs import DUTIES
from tests.booking.judge import complaints
from tests.proof.kills import tour_verdict
from tests.proof.kills.clients import FAMILY_NAME, Client
from tests.proof.kills.stage import Json, Ledgers
from tests.proof.kills.tours import TourClient

_FINAL_WITHOUT_ORDER = {"CANCELLED", "EXPIRED", "REJECTED"}


@dataclass(frozen=True)
class Seen:
    """A world that says what its ledger said when it was read."""

    found: Json

    def ledger(self) -> Json:
        return self.found


@dataclass(frozen=True)
class Witness:
    """The store and the worlds, as the judge of the verbs' tests wants them."""

    store: SqlStore
    world: Seen
    bank: Seen
    tours: Seen


@dataclass(frozen=True, kw_only=True)
class Under:
    """What is under way at this moment."""

    operations: int
    asked: int


async def under_way(store: SqlStore) -> Under:
    """Open operations, and steps that may have reached the carrier and have no answer yet."""

    def read(session: Any) -> Under:
        opened = select(OperationRow.id).where(OperationRow.state == OperationState.OPEN)
        asking = (
            select(StepRow.key)
            .join(OperationRow)
            .where(OperationRow.state == OperationState.OPEN, StepRow.state == StepState.ASKING)
        )
        return Under(operations=len(session.exec(opened).all()), asked=len(session.exec(asking).all()))

    return await store.read(read)


async def quiet(store: SqlStore, now: datetime) -> bool:
    """Whether nothing is under way and nothing is due: what is due of a busy booking is opened later than the rest."""
    opened = select(OperationRow.id).where(OperationRow.state == OperationState.OPEN).exists()
    # One statement sees one moment.
    anything = duties.look(DUTIES).add_columns(opened)

    def read(session: Any) -> bool:
        return not any(session.connection().execute(anything, duties.moments(DUTIES, now)).one())

    return await store.read(read)


async def books_and_worlds(store: SqlStore, ledgers: Ledgers) -> list[str]:
    """What the judge of the verbs' tests says; nothing is under way any more."""
    witness = Witness(store, Seen(ledgers.carrier), Seen(ledgers.bank), Seen(ledgers.tours))
    return await complaints(witness)  # type: ignore[arg-type]


async def nobody_waits(store: SqlStore) -> list[str]:
    """Nothing is left to a person: no fault of these campaigns is beyond the gateway's own means."""

    def read(session: Any) -> list[str]:
        stuck = session.exec(select(OperationRow).where(OperationRow.state == OperationState.STUCK)).all()
        items = session.exec(select(ItemRow).where(col(ItemRow.stuck).is_not(None))).all()
        late = select(ItemRow).where(ItemRow.ticketing == "PENDING", ItemRow.state == "CONFIRMED")
        pending = session.exec(late).all()
        return [
            *(f"operation {row.id} ({row.verb}) is stuck" for row in stuck),
            *(f"item {row.id} is stuck: {row.stuck}" for row in items),
            *(f"item {row.id} still waits for tickets" for row in pending),
        ]

    return await store.read(read)


async def acknowledged(clients: Iterable[Client], ledgers: Ledgers) -> list[str]:
    """Every client finds over GraphQL what it was told, and the ledgers outside say the same."""
    found = []
    for client in clients:
        found += await client.ask_again()
        if client.booking is not None:
            shown = (await client.ask(operations.SHOW, id=client.booking))["booking"]
            found += [
                f"client {client.number}, {shown['reference']}: {wrong}" for wrong in _judged(client, shown, ledgers)
            ]
    return found


def _judged(client: Client, shown: Json, ledgers: Ledgers) -> Iterator[str]:
    if isinstance(client, TourClient):
        return tour_verdict.told(client, shown, ledgers)
    return _told(client, shown, ledgers)


def _told(client: Client, shown: Json, ledgers: Ledgers) -> Iterator[str]:
    # A form is only the beginning of a payment; what came of it, its client may not have waited for.
    told = client.told_charged if client.by_card else client.told("pay")
    paid = told or (client.by_card and shown["state"] == "TICKETED")
    refunded = paid and client.told("refund")
    wanted = ("REFUNDED", _GIVEN_BACK) if refunded else ("TICKETED", _PAID | (_GIVEN_BACK & {*_after(client)}))
    if paid and (shown["state"] != wanted[0] or shown["paymentState"] not in wanted[1]):
        yield f"was told it is {wanted[0]}, and it is {shown['state']}, {shown['paymentState']}"
    if client.promises[-1].verb == "cancel" and client.told("cancel") and shown["state"] != "CANCELLED":
        yield f"was told it is cancelled, and it is {shown['state']}"
    if shown["openOperations"]:
        yield "something is still under way"
    if not paid and shown["state"] not in _FINAL_WITHOUT_ORDER:
        yield f"it is {shown['state']}, and nobody paid"
    yield from _at_the_carrier(client, shown, ledgers.carrier, paid=paid, refunded=refunded)
    yield from _at_the_bank(shown, ledgers.bank, paid=paid and client.by_card)


_PAID, _GIVEN_BACK = {"PAID"}, {"PARTLY_REFUNDED", "REFUNDED"}


def _after(client: Client) -> set[str]:
    """What else a paid booking may be shown as: an exchange for something cheaper gives some of it back."""
    return {"PARTLY_REFUNDED"} if client.told("exchange") else set()


def _at_the_carrier(client: Client, shown: Json, ledger: Json, *, paid: bool, refunded: bool) -> Iterator[str]:
    reference = shown["items"][0]["carrierReference"]
    mine = {kind: [row for row in ledger[kind] if row["booking_reference"] == reference] for kind in _KINDS}
    live = [order for order in mine["orders"] if order["state"] in {"held", "paid"}]
    made = [change for change in mine["changes"] if change["state"] == "confirmed"]
    costly = sum(float(change["amount"]) > 0 for change in made)
    charges = [charge for charge in mine["charges"] if charge["state"] == "succeeded"]
    travels = paid and not refunded
    if [order["state"] for order in live] != (["paid"] if travels else []):
        yield f"its live orders are {live}"
    if len(charges) != int(paid) + costly:
        yield f"it was charged {len(charges)} times, and exchanged {costly} times for more"
    if len(made) != sum(promise.verb == "exchange" and promise.done for promise in client.promises):
        yield f"it was exchanged {len(made)} times"
    if len(mine["refunds"]) > len(made) - costly + int(refunded):
        yield f"the carrier gave back {len(mine['refunds'])} times"
    numbers = sorted(document["number"] for document in mine["documents"] if document["state"] == "issued")
    if len(numbers) != (client.passengers if travels else 0):
        yield f"{client.passengers} travellers have {len(numbers)} documents"
    if numbers != sorted(ticket["number"] for ticket in shown["tickets"] if ticket["status"] == "VALID"):
        yield f"its tickets are {shown['tickets']}, and the carrier's {numbers}"


_KINDS = ("orders", "charges", "changes", "refunds", "documents")


def _at_the_bank(shown: Json, bank: Json, *, paid: bool) -> Iterator[str]:
    left = Money.of(shown["paid"]["amount"], shown["paid"]["currency"])
    mine = [charge for charge in bank["charges"] if charge["reference"] == shown["reference"]]
    taken = [charge["net_minor"] for charge in mine if charge["net_minor"]]
    if taken != ([left.minor] if paid and left else []):
        yield f"its cards were charged {taken}, and it says {left}"
    if any(charge["state"] not in {"captured", "closed"} for charge in mine):
        yield f"its charges are {[charge['state'] for charge in mine]}"


def logs(folder: Path) -> list[str]:
    """Nothing unexpected, and nobody's name, in any gateway's log."""
    found = []
    for log in folder.glob("gateway-*.log"):
        text = log.read_text()
        found += [f"{log.name}: {line}" for line in text.splitlines() if "unexpectedly" in line]
        if FAMILY_NAME in text:
            found.append(f"{log.name} tells who travels")
    return found


def _paid_order(ledgers: Ledgers) -> Json:
    order: Json = next(order for order in ledgers.carrier["orders"] if order["state"] == "paid")
    return order


def _second_order(ledgers: Ledgers) -> None:
    ledgers.carrier["orders"].append(_paid_order(ledgers) | {"order_id": "ord_doubled"})


def _second_charge(ledgers: Ledgers) -> None:
    ledgers.carrier["charges"].append(ledgers.carrier["charges"][0] | {"id": "pay_doubled"})


def _no_charge(ledgers: Ledgers) -> None:
    del ledgers.carrier["charges"][0]


def _valid_document(ledgers: Ledgers) -> Json:
    found: Json = next(document for document in ledgers.carrier["documents"] if document["state"] == "issued")
    return found


def _lost_document(ledgers: Ledgers) -> None:
    ledgers.carrier["documents"].remove(_valid_document(ledgers))


def _doubled_document(ledgers: Ledgers) -> None:
    ledgers.carrier["documents"].append(_valid_document(ledgers) | {"number": "999-doubled"})


def _refund_of(ledgers: Ledgers) -> Json:
    found: Json = next(refund for refund in ledgers.carrier["refunds"] if refund["cancellation_id"])
    return found


def _refunded_twice(ledgers: Ledgers) -> None:
    ledgers.carrier["refunds"].append(_refund_of(ledgers) | {"id": "ref_doubled"})


def _refunded_less(ledgers: Ledgers) -> None:
    _refund_of(ledgers)["amount"] = "0.01"


def _exchanged_unheard(ledgers: Ledgers) -> None:
    changes = ledgers.carrier["changes"]
    changes.append(changes[0] | {"id": "oce_doubled", "state": "confirmed"})


def _exchange_undone(ledgers: Ledgers) -> None:
    next(change for change in ledgers.carrier["changes"] if change["state"] == "confirmed")["state"] = "pending"


def _refunded_ticket_flies(ledgers: Ledgers) -> None:
    next(document for document in ledgers.carrier["documents"] if document["state"] != "issued")["state"] = "issued"


def _orphaned_hold(ledgers: Ledgers) -> None:
    ended = next(order for order in ledgers.carrier["orders"] if order["state"] == "cancelled")
    ended["state"] = "held"


def _orphaned_order(ledgers: Ledgers) -> None:
    foreign = {"order_id": "ord_foreign", "metadata": {"faregate_key": "op_unknown/hold/it_unknown"}}
    ledgers.carrier["orders"].append(_paid_order(ledgers) | foreign)


def _dearer(ledgers: Ledgers) -> None:
    charge = ledgers.carrier["charges"][0]
    charge["amount"] = f"{float(charge['amount']) + 1:.2f}"


def _of_state(ledgers: Ledgers, state: str) -> Json:
    """A charge in this state, and one that holds money where it is captured."""
    mine = (charge for charge in ledgers.bank["charges"] if charge["state"] == state)
    charge: Json = next(charge for charge in mine if state != "captured" or charge["net_minor"])
    return charge


def _card_charged_twice(ledgers: Ledgers) -> None:
    ledgers.bank["charges"].append(_of_state(ledgers, "captured") | {"id": "ch_doubled"})


def _card_charged_more(ledgers: Ledgers) -> None:
    _of_state(ledgers, "captured")["net_minor"] += 1


def _card_given_back(ledgers: Ledgers) -> None:
    _of_state(ledgers, "captured")["net_minor"] = 0


def _card_still_blocked(ledgers: Ledgers) -> None:
    _of_state(ledgers, "closed")["state"] = "authorised"


DOCTORED: tuple[Callable[[Ledgers], None], ...] = (
    _second_order,
    _second_charge,
    _no_charge,
    _lost_document,
    _doubled_document,
    _refunded_twice,
    _refunded_less,
    _exchanged_unheard,
    _exchange_undone,
    _refunded_ticket_flies,
    _orphaned_hold,
    _orphaned_order,
    _dearer,
    _card_charged_twice,
    _card_charged_more,
    _card_given_back,
    _card_still_blocked,
    *tour_verdict.DOCTORED,
)


# Most of what can be forged has an example in any campaign.
_ENOUGH = len(DOCTORED) - 5


async def unseen(store: SqlStore, ledgers: Ledgers) -> list[str]:
    """The forgeries of the ledgers that the judge does not notice; there must be none, or its word is worth nothing."""
    missed, tried = [], 0
    for forge in DOCTORED:
        forged = copy.deepcopy(ledgers)
        try:
            forge(forged)
        except StopIteration:
            # Nobody's booking came to what is forged.
            continue
        tried += 1
        if not await books_and_worlds(store, forged):
            missed.append(forge.__name__)
    return missed if tried >= _ENOUGH else [*missed, f"only {tried} of {len(DOCTORED)} were tried"]
