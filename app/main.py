"""The roof: everything below, composed once and started."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from starlette.applications import Starlette
from starlette.routing import BaseRoute, Route

from app.booking.desk import Desk, Terms, Tools
from app.delivery.announce import Announcer
from app.delivery.courier import AT_ONCE, ENDPOINTS, Courier
from app.delivery.letters import Letters
from app.domain.clock import SystemClock
from app.domain.ids import RandomIds
from app.journal.journal import Journal
from app.journal.runner import Chore, Runner
from app.papers.render import Renderer
from app.payments.registry import providers
from app.payments.stripe.profile import FAMILY as STRIPE
from app.places.catalogue import Catalogue
from app.pricing.offers import OfferSeals
from app.pricing.rates import Rates, no_rates
from app.search.cache import AnswerCache
from app.search.fan_out import FanOut
from app.search.search import Search
from app.settings import Settings
from app.signing.jwks import IdentityProvider, RemoteKeys
from app.signing.keys import Keys, given_keys, kept_keys
from app.signing.links import FormLinks, PaymentLinks, StatementLinks, TicketLinks
from app.signing.tokens import Tokens
from app.store.engine import SqlStore, Store
from app.store.migrate import check, migrate
from app.tours.desk import TourDesk
from app.verbs import chores, verbs
from app.web.access import Door
from app.web.carriers import carrier_routes
from app.web.development import development_routes
from app.web.explorer import Explorer, assets
from app.web.graphql import GraphQLEndpoint
from app.web.health import health_routes
from app.web.payments import payment_routes
from app.web.statements import StatementPages
from app.web.stripe_form import StripeForms
from app.web.tickets import TicketPages
from app.wire.messages import Request
from app.wire.transport import AiohttpTransport
from app.wire.wire import Wire
from carriers.registry import carriers
from resolvers.context import Services

POLL_SECONDS = 0.5
_CACHED_SEARCHES = 500
# What partners' backends answer is of no interest, so it need not be long.
_LONGEST_RECEIPT = 1_048_576


@dataclass(frozen=True, kw_only=True)
class Gateway:
    """A composed gateway: what the web, the worker and the command line work with."""

    settings: Settings
    clock: SystemClock
    store: Store
    keys: Keys
    tokens: Tokens
    desk: Desk
    services: Services
    door: Door
    renderer: Renderer
    catalogue: Catalogue
    courier: Courier


def keys_of(settings: Settings) -> Keys:
    """The settings' secrets; the development profile makes and keeps its own."""
    if settings.token_keys is None:
        return kept_keys(settings.keys_dir)
    return given_keys(settings.token_keys.get_secret_value(), [key.get_secret_value() for key in settings.seal_keys])


def tokens_of(settings: Settings, keys: Keys) -> Tokens:
    """What signs and verifies partner tokens; the public address names the issuer."""
    return Tokens(keys.keyring, settings.public_url)


async def ready_store(settings: Settings) -> SqlStore:
    """The store with its schema in place: SQLite is migrated here, PostgreSQL only checked."""
    url = settings.database_url.get_secret_value()
    if url.startswith("sqlite"):
        await migrate(url)
    else:
        await check(url)
    return SqlStore(url)


@asynccontextmanager
async def opened(settings: Settings, clock: SystemClock | None = None) -> AsyncIterator[Gateway]:
    """A gateway, composed from the settings and closed in order at the end."""
    async with AsyncExitStack() as stack:
        clock = clock or SystemClock()
        store = await ready_store(settings)
        stack.push_async_callback(store.close)
        transport = await stack.enter_async_context(AiohttpTransport())
        wire = Wire(transport, clock, per_host=settings.connections_per_host)
        renderer = Renderer()
        stack.callback(renderer.close)
        # Deliveries have connections of their own: partners' slow backends must not take those that carriers need.
        posts = await stack.enter_async_context(
            AiohttpTransport(connections=ENDPOINTS * AT_ONCE, longest=_LONGEST_RECEIPT)
        )
        gateway = _composed(settings, clock, store, wire, renderer, Wire(posts, clock))
        stack.push_async_callback(gateway.courier.stop)
        stack.push_async_callback(gateway.desk.runner.stop)
        yield gateway


