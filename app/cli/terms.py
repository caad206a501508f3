"""The terms of a partner as a command line says them."""

import argparse
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, Final
from zoneinfo import available_timezones

from app.cli.errors import CommandError
from app.delivery.addresses import AddressError, page_origin
from app.domain.money import Money, MoneyError, exponent
from app.domain.partner import Billing, Cycle, FeeKind, FeeRule, Partner
from app.domain.tours import SellingRegion

_FEE = "NAME=KIND:AMOUNT[@carrier][!], such as 'Service fee=PERCENT:2.5' or 'Desk=FIXED:5.00 GBP@duffel!'"
_BILLING = "CYCLE:DAY[@ZONE][+DAYS], such as WEEKLY:1@Europe/London+14 or MONTHLY:1"

_REGIONS = ",".join(SellingRegion)

_FEE_FORM = re.compile(r"(?P<name>[^=]+)=(?P<kind>[A-Z_]+):(?P<value>[^@!]+)(@(?P<carrier>[a-z0-9-]+))?(?P<back>!)?")
_BILLING_FORM = re.compile(r"(?P<cycle>[A-Z]+):(?P<day>\d{1,2})(@(?P<zone>[\w/-]+))?(\+(?P<due>\d{1,3}))?", re.ASCII)
_LAST_DAY: Final = {Cycle.WEEKLY: 7, Cycle.MONTHLY: 28}
_NONE: Final = "none"
_MOST_HOURS: Final = 8760
_MOST_DAYS: Final = 365


def add_terms(parser: argparse.ArgumentParser) -> None:
    """Add an option for each term."""
    parser.add_argument("--currency", help="what it sells in unless a search says otherwise")
    parser.add_argument("--credit", action="append", default=[], metavar="GBP=50000", help="limit on account")
    parser.add_argument("--fee", action="append", metavar="FEE", help=f"{_FEE}; '!' makes it refundable")
    parser.add_argument("--payment-limit-hours", type=float, help="time to notify payment after a reserve")
    parser.add_argument("--payment-warning-hours", type=float, help="how long before that limit it is warned")
    parser.add_argument("--regions", help=f"where it sells tours, the usual one first: {_REGIONS}; 'none' for nowhere")
    parser.add_argument(
        "--balance-warning-days", type=float, help="how long before the rest after a deposit is due it is warned"
    )
    parser.add_argument("--commission-percent", help="of base and tax, what it earns on each sale")
    parser.add_argument("--billing", help=f"when its account is closed, and its statement due: {_BILLING}")
    parser.add_argument(
        "--origin", action="append", help="of its pages that may show the card form; 'none' forgets those it had"
    )


def changed(partner: Partner, given: argparse.Namespace, *, development: bool) -> Partner:
    """The partner with the terms that were given, the others as they were; CommandError for one that cannot be."""
    terms: dict[str, Callable[[Any], Any]] = {
        "currency": _currency,
        "fee": lambda fees: tuple(map(_fee, fees)),
        "payment_limit_hours": _hours,
        "payment_warning_hours": _hours,
        "regions": _regions,
        "balance_warning_days": _days,
        "commission_percent": _commission,
        "billing": _billing,
        "origin": lambda origins: _origins(origins, development=development),
    }
    fields = {"fee": "fees", "origin": "origins", "balance_warning_days": "balance_warning"}
    new = {
        fields.get(name, name.removesuffix("_hours")): read(value)
        for name, read in terms.items()
        if (value := getattr(given, name)) is not None
    }
    return replace(partner, name=given.name, credit={**partner.credit, **dict(map(_credit, given.credit))}, **new)


def _currency(code: str) -> str:
    try:
        exponent(code)
    except MoneyError as error:
        raise CommandError(f"{error}.") from None
    return code


def _regions(text: str) -> tuple[SellingRegion, ...]:
    codes = [] if text.casefold() == _NONE else [code.strip().upper() for code in text.split(",")]
    unknown = [code for code in codes if code not in set(SellingRegion)]
    if unknown:
        raise CommandError(f"{unknown[0]!r} is no selling region; write some of {_REGIONS}.")
    return tuple(dict.fromkeys(map(SellingRegion, codes)))


def _credit(text: str) -> tuple[str, Money]:
    code, _, amount = text.partition("=")
    return code, _money(amount, code, text)


def _money(amount: str, code: str, text: str) -> Money:
    try:
        return Money.of(amount, _currency(code))
    except MoneyError:
        raise CommandError(f"{text!r} is no amount of money; write it as GBP=50000 or 5.00 GBP.") from None


def _fee(text: str) -> FeeRule:
    found = _FEE_FORM.fullmatch(text)
    if found is None or found["kind"] not in set(FeeKind):
        raise CommandError(f"{text!r} is no fee; write it as {_FEE}.")
    percent, amount = _fee_value(FeeKind(found["kind"]), found["value"].strip(), text)
    return FeeRule(
        name=found["name"],
        kind=FeeKind(found["kind"]),
        percent=percent,
        amount=amount,
        carrier=found["carrier"],
        refundable=bool(found["back"]),
    )


def _fee_value(kind: FeeKind, value: str, text: str) -> tuple[Decimal | None, Money | None]:
    """The percentage, or the amount."""
    if kind is FeeKind.PERCENT:
        return _percent(value, text), None
    amount, _, code = value.partition(" ")
    return None, _money(amount, code, text)


def _percent(value: str, text: str) -> Decimal:
    try:
        return Decimal(value)
    except InvalidOperation:
        raise CommandError(f"{text!r}: {value!r} is no percentage.") from None


def _commission(text: str) -> Decimal:
    percent = _percent(text, text)
    if not percent.is_finite() or not 0 <= percent <= 100:  # noqa: PLR2004 - all of it
        raise CommandError(f"{text!r}: a commission is 0 to 100 percent.")
    return percent


def _hours(hours: float) -> timedelta:
    if not 0 <= hours <= _MOST_HOURS:
        raise CommandError(f"{hours} hours are no time to wait; a year has {_MOST_HOURS}.")
    return timedelta(hours=hours)


def _days(days: float) -> timedelta:
    if not 0 <= days <= _MOST_DAYS:
        raise CommandError(f"{days} days are no time to warn before; a year has {_MOST_DAYS}.")
    return timedelta(days=days)


def _billing(text: str) -> Billing:
    found = _BILLING_FORM.fullmatch(text)
    if found is None or found["cycle"] not in set(Cycle):
        raise CommandError(f"{text!r} is no billing; write it as {_BILLING}.")
    usual, cycle, day = Billing(), Cycle(found["cycle"]), int(found["day"])
    if not 1 <= day <= _LAST_DAY[cycle]:
        raise CommandError(f"{text!r}: the day is 1 (Monday) to 7 in a weekly cycle, 1 to 28 in a monthly one.")
    zone = found["zone"] or usual.zone
    if zone not in available_timezones():
        raise CommandError(f"{text!r}: {zone!r} is no time zone of the IANA database, such as Europe/London.")
    return Billing(cycle=cycle, day=day, zone=zone, due_days=int(found["due"] or usual.due_days))


def _origins(texts: list[str], *, development: bool) -> tuple[str, ...]:
    try:
        given = [page_origin(text, development=development) for text in texts if text != _NONE]
    except AddressError as error:
        raise CommandError(f"--origin: {error}") from None
    return tuple(dict.fromkeys(given))
