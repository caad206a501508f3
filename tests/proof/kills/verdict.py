"""Judges a campaign: by the sandbox's ledger, by the store, by what clients were told, and by what was logged."""

import copy
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlmodel import col, select

from app.cli.demo import operations
from app.store.engine import SqlStore
from app.store.tables import ItemRow, OperationRow, OperationState, StepRow, StepState
from tests.booking.judge import complaints
from tests.proof.kills.clients import FAMILY_NAME, Client
from tests.proof.kills.stage import Json, Stage

_FINAL_WITHOUT_ORDER = {"CANCELLED", "EXPIRED", "REJECTED"}


@dataclass(frozen=True)
class Seen:
    """A world that says what its ledger said when it was read."""

    found: Json

    def ledger(self) -> Json:
        return self.found


@dataclass(frozen=True)
class Witness:
    """The store and the world, as the judge of the verbs' tests wants them."""

    store: SqlStore
    world: Seen


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


async def books_and_world(store: SqlStore, ledger: Json) -> list[str]:
    """What the judge of the verbs' tests says; nothing is under way any more."""
    return await complaints(Witness(store, Seen(ledger)))  # type: ignore[arg-type]


async def nobody_waits(store: SqlStore) -> list[str]:
    """Nothing is left to a person: no fault of these campaigns is beyond the gateway's own means."""

    def read(session: Any) -> list[str]:
        stuck = session.exec(select(OperationRow).where(OperationRow.state == OperationState.STUCK)).all()
        items = session.exec(select(ItemRow).where(col(ItemRow.stuck).is_not(None))).all()
        pending = session.exec(select(ItemRow).where(ItemRow.ticketing == "PENDING")).all()
        return [
            *(f"operation {row.id} ({row.verb}) is stuck" for row in stuck),
            *(f"item {row.id} is stuck: {row.stuck}" for row in items),
            *(f"item {row.id} still waits for tickets" for row in pending),
        ]

    return await store.read(read)


async def acknowledged(stage: Stage, clients: Iterable[Client], ledger: Json) -> list[str]:
    """Every client finds over GraphQL what it was told, and the carrier's ledger says the same."""
    found = []
    for client in clients:
        found += await client.ask_again()
        if client.booking is not None:
            shown = (await stage.ask(operations.SHOW, id=client.booking))["booking"]
            found += [
                f"client {client.number}, {shown['reference']}: {wrong}" for wrong in _told(client, shown, ledger)
            ]
    return found


def _told(client: Client, shown: Json, ledger: Json) -> Iterator[str]:
    last = client.promises[-1]
    paid = last.verb == "pay" and last.state == "DONE" and not last.errors
    cancelled = last.verb == "cancel" and last.state == "DONE" and not last.errors
    if paid and (shown["state"] != "TICKETED" or shown["paymentState"] != "PAID"):
        yield f"was told it is paid, and it is {shown['state']}, {shown['paymentState']}"
    if cancelled and shown["state"] != "CANCELLED":
        yield f"was told it is cancelled, and it is {shown['state']}"
    if shown["openOperations"]:
        yield "something is still under way"
    if not paid and shown["state"] not in _FINAL_WITHOUT_ORDER:
        yield f"it is {shown['state']}, and nobody paid"
    yield from _at_the_carrier(client, shown, ledger, paid=paid)


def _at_the_carrier(client: Client, shown: Json, ledger: Json, *, paid: bool) -> Iterator[str]:
    reference = shown["items"][0]["carrierReference"]
    mine = {kind: [row for row in ledger[kind] if row["booking_reference"] == reference] for kind in _KINDS}
    live = [order for order in mine["orders"] if order["state"] in {"held", "paid"}]
    charges = [charge for charge in mine["charges"] if charge["state"] == "succeeded"]
    if [order["state"] for order in live] != (["paid"] if paid else []):
        yield f"its live orders are {live}"
    if len(charges) != int(paid):
        yield f"it was charged {len(charges)} times"
    numbers = sorted(document["number"] for document in mine["documents"]) if paid else []
    if len(numbers) != (client.passengers if paid else 0):
        yield f"{client.passengers} travellers have {len(numbers)} documents"
    if paid and numbers != sorted(ticket["number"] for ticket in shown["tickets"]):
        yield f"its tickets are {shown['tickets']}, and the carrier issued {numbers}"


_KINDS = ("orders", "charges", "documents")


def logs(folder: Path) -> list[str]:
    """Nothing unexpected, and nobody's name, in any gateway's log."""
    found = []
    for log in folder.glob("gateway-*.log"):
        text = log.read_text()
        found += [f"{log.name}: {line}" for line in text.splitlines() if "unexpectedly" in line]
        if FAMILY_NAME in text:
            found.append(f"{log.name} tells who travels")
    return found


def _paid_order(ledger: Json) -> Json:
    order: Json = next(order for order in ledger["orders"] if order["state"] == "paid")
    return order


def _second_order(ledger: Json) -> None:
    ledger["orders"].append(_paid_order(ledger) | {"order_id": "ord_doubled"})


def _second_charge(ledger: Json) -> None:
    ledger["charges"].append(ledger["charges"][0] | {"id": "pay_doubled"})


def _no_charge(ledger: Json) -> None:
    del ledger["charges"][0]


def _lost_document(ledger: Json) -> None:
    del ledger["documents"][0]


def _doubled_document(ledger: Json) -> None:
    ledger["documents"].append(ledger["documents"][0] | {"number": "999-doubled"})


def _orphaned_hold(ledger: Json) -> None:
    ended = next(order for order in ledger["orders"] if order["state"] == "cancelled")
    ended["state"] = "held"


def _orphaned_order(ledger: Json) -> None:
    foreign = {"order_id": "ord_foreign", "metadata": {"faregate_key": "op_unknown/hold/it_unknown"}}
    ledger["orders"].append(_paid_order(ledger) | foreign)


def _dearer(ledger: Json) -> None:
    ledger["charges"][0]["amount"] = f"{float(ledger['charges'][0]['amount']) + 1:.2f}"


DOCTORED: tuple[Callable[[Json], None], ...] = (
    _second_order,
    _second_charge,
    _no_charge,
    _lost_document,
    _doubled_document,
    _orphaned_hold,
    _orphaned_order,
    _dearer,
)


async def unseen(store: SqlStore, ledger: Json) -> list[str]:
    """The forgeries of the ledger that the judge does not notice; there must be none, or its word is worth nothing."""
    missed = []
    for forge in DOCTORED:
        forged = copy.deepcopy(ledger)
        forge(forged)
        if not await books_and_world(store, forged):
            missed.append(forge.__name__)
    return missed
