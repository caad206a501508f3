"""`faregate partner set` and `faregate token`: who may use this gateway, on which terms."""

import argparse
import asyncio
import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation

from app.cli.arguments import Commands
from app.cli.databases import open_store
from app.cli.errors import CommandError
from app.domain.money import Money, MoneyError, exponent
from app.domain.partner import FeeKind, FeeRule, Partner, Scope
from app.main import keys_of, tokens_of
from app.settings import Settings, load_settings
from app.signing.tokens import ACCESS_TOKEN
from app.store.partners import find_partner, save_partner
from app.web.access import AUDIENCE

_FEE = "NAME=KIND:AMOUNT[@carrier][!], such as 'Service fee=PERCENT:2.5' or 'Desk=FIXED:5.00 GBP@duffel!'"

_FEE_FORM = re.compile(r"(?P<name>[^=]+)=(?P<kind>[A-Z_]+):(?P<value>[^@!]+)(@(?P<carrier>[a-z0-9-]+))?(?P<back>!)?")


def add(commands: Commands) -> None:
    """Add the commands."""
    partner = commands.add_parser("partner", help="create or change a partner")
    actions = partner.add_subparsers(required=True, metavar="action")
    setting = actions.add_parser("set", help="create the partner, or change what is named")
    setting.add_argument("name")
    setting.add_argument("--currency", help="what it sells in unless a search says otherwise")
    setting.add_argument("--credit", action="append", default=[], metavar="GBP=50000", help="limit on account")
    setting.add_argument("--fee", action="append", metavar="FEE", help=f"{_FEE}; '!' makes it refundable")
    setting.add_argument("--payment-limit-hours", type=float, help="time to notify payment after a reserve")
    setting.set_defaults(run=_set)

    token = commands.add_parser("token", help="print a signed token for a partner")
    token.add_argument("--partner", required=True, metavar="NAME")
    token.add_argument("--scopes", default="search,book", help="comma-separated: search, book, refund, internal")
    token.add_argument("--hours", type=float, help="how long it is valid")
    token.set_defaults(run=_token)


def partner_id(name: str) -> str:
    """The id a partner of this name has: its name in lower case with hyphens; CommandError when nothing is left."""
    slug = re.sub(r"[^a-z0-9]+", "-", name.casefold()).strip("-")
    if not slug:
        raise CommandError("A partner's name needs letters or digits.")
    return slug


def signed_token(settings: Settings, partner: str, scopes: list[str], lifetime: timedelta, now: datetime) -> str:
    """A token for the partner with this id."""
    tokens = tokens_of(settings, keys_of(settings))
    claims = {"sub": partner, "scope": " ".join(scopes)}
    return tokens.sign(claims, typ=ACCESS_TOKEN, audience=AUDIENCE, lifetime=lifetime, now=now)


async def set_partner(settings: Settings, partner: Partner) -> None:
    """Save the partner in the gateway's store."""
    store = await open_store(settings)
    try:
        await store.write(lambda session: save_partner(session, partner, datetime.now(UTC)))
    finally:
        await store.close()


async def known_partner(settings: Settings, name: str) -> Partner | None:
    """The partner of this name, if the store has it."""
    store = await open_store(settings)
    try:
        return await store.read(lambda session: find_partner(session, partner_id(name)))
    finally:
        await store.close()


def _set(arguments: argparse.Namespace) -> int:
    settings = load_settings()
    known = asyncio.run(known_partner(settings, arguments.name))
    partner = _changed(known or Partner(id=partner_id(arguments.name), name=arguments.name, currency="EUR"), arguments)
    asyncio.run(set_partner(settings, partner))
    limits = ", ".join(str(limit) for limit in partner.credit.values()) or "none"
    print(f"{partner.name} ({partner.id}): sells in {partner.currency}, credit {limits}, {len(partner.fees)} fees.")
    return 0


def _changed(partner: Partner, arguments: argparse.Namespace) -> Partner:
    limit = arguments.payment_limit_hours
    return Partner(
        id=partner.id,
        name=arguments.name,
        currency=_currency(arguments.currency) if arguments.currency else partner.currency,
        credit={**partner.credit, **dict(map(_credit, arguments.credit))},
        fees=partner.fees if arguments.fee is None else tuple(map(_fee, arguments.fee)),
        payment_limit=partner.payment_limit if limit is None else timedelta(hours=limit),
    )


def _token(arguments: argparse.Namespace) -> int:
    settings = load_settings()
    partner = asyncio.run(known_partner(settings, arguments.partner))
    if partner is None:
        raise CommandError(f"There is no partner {arguments.partner!r}; create it with `faregate partner set`.")
    scopes = [name.strip() for name in arguments.scopes.split(",") if name.strip()]
    unknown = [name for name in scopes if name not in {scope.value for scope in Scope}]
    if unknown:
        raise CommandError(f"Unknown scopes: {', '.join(unknown)}. There are: {', '.join(Scope)}.")
    seconds = arguments.hours * 3600 if arguments.hours else settings.token_lifetime_seconds
    lifetime = timedelta(seconds=seconds)
    print(signed_token(settings, partner.id, scopes, lifetime, datetime.now(UTC)))
    return 0


def _currency(code: str) -> str:
    try:
        exponent(code)
    except MoneyError as error:
        raise CommandError(f"{error}.") from None
    return code


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
    if kind is not FeeKind.PERCENT:
        amount, _, code = value.partition(" ")
        return None, _money(amount, code, text)
    try:
        return Decimal(value), None
    except InvalidOperation:
        raise CommandError(f"{text!r}: {value!r} is no percentage.") from None
