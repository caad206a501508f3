"""`faregate partner endpoint`: where a partner's backend is told what happens."""

import argparse
import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TypeVar

from sqlmodel import Session

from app.cli.arguments import Commands
from app.cli.databases import open_store
from app.cli.errors import CommandError
from app.cli.partners import needed_partner
from app.delivery.addresses import AddressError, endpoint_url
from app.delivery.endpoints import (
    EndpointExistsError,
    NewEndpoint,
    NoSecretError,
    add_endpoint,
    end_endpoint,
    endpoints,
    give_secret,
)
from app.delivery.webhook import event_type
from app.domain.events import EventKind
from app.domain.ids import RandomIds
from app.domain.partner import Partner
from app.main import keys_of
from app.settings import Settings, load_settings
from app.signing.sealing import Sealer
from app.store.delivery_tables import EndpointFormat, EndpointRow

T = TypeVar("T")

_FORMATS = {form.lower().replace("_", "-"): form for form in EndpointFormat}
_KINDS = {name: kind for kind in EventKind for name in (kind.value, event_type(kind))}


def add(actions: Commands) -> None:
    """Add the commands."""
    endpoint = actions.add_parser("endpoint", help="where its backend is told what happens")
    commands = endpoint.add_subparsers(required=True, metavar="action")
    adding = _command(commands, "add", "add an endpoint, and print its secret, once", _add)
    adding.add_argument("--url", required=True, help="where to post to")
    adding.add_argument("--format", required=True, choices=_FORMATS, help="how it is told")
    adding.add_argument("--events", default="all", help="comma-separated, such as payment.captured; all by default")
    _command(commands, "list", "list its endpoints", _list)
    for name, sentence, run in (
        ("remove", "tell an endpoint nothing more", _remove),
        ("rotate", "give it a new secret, print it, once; the old one goes on for a day", _rotate),
    ):
        _command(commands, name, sentence, run).add_argument("endpoint", help="its id or URL")


def _command(
    commands: Commands, name: str, sentence: str, run: Callable[[Settings, Partner, argparse.Namespace], None]
) -> argparse.ArgumentParser:
    def command(arguments: argparse.Namespace) -> int:
        settings = load_settings()
        run(settings, needed_partner(settings, arguments.name), arguments)
        return 0

    parser = commands.add_parser(name, help=sentence)
    parser.add_argument("name", help="of the partner")
    parser.set_defaults(run=command)
    return parser


def _add(settings: Settings, partner: Partner, arguments: argparse.Namespace) -> None:
    wish = NewEndpoint(
        partner_id=partner.id,
        url=_url(arguments.url, development=settings.development),
        format=_FORMATS[arguments.format],
        events=_events(arguments.events),
    )
    sealer, now = keys_of(settings).sealer, datetime.now(UTC)

    def write(session: Session) -> tuple[EndpointRow, str | None]:
        row = add_endpoint(session, wish, RandomIds(), now)
        return row, give_secret(row, sealer, now) if row.format == EndpointFormat.STANDARD_WEBHOOKS else None

    try:
        row, secret = _written(settings, write)
    except EndpointExistsError:
        raise CommandError(f"{partner.name} has this endpoint already; `rotate` gives it a new secret.") from None
    print(_shown(row))
    if secret:
        print(secret)


def _list(settings: Settings, partner: Partner, _arguments: argparse.Namespace) -> None:
    for row in _written(settings, lambda session: endpoints(session, partner.id)):
        print(_shown(row))


def _remove(settings: Settings, partner: Partner, arguments: argparse.Namespace) -> None:
    def write(session: Session) -> EndpointRow:
        row = _one(session, partner, arguments.endpoint)
        end_endpoint(session, row)
        return row

    print(f"{_written(settings, write).id} is told nothing more.")


def _rotate(settings: Settings, partner: Partner, arguments: argparse.Namespace) -> None:
    sealer: Sealer = keys_of(settings).sealer
    try:
        print(
            _written(
                settings,
                lambda session: give_secret(_one(session, partner, arguments.endpoint), sealer, datetime.now(UTC)),
            )
        )
    except NoSecretError:
        raise CommandError("Payment callbacks are signed with the gateway's own key: there is no secret.") from None


def _one(session: Session, partner: Partner, name: str) -> EndpointRow:
    found = [row for row in endpoints(session, partner.id) if name in {row.id, row.url}]
    if len(found) > 1:
        raise CommandError(f"{partner.name} has several endpoints with this URL; name one by its id.")
    for row in found:
        return row
    raise CommandError(f"{partner.name} has no such endpoint; `faregate partner endpoint list` shows those it has.")


def _written(settings: Settings, body: Callable[[Session], T]) -> T:
    async def write() -> T:
        store = await open_store(settings)
        try:
            return await store.write(body)
        finally:
            await store.close()

    return asyncio.run(write())


def _shown(row: EndpointRow) -> str:
    return f"{row.id}  {row.format}  {row.url}  {', '.join(map(event_type, row.events)) or 'all events'}"


def _url(text: str, *, development: bool) -> str:
    try:
        return endpoint_url(text, development=development)
    except AddressError as error:
        raise CommandError(f"--url: {error}") from None


def _events(text: str) -> tuple[EventKind, ...]:
    names = [name.strip() for name in text.split(",") if name.strip()]
    if names == ["all"]:
        return ()
    unknown = [name for name in names if name not in _KINDS]
    if unknown or not names:
        raise CommandError(f"--events: unknown {', '.join(unknown) or 'nothing'}; name some of {', '.join(EventKind)}.")
    return tuple(dict.fromkeys(_KINDS[name] for name in names))
