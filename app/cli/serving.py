"""`faregate serve`, `faregate sandbox` and `faregate worker`."""

import argparse
import asyncio
import json
import logging
import os
import socket
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path

import uvicorn

from app.cli.arguments import Commands
from app.cli.databases import need_database
from app.cli.errors import CommandError
from app.cli.partners import set_partner, signed_token
from app.domain.clock import SystemClock
from app.domain.money import Money
from app.domain.partner import Partner, Scope
from app.domain.tours import SellingRegion
from app.main import create_app
from app.settings import Settings, load_settings
from app.worker import work
from carriers.sandbox.start import HOST, WORLDS, SandboxThread, serve_sandbox

_SANDBOX_PORT = 8100
# Tours are sold two years ahead, and the clock is moved as far to see what becomes of them.
_TOKEN_YEARS = 3
_DEMO = Partner(
    id="demo-travel",
    name="Demo Travel",
    currency="GBP",
    credit={code: Money.of("100000", code) for code in ("GBP", "EUR", "USD", "CHF", "NZD", "ZAR")},
    regions=(SellingRegion.UK, *(region for region in SellingRegion if region is not SellingRegion.UK)),
)


def add(commands: Commands) -> None:
    """Add the commands."""
    serve = commands.add_parser("serve", help="serve the gateway")
    serve.add_argument("--host", default="127.0.0.1")
    serve.add_argument("--port", type=int, default=8000)
    serve.add_argument("--no-sandbox", action="store_true", help="talk to the carriers the settings name")
    serve.add_argument("--sandbox-port", type=int, default=_SANDBOX_PORT)
    serve.set_defaults(run=_serve)

    sandbox = commands.add_parser("sandbox", help="serve the bundled worlds alone")
    sandbox.add_argument("--port", type=int, default=_SANDBOX_PORT, help="of the first; the others follow")
    sandbox.add_argument("--state", type=Path, help="a folder to keep the worlds' state in, across restarts")
    sandbox.set_defaults(run=_sandbox)

    worker = commands.add_parser("worker", help="take up due operations beside a gateway")
    worker.set_defaults(run=_worker)


def _serve(arguments: argparse.Namespace) -> int:
    _log()
    settings = load_settings()
    clock = SystemClock()
    asyncio.run(need_database(settings))
    _need_port(arguments.host, arguments.port, "--port")
    if not arguments.no_sandbox:
        _need_sandbox_ports(arguments.sandbox_port, "--sandbox-port")
        sandbox = SandboxThread(
            clock=clock,
            port=arguments.sandbox_port,
            gateway=settings.public_url,
            state=settings.data_dir / "sandbox",
        )
        settings = _with_sandbox(settings, sandbox.start())
    token = _development_token(settings, clock) if settings.development else None
    if token:
        _welcome(arguments, settings, token())
    app = create_app(settings, clock, token=token)
    uvicorn.run(app, host=arguments.host, port=arguments.port, log_level="warning", ws="none", server_header=False)
    return 0


def _sandbox(arguments: argparse.Namespace) -> int:
    _log()
    _need_sandbox_ports(arguments.port, "--port")
    gateway = os.environ.get("FAREGATE_PUBLIC_URL", "http://127.0.0.1:8000")
    serve_sandbox(SystemClock(), arguments.port, gateway, arguments.state)
    return 0


def _worker(_arguments: argparse.Namespace) -> int:
    _log()
    settings = load_settings()
    asyncio.run(need_database(settings))
    work(settings)
    return 0


def _need_port(host: str, port: int, option: str) -> None:
    """CommandError where nothing could listen: a server that fails to start says it less plainly."""
    try:
        socket.create_server((host, port)).close()
    except OSError as error:
        reason = os.strerror(error.errno or 0)
        raise CommandError(f"Cannot listen on {host}:{port} ({reason}); choose another port with {option}.") from None


def _need_sandbox_ports(first: int, option: str) -> None:
    """CommandError where the bundled worlds could not listen, each on its own port."""
    for port in range(first, first + WORLDS):
        _need_port(HOST, port, option)


def _with_sandbox(settings: Settings, variables: Mapping[str, str]) -> Settings:
    """The settings with the sandbox's, read as the environment's would be; own rates and card providers stay."""
    named = {name.removeprefix("FAREGATE_").lower(): json.loads(value) for name, value in variables.items()}
    given = {name: getattr(settings, name) for name in settings.model_fields_set}
    own = {name: given[name] for name in ("exchange", "payment_providers") if given.get(name)}
    return Settings(**{**given, **named, **own})


def _development_token(settings: Settings, clock: SystemClock) -> Callable[[], str]:
    """A partner to start with and its tokens, in the development profile only."""
    asyncio.run(set_partner(settings, _DEMO))
    scopes, lifetime = [scope.value for scope in Scope], timedelta(days=366 * _TOKEN_YEARS)
    return lambda: signed_token(settings, _DEMO.id, scopes, lifetime, clock.now())


def _welcome(arguments: argparse.Namespace, settings: Settings, token: str) -> None:
    origin = f"http://{arguments.host}:{arguments.port}"
    print(f"Faregate, development profile. GraphiQL: {origin}/graphql  (data in {settings.data_dir}/)")
    for carrier in settings.carriers:
        print(f"Carrier {carrier.code}: {'coming soon' if carrier.overrides.get('coming_soon') else carrier.url}")
    for provider in settings.payment_providers:
        print(f"Payment provider {provider.code}: {provider.url}")
    if origin != settings.public_url:
        print(
            f"Ticket links and tokens name {settings.public_url}: set FAREGATE_PUBLIC_URL={origin} to open them here."
        )
    print(f"A token for {_DEMO.name}, valid for {_TOKEN_YEARS} years:\n\n{token}\n", flush=True)


def _log() -> None:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    # Which tables it looked at interests nobody.
    logging.getLogger("alembic").setLevel(logging.WARNING)
