"""The card payments' chapters: the provider's form, a declined card, two forms for one booking."""

from contextlib import AsyncExitStack
from datetime import datetime
from pathlib import Path

from app.cli.demo import operations as ask
from app.cli.demo.client import ADA, GRACE, eventually, held, keep_tickets, search, shown, until
from app.cli.demo.payer import CALLBACK_LOST, payer, post_card
from app.cli.demo.shop import signed_event
from app.cli.demo.stage import Stage, sure
from app.cli.demo.telling import Json, money, say, when
from app.domain.money import Money

# When the gateway looks at a form it has heard nothing of.
_FIRST_LOOK_SECONDS = 31


async def by_card(stage: Stage, keep: Path) -> None:
    """A declined card, then another one, in the provider's form on the shop's page."""
    found = await search(stage, "LON", "PAR")
    booking = await held(stage, "card", found["itineraries"][0], [ADA])
    form = await _open_form(stage, "card", booking)
    say(f"{booking['reference']} is held. `pay` with a card answers PaymentActionRequired, with a form for the payer,")
    say(f"open until {when(form['expiresAt'])}, before the booking has to be paid: {money(booking['total'])}.")
    async with AsyncExitStack() as stack:
        someone = await payer(stack, stage, form["formUrl"], keep)
        await someone.decline()
        await _called_back(stage, booking, "failure")
        await someone.approve(booking["total"])
    paid = await until(stage, booking["id"], "TICKETED")
    charge = await _captured(stage, booking)
    sure(charge["attempts"] == 2, "the provider saw two cards")  # noqa: PLR2004 - as told
    say(f"{booking['reference']} is TICKETED; the provider's ledger has one charge of it, captured once.")
    await _called_back(stage, booking, "failure", "success")
    say(
        'The shop\'s backend was called back with "failure" and "success"; both tokens verify with the gateway\'s keys.'
    )
    await keep_tickets(stage, paid, keep)


async def paid_twice(stage: Stage) -> None:
    """Two forms for one booking, both paid, and not one callback comes."""
    found = await search(stage, "PAR", "ROM")
    booking = await held(stage, "twice", found["itineraries"][0], [GRACE])
    for tab in ("one-tab", "another-tab"):
        form = await _open_form(stage, tab, booking)
        told = await post_card(stage, form["formUrl"], CALLBACK_LOST)
        sure(told["state"] == "authorised", f"the card is accepted, not {told}")
    twice = 2 * _minor(booking["total"])
    reserved = [charge["authorised_minor"] for charge in await stage.charges(booking["reference"])]
    sure(sum(reserved) == twice, "both forms have reserved the total")
    say(f"{booking['reference']} is paid in two tabs: the total is reserved twice, and both callbacks are lost.")
    await stage.pass_time(_FIRST_LOOK_SECONDS)
    await until(stage, booking["id"], "TICKETED")
    await _captured(stage, booking)
    statuses = sorted(payment["status"] for payment in (await shown(stage, booking["id"]))["payments"])
    sure(statuses == ["CAPTURED", "VOIDED"], f"one payment was taken and one released, not {statuses}")
    say("Half a minute later the gateway has looked by itself: TICKETED, one charge captured, the other one released.")


async def _open_form(stage: Stage, key: str, booking: Json) -> Json:
    wanted = {"idempotencyKey": f"pay-{key}", "bookingId": booking["id"], "method": {"card": {"locale": "en-GB"}}}
    payload = (await stage.ask(ask.PAY_BY_CARD, input=wanted))["pay"]
    form: Json = payload["outcome"] or {}
    sure(form.get("__typename") == "PaymentActionRequired", f"`pay` answers a form, not {payload}")
    in_time = datetime.fromisoformat(form["expiresAt"]) < datetime.fromisoformat(booking["payBy"])
    sure(in_time, "the form ends before the booking has to be paid")
    return form


async def _captured(stage: Stage, booking: Json) -> Json:
    """The one charge that was captured for the booking, of its total, once nothing else is reserved for it."""

    async def look() -> list[Json] | None:
        charges = await stage.charges(booking["reference"])
        return None if any(charge["authorised_minor"] for charge in charges) else charges

    charges = await eventually(look, "nothing stays reserved on a card")
    taken = [charge for charge in charges if charge["captured_minor"]]
    amounts = [charge["net_minor"] for charge in taken]
    sure(amounts == [_minor(booking["total"])], f"the total was captured once, not {amounts}")
    return taken[0]


async def _called_back(stage: Stage, booking: Json, *expected: str) -> None:
    """Wait until the shop's backend has heard so much about the booking: this, each from the gateway."""

    async def look() -> list[Json] | None:
        heard = stage.shop.heard(booking["id"])
        return heard if len(heard) >= len(expected) else None

    heard = await eventually(look, "the shop's backend is called back")
    statuses = tuple(told["status"] for told in heard)
    sure(statuses == expected, f"the shop's backend hears {expected}, not {statuses}")
    keys, now = await stage.fetch(f"{stage.gateway}/.well-known/jwks.json"), await stage.now()
    events = {signed_event(told, keys, stage.gateway, stage.shop.origin, now) for told in heard}
    sure(len(events) == len(heard), "each callback is about an event of its own")


def _minor(amount: Json) -> int:
    return Money.of(amount["amount"], amount["currency"]).minor
