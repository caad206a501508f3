"""The chapter about the partner's account: a cycle is closed, its statement falls due, and is paid."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from app.cli.demo import operations as ask
from app.cli.demo.client import GRACE, eventually, held, pay, payment, search, shown
from app.cli.demo.stage import Stage, sure
from app.cli.demo.telling import Json, money, say

_PAST_A_MONTH = timedelta(days=32)


async def close_a_cycle(stage: Stage, folder: Path) -> None:
    """The month ends: what is owed becomes a statement, which is overdue, and then paid."""
    debt = await _owed(stage)
    await _pass_to(stage, _next_month((await stage.now()).date()))
    statement = await eventually(lambda: _statement(stage), "the month's statement is issued")
    lines = statement["lines"]["nodes"]
    sure(statement["total"] == debt, "the statement is what was owed")
    sure(sum(Decimal(line["amount"]["amount"]) for line in lines) == Decimal(debt["amount"]), "its lines sum to it")
    say(f"The month is over: statement {statement['number']} bills {money(debt)} in {len(lines)} lines.")
    await _keep(stage, statement, folder)
    await _pass_to(stage, date.fromisoformat(statement["dueOn"]) + timedelta(days=2))
    booking = await _refused(stage, statement)
    await _record(stage, statement)
    await pay(stage, "after-settling", booking["id"])
    sure((await shown(stage, booking["id"]))["state"] == "TICKETED", "the account pays again")
    say("Then the same booking is paid on account, confirmed and ticketed.")


async def _refused(stage: Stage, statement: Json) -> Json:
    """An overdue account pays nothing; the booking that it was to pay."""
    itinerary = (await search(stage, "PAR", "ROM"))["itineraries"][0]
    booking = await held(stage, "overdue", itinerary, [GRACE])
    (error,) = (await stage.ask(ask.PAY, input=payment("overdue", booking["id"])))["pay"]["errors"]
    sure(error["code"] == "ACCOUNT_OVERDUE" and error["outstanding"] == statement["total"], "the account is overdue")
    say(f"It was due on {statement['dueOn']} and nobody paid: paying on account answers {error['code']}.")
    return booking


async def _record(stage: Stage, statement: Json) -> None:
    """The operator of the gateway records that the money came."""
    day = str((await stage.now()).date())
    paid = {"statementId": statement["id"], "amount": statement["total"], "reference": "BACS 4711", "paidOn": day}
    operator = replace(stage, token=stage.operator)
    recorded = await operator.ask(ask.RECORD_PAYMENT, input={"idempotencyKey": "paid-statement", **paid})
    settled = recorded["recordStatementPayment"]
    sure(not settled["errors"] and settled["statement"]["state"] == "SETTLED", "the statement is settled")
    sure(not Decimal((await _owed(stage))["amount"]), "nothing is owed any more")
    say(f"The operator records {money(statement['total'])} from the bank: the statement is settled.")


async def _keep(stage: Stage, statement: Json, folder: Path) -> None:
    for kind in ("pdf", "csv"):
        path = folder / f"{statement['number']}.{kind}"
        path.write_bytes(await stage.fetch(statement[f"{kind}Url"]))
        say(f"Kept as {path}.")


async def _statement(stage: Stage) -> Json | None:
    found = (await stage.ask(ask.STATEMENTS))["statements"]["nodes"]
    return found[0] if found else None


async def _owed(stage: Stage) -> Json:
    """What the account owes in its one currency."""
    (credit,) = (await stage.ask(ask.ACCOUNT))["viewer"]["credit"]
    return {"amount": credit["owed"]["amount"], "currency": credit["limit"]["currency"]}


async def _pass_to(stage: Stage, day: date) -> None:
    """Let time pass until an hour into the day."""
    now = await stage.now()
    then = datetime(day.year, day.month, day.day, 1, tzinfo=now.tzinfo)
    await stage.pass_time(int((then - now).total_seconds()))


def _next_month(day: date) -> date:
    return (day.replace(day=1) + _PAST_A_MONTH).replace(day=1)
