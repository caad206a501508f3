"""Judges a campaign: by the sandbox's ledger, by the store, by what clients were told, and by what was logged."""

import copy
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlmodel import col, select

from app.cli.demo import operations
from app.domain.money import Money
from app.store.engine import SqlStore
from app.store.tables import ItemRow, OperationRow, OperationState, StepRow, StepState
from tests.booking.judge import complaints
from tests.proof.kills.clients import FAMILY_NAME, Client
from tests.proof.kills.stage import Json, Ledgers

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


async def books_and_worlds(store: SqlStore, ledgers: Ledgers) -> list[str]:
    """What the judge of the verbs' tests says; nothing is under way any more."""
    witness = Witness(store, Seen(ledgers.carrier), Seen(ledgers.bank))
    return await complaints(witness)  # type: ignore[arg-type]


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


async def acknowledged(clients: Iterable[Client], ledgers: Ledgers) -> list[str]:
    """Every client finds over GraphQL what it was told, and the ledgers outside say the same."""
    found = []
    for client in clients:
        found += await client.ask_again()
        if client.booking is not None:
            shown = (await client.ask(operations.SHOW, id=client.booking))["booking"]
            found += [
                f"client {client.number}, {shown['reference']}: {wrong}" for wrong in _told(client, shown, ledgers)
            ]
    return found


def _told(client: Client, shown: Json, ledgers: Ledgers) -> Iterator[str]:
    last = client.promises[-1]
    done = last.state == "DONE" and not last.errors
    cancelled = last.verb == "cancel" and done
    # A form is only the beginning of a payment; what came of it, its client may not have waited for.
    told = client.told_charged if client.by_card else last.verb == "pay" and done
    paid = told or (client.by_card and shown["state"] == "TICKETED")
    if paid and (shown["state"] != "TICKETED" or shown["paymentState"] != "PAID"):
        yield f"was told it is paid, and it is {shown['state']}, {shown['paymentState']}"
    if cancelled and shown["state"] != "CANCELLED":
        yield f"was told it is cancelled, and it is {shown['state']}"
    if shown["openOperations"]:
        yield "something is still under way"
    if not paid and shown["state"] not in _FINAL_WITHOUT_ORDER:
        yield f"it is {shown['state']}, and nobody paid"
    yield from _at_the_carrier(client, shown, ledgers.carrier, paid=paid)
    yield from _at_the_bank(shown, ledgers.bank, paid=paid and client.by_card)


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


def _at_the_bank(shown: Json, bank: Json, *, paid: bool) -> Iterator[str]:
    total = Money.of(shown["total"]["amount"], shown["total"]["currency"])
    mine = [charge for charge in bank["charges"] if charge["reference"] == shown["reference"]]
    taken = [charge["net_minor"] for charge in mine if charge["net_minor"]]
    if taken != ([total.minor] if paid else []):
        yield f"its cards were charged {taken}"
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


def _lost_document(ledgers: Ledgers) -> None:
    del ledgers.carrier["documents"][0]


def _doubled_document(ledgers: Ledgers) -> None:
    documents = ledgers.carrier["documents"]
    documents.append(documents[0] | {"number": "999-doubled"})


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
    charge: Json = next(charge for charge in ledgers.bank["charges"] if charge["state"] == state)
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
    _orphaned_hold,
    _orphaned_order,
    _dearer,
    _card_charged_twice,
    _card_charged_more,
    _card_given_back,
    _card_still_blocked,
)


async def unseen(store: SqlStore, ledgers: Ledgers) -> list[str]:
    """The forgeries of the ledgers that the judge does not notice; there must be none, or its word is worth nothing."""
    missed = []
    for forge in DOCTORED:
        forged = copy.deepcopy(ledgers)
        forge(forged)
        if not await books_and_worlds(store, forged):
            missed.append(forge.__name__)
    return missed
