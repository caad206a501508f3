"""The chapters about tours: two regions side by side, a deposit and its balance, and departures that are asked for."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from app.cli.demo import operations as ask
from app.cli.demo.client import ADA, CHARLES, eventually, keep_tickets, settled, shown, until
from app.cli.demo.stage import DemoError, Stage, sure
from app.cli.demo.telling import Json, money, say, when

_OPERATOR, _COUNTRY = "insightvacations", "GR"
# A tour with a departure every day.
_DAILY, _WEEK = "aatkings:red-centre-explorer", timedelta(days=6)
_TWIN: Json = {"type": "TWIN_SHARE", "adults": 2}
_SINGLE: Json = {"type": "SINGLE", "adults": 1}
# Far enough ahead that a deposit confirms it.
_AHEAD, _WINDOW = timedelta(days=120), timedelta(days=300)
# What the sandbox's operators refuse, and when they answer.
_REFUSED: Json = ADA | {"familyName": "RequestRefused"}
_ANSWERED_AFTER = 2 * 3600 + 60


async def with_deposit(stage: Stage, keep: Path) -> None:
    """A tour is found, compared in two regions, booked with a deposit, and paid: then comes the voucher."""
    tour = await _found(stage)
    departure = await _compared(stage, tour)
    offer = departure["uk"]["offer"]["offer"]
    booking = await _reserved(stage, "tour", offer, [ADA, CHARLES])
    total, deposit = money(booking["total"]), money(booking["deposit"])
    say(f"Reserved as {booking['reference']}: {_added_up(offer['price'])}; {deposit} of the {total} confirm it.")
    await _pay(stage, "deposit", booking["id"], booking["deposit"])
    confirmed = await until(stage, booking["id"], "CONFIRMED")
    sure(confirmed["paymentState"] == "PART_PAID" and not confirmed["tickets"], "no voucher before all is paid")
    due = when(confirmed["balanceDueAt"])
    say(f"The deposit is paid: the operator confirmed {_reference(confirmed)}; the rest is due {due}.")
    await _pay(stage, "balance", booking["id"], confirmed["balance"])
    paid = await until(stage, booking["id"], "TICKETED")
    rest, left = money(confirmed["balance"]), money(paid["balance"])
    say(f"The balance of {rest} is paid, {left} is left: here are the vouchers.")
    await keep_tickets(stage, await settled(stage, booking["id"]), keep, "Voucher")
    (made,) = await _at_operator(stage, booking)
    sure(made["status"] == "CONFIRMED", "the operator has one confirmed booking")


async def seen_by_two(stage: Stage) -> None:
    """The same departures, as a partner's token sees them and as that of who runs the gateway."""
    first = (await stage.now()).date()
    days = {"tour": _DAILY, "option": f"{_DAILY}:classic", "from": str(first), "to": str(first + _WEEK)}
    seen = [
        (await asking.ask(ask.SEEN, **days))["departures"]["nodes"]
        for asking in (stage, replace(stage, token=stage.operator))
    ]
    hidden = [(one, other) for one, other in zip(*seen, strict=True) if one["availability"] != other["availability"]]
    sure(hidden, "within a week there is a departure that is too close, or closed for good")
    for one, other in hidden:
        told, known = one["availability"]["status"], other["availability"]["status"]
        sure(told == "CLOSED" and not other["availability"]["bookableOnline"], "to partners both are closed")
        say(f"{one['startsOn']}: {told} to the partner, {known} to the scope internal.")


async def on_request(stage: Stage) -> None:
    """Two departures that have to be asked for: one request is accepted, one is refused."""
    offer = await _to_be_asked(stage)
    accepted = await _reserved(stage, "asked", offer, [ADA], state="REQUESTED")
    refused = await _reserved(stage, "asked-too", offer, [_REFUSED], state="REQUESTED")
    both = f"{accepted['reference']} and {refused['reference']}"
    (early,) = await _refusals_to_pay(stage, "early", accepted["id"], accepted["total"])
    sure(early["code"] == "REQUEST_PENDING", f"nothing is paid before the operator has answered, not {early}")
    say(f"{both} are REQUESTED; who pays now is told to {early['advice']}, at most until {when(early['answerBy'])}.")
    await stage.pass_time(_ANSWERED_AFTER)
    held = await settled(stage, accepted["id"], lambda now: now["state"] == "HELD")
    say(f"{held['reference']} was accepted: it is held, to be paid by {when(held['payBy'])}.")
    await _pay(stage, "asked", held["id"], held["deposit"] or held["total"])
    await until(stage, held["id"], "CONFIRMED" if held["deposit"] else "TICKETED")
    over = await until(stage, refused["id"], "REJECTED")
    sure(over["paymentState"] == "UNPAID", "nothing was taken for what was refused")
    say(f"{over['reference']} was refused: REJECTED, and no money moved.")


