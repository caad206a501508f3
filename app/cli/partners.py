"""`faregate partner set` and `faregate token`: who may use this gateway, on which terms."""

import argparse
import asyncio
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from app.cli.arguments import Commands
from app.cli.databases import open_store
from app.cli.errors import CommandError
from app.cli.terms import add_terms, changed
from app.domain.partner import Partner, Scope
from app.main import keys_of, tokens_of
from app.settings import Settings, load_settings
from app.signing.tokens import ACCESS_TOKEN
from app.store.partners import find_partner, save_partner
from app.web.access import AUDIENCE


def add(commands: Commands, *others: Callable[[Commands], None]) -> None:
    """Add the commands, and those of the `others` about partners."""
    partner = commands.add_parser("partner", help="create or change a partner")
    actions = partner.add_subparsers(required=True, metavar="action")
    setting = actions.add_parser("set", help="create the partner, or change what is named")
    setting.add_argument("name")
    add_terms(setting)
    setting.set_defaults(run=_set)
    for other in others:
        other(actions)

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


def needed_partner(settings: Settings, name: str) -> Partner:
    """The partner of this name; CommandError when the store has none."""
    partner = asyncio.run(known_partner(settings, name))
    if partner is None:
        raise CommandError(f"There is no partner {name!r}; create it with `faregate partner set`.")
    return partner


def _set(arguments: argparse.Namespace) -> int:
    settings = load_settings()
    known = asyncio.run(known_partner(settings, arguments.name))
    known = known or Partner(id=partner_id(arguments.name), name=arguments.name, currency="EUR")
    partner = changed(known, arguments, development=settings.development)
    asyncio.run(set_partner(settings, partner))
    limits = ", ".join(str(limit) for limit in partner.credit.values()) or "none"
    print(f"{partner.name} ({partner.id}): sells in {partner.currency}, credit {limits}, {len(partner.fees)} fees.")
    return 0


def _token(arguments: argparse.Namespace) -> int:
    settings = load_settings()
    partner = needed_partner(settings, arguments.partner)
    scopes = [name.strip() for name in arguments.scopes.split(",") if name.strip()]
    unknown = [name for name in scopes if name not in {scope.value for scope in Scope}]
    if unknown:
        raise CommandError(f"Unknown scopes: {', '.join(unknown)}. There are: {', '.join(Scope)}.")
    seconds = arguments.hours * 3600 if arguments.hours else settings.token_lifetime_seconds
    lifetime = timedelta(seconds=seconds)
    print(signed_token(settings, partner.id, scopes, lifetime, datetime.now(UTC)))
    return 0
