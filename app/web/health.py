"""Whether the process lives, and whether it can serve."""

from sqlalchemy import text
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from app.signing.keyring import Keyring
from app.store.engine import Store


def health_routes(store: Store, keyring: Keyring) -> list[Route]:
    """`/health/live`, `/health/ready` (the store answers) and our public keys."""

    async def live(_request: Request) -> Response:
        return JSONResponse({"status": "live"})

    async def ready(_request: Request) -> Response:
        try:
            await store.read(lambda session: session.connection().execute(text("SELECT 1")))
        except Exception:  # noqa: BLE001 - whatever keeps the store from answering, we cannot serve
            return JSONResponse({"status": "store unavailable"}, 503)
        return JSONResponse({"status": "ready"})

    async def keys(_request: Request) -> Response:
        return JSONResponse(keyring.jwks(), headers={"Cache-Control": "public, max-age=300"})

    return [
        Route("/health/live", live),
        Route("/health/ready", ready),
        Route("/.well-known/jwks.json", keys),
    ]