def create_app(
    settings: Settings, clock: SystemClock | None = None, *, token: Callable[[], str] | None = None
) -> Starlette:
    """The gateway as an ASGI application; it takes up what is due as long as it runs.

    `token` makes what GraphiQL is opened with; without it, as in production, there is no GraphiQL.
    """
    routes: list[BaseRoute] = []

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with opened(settings, clock) as gateway:
            app.router.routes.extend(_routes(gateway, token))
            app.state.gateway = gateway
            working = asyncio.create_task(gateway.desk.runner.serve(POLL_SECONDS))
            try:
                yield
            finally:
                working.cancel()
                with suppress(asyncio.CancelledError):
                    await working

    return Starlette(routes=routes, lifespan=lifespan)


def _routes(gateway: Gateway, token: Callable[[], str] | None) -> list[BaseRoute]:
    settings = gateway.settings
    routes: list[BaseRoute] = [
        *_graphql(gateway, token),
        *_ticket_pages(gateway).routes(),
        *_statement_pages(gateway).routes(),
        *carrier_routes(gateway.desk),
        *payment_routes(gateway.desk),
        *_stripe_forms(gateway),
        *health_routes(gateway.store, gateway.keys.keyring),
    ]
    return [*routes, *development_routes(gateway.clock)] if settings.development else routes


def _graphql(gateway: Gateway, token: Callable[[], str] | None) -> list[BaseRoute]:
    explorer = Explorer(token=token, clock=gateway.clock) if token else None
    endpoint = GraphQLEndpoint(authenticate=gateway.door.viewer, services=gateway.services, explorer=explorer)
    served: list[BaseRoute] = [Route("/graphql", endpoint)]
    return [assets(), *served] if explorer else served


def _stripe_forms(gateway: Gateway) -> list[BaseRoute]:
    """The pages around Stripe's form, where some provider needs them."""
    providers = gateway.desk.tools.providers
    if not any(provider.profile.family == STRIPE for provider in providers):
        return []
    links = FormLinks(gateway.keys.digester, gateway.settings.public_url)
    return StripeForms(providers, links, gateway.clock).routes()


def _ticket_pages(gateway: Gateway) -> TicketPages:
    return TicketPages(
        store=gateway.store,
        clock=gateway.clock,
        links=gateway.services.links,
        renderer=gateway.renderer,
        find=gateway.services.places.find,
    )


def _statement_pages(gateway: Gateway) -> StatementPages:
    return StatementPages(
        store=gateway.store,
        clock=gateway.clock,
        links=gateway.services.statement_links,
        renderer=gateway.renderer,
        issuer=gateway.settings.selling_company,
    )