def _added_up(price: Json) -> str:
    """What the tour and each fee of the partner's come to."""
    fees = "".join(f" and a {fee['name'].lower()} of {money(fee['amount'])}" for fee in price["fees"])
    return f"{money(price['base'])}{fees}"


async def _found(stage: Stage) -> Json:
    """A tour of the operator through the country, as it is sold in the United Kingdom."""
    wanted = {"operators": [_OPERATOR], "countries": [_COUNTRY], "maxDays": 14}
    tours = (await stage.ask(ask.TOURS, filter=wanted, region="UK"))["tours"]["nodes"]
    sure(tours, "the operator has tours of that country")
    tour: Json = tours[0]
    places = ", ".join(place["name"] for place in tour["places"][:4])
    say(f"{tour['operator']['name']}: {tour['name']}, {tour['days']} days, by way of {places} ...")
    return tour


async def _compared(stage: Stage, tour: Json) -> Json:
    """The first departure that can be booked in both regions, with what it costs in each."""
    first = (await stage.now()).date() + _AHEAD
    between = {"from": str(first), "to": str(first + _WINDOW)}
    departures = (await stage.ask(ask.COMPARE, tour=tour["id"], rooms=[_TWIN], **between))["departures"]["nodes"]
    departure = next((found for found in departures if all(_bookable(found[region]) for region in ("uk", "us"))), None)
    if departure is None:
        raise DemoError("There should be a departure that is sold in both regions.")
    say(f"It leaves on {departure['startsOn']}, in the season {departure['seasonName']}.")
    for name, region in (("United Kingdom", departure["uk"]), ("United States", departure["us"])):
        twin = next(rate for rate in region["rates"] if rate["type"] == "TWIN_SHARE")
        say(f"Sold in the {name}: {region['status']}, {money(twin['price'])} per person in a twin room.")
    found: Json = departure
    return found


def _bookable(availability: Json | None) -> bool:
    return bool(availability and availability["bookableOnline"] and availability["terms"]["deposit"])


async def _to_be_asked(stage: Stage) -> Json:
    """An offer of a single room on a departure that the operator takes requests for."""
    first = (await stage.now()).date() + _AHEAD
    between = {"from": str(first), "to": str(first + _WINDOW)}
    tours = (await stage.ask(ask.TOURS, filter={}, region="UK"))["tours"]["nodes"]
    for tour in tours:
        listed = (await stage.ask(ask.ASKED_FOR, tour=tour["id"], rooms=[_SINGLE], **between))["departures"]["nodes"]
        for departure in listed:
            if departure["availability"]["takesRequests"] and departure["availability"]["placesLeft"] != 1:
                say(f"{tour['name']} on {departure['startsOn']} is ON_REQUEST; its operator takes requests.")
                offer: Json = departure["availability"]["offer"]["offer"]
                return offer
    raise DemoError("There should be a departure that can be asked for.")


async def _reserved(stage: Stage, key: str, offer: Json, people: list[Json], state: str = "HELD") -> Json:
    wanted = {"idempotencyKey": f"reserve-{key}", "offers": [offer["token"]], "passengers": people}
    payload = (await stage.ask(ask.RESERVE, input=wanted))["reserve"]
    sure(not payload["errors"] and payload["booking"]["state"] == state, f"it is {state}, not {payload}")
    booking: Json = payload["booking"]
    return booking


async def _pay(stage: Stage, key: str, booking: str, amount: Json) -> None:
    refusals = await _refusals_to_pay(stage, key, booking, amount)
    sure(not refusals, f"{money(amount)} are paid, not {refusals}")


async def _refusals_to_pay(stage: Stage, key: str, booking: str, amount: Json) -> list[Json]:
    method = {"onAccount": {"reference": f"INV-{key}"}}
    wanted = {"idempotencyKey": f"pay-{key}", "bookingId": booking, "method": method, "amount": amount}
    errors: list[Json] = (await stage.ask(ask.PAY, input=wanted))["pay"]["errors"]
    return errors


async def _at_operator(stage: Stage, booking: Json) -> list[Json]:
    """The operator's own records of the booking."""
    mine = {item["carrierReference"] for item in (await shown(stage, booking["id"]))["items"]}

    async def look() -> list[Json] | None:
        return [found for found in await stage.tour_bookings() if found["supplier_reference"] in mine] or None

    return await eventually(look, "the operator knows the booking")


def _reference(booking: Json) -> str:
    return str(booking["items"][0]["carrierReference"])