def _composed(
    settings: Settings, clock: SystemClock, store: Store, wire: Wire, renderer: Renderer, posts: Wire
) -> Gateway:
    keys = keys_of(settings)
    tokens = tokens_of(settings, keys)
    catalogue = Catalogue.load()
    seals = OfferSeals(keys.sealer, clock)
    valid = timedelta(seconds=settings.ticket_url_seconds)
    tools = Tools(
        store=store,
        clock=clock,
        ids=RandomIds(),
        carriers=carriers(
            settings.carriers, wire, clock, read_deadline=timedelta(seconds=settings.read_timeout_seconds)
        ),
        providers=providers(
            settings.payment_providers,
            wire,
            clock,
            read_deadline=timedelta(seconds=settings.read_timeout_seconds),
            links=FormLinks(keys.digester, settings.public_url),
        ),
        payment_links=PaymentLinks(keys.sealer, clock, settings.public_url),
        seals=seals,
        vault=keys.sealer,
        terms=Terms(
            payment_session=timedelta(seconds=settings.payment_session_seconds),
            pay_margin=timedelta(seconds=settings.pay_margin_seconds),
            client_wait_seconds=settings.mutation_wait_seconds,
            carrier_billing={carrier.code: carrier.billing.to_domain() for carrier in settings.carriers},
            reconcile_every=timedelta(seconds=settings.reconcile_seconds),
            reconciled=timedelta(days=settings.reconciled_days),
        ),
    )
    courier = Courier(store, clock, posts, _letters(settings, tools, tokens))
    desk = _desk(tools, keys, courier)
    services = Services(
        clock=clock,
        carriers=tools.carriers,
        places=catalogue,
        search=_search(settings, tools, catalogue, clock),
        tours=_tours(settings, tools, clock),
        seals=seals,
        store=store,
        desk=desk,
        links=TicketLinks(keys.sealer, clock, settings.public_url, valid=valid),
        statement_links=StatementLinks(keys.sealer, clock, settings.public_url, valid=valid),
    )
    return Gateway(
        settings=settings,
        clock=clock,
        store=store,
        keys=keys,
        tokens=tokens,
        desk=desk,
        services=services,
        door=_door(settings, tokens, store, clock, wire),
        renderer=renderer,
        catalogue=catalogue,
        courier=courier,
    )


def _letters(settings: Settings, tools: Tools, tokens: Tokens) -> Letters:
    return Letters(
        clock=tools.clock,
        sealer=tools.vault,
        tokens=tokens,
        providers=tools.providers,
        selling_company=settings.selling_company,
    )


def _desk(tools: Tools, keys: Keys, courier: Courier) -> Desk:
    """The desk and its runner; the chores that open due operations need the desk itself."""
    duties: list[Chore] = []
    journal = Journal(tools.store, tools.clock, tools.ids, verbs(tools))
    desk = Desk(tools=tools, journal=journal, runner=Runner(journal, chores=duties), digester=keys.digester)
    announcer = Announcer(store=tools.store, clock=tools.clock, ids=tools.ids)
    duties += [*chores(desk), announcer.announce, courier.deliver]
    return desk


def _rates(settings: Settings) -> Rates:
    exchange = settings.exchange
    return Rates(
        exchange.rate if exchange else no_rates,
        margin_percent=exchange.margin_percent if exchange else Decimal(0),
        validity=timedelta(seconds=exchange.valid_seconds if exchange else 1),
    )


def _tours(settings: Settings, tools: Tools, clock: SystemClock) -> TourDesk:
    return TourDesk.over(
        tools.carriers,
        rates=_rates(settings),
        clock=clock,
        keep=timedelta(seconds=settings.tours_cache_seconds),
        deadline=timedelta(seconds=settings.search_deadline_seconds),
        monotonic=clock.seconds,
    )


def _search(settings: Settings, tools: Tools, catalogue: Catalogue, clock: SystemClock) -> Search:
    return Search(
        fan_out=FanOut(
            list(tools.carriers),
            deadline=timedelta(seconds=settings.search_deadline_seconds),
            monotonic=time.monotonic,
        ),
        places=catalogue,
        rates=_rates(settings),
        cache=AnswerCache(
            keep=timedelta(seconds=settings.search_cache_seconds), size=_CACHED_SEARCHES, monotonic=clock.seconds
        ),
        clock=clock,
    )


def _door(settings: Settings, tokens: Tokens, store: Store, clock: SystemClock, wire: Wire) -> Door:
    identity = settings.identity_provider
    if identity is None:
        return Door(tokens=tokens, store=store, clock=clock)
    address, wait = identity.jwks_url, timedelta(seconds=settings.read_timeout_seconds)

    async def fetch() -> bytes:
        return (await wire.call(Request(method="GET", url=address), deadline=wait, read=True)).body

    provider = IdentityProvider(RemoteKeys(fetch, clock), identity.issuer, identity.audience, identity.types)
    return Door(tokens=tokens, store=store, clock=clock, provider=provider, identity=identity)
