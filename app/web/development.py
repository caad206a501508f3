"""Only in the development profile: the way to GraphiQL, and a clock moved so that expiry can be seen at once."""

from datetime import timedelta

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from app.domain.clock import SystemClock


def development_routes(clock: SystemClock) -> list[Route]:
    """`/`, and `GET` and `POST /_development/clock` with `{"advance_seconds": n}`."""

    async def explore(_request: Request) -> Response:
        return RedirectResponse("/graphql")

    async def read(_request: Request) -> Response:
        return JSONResponse({"now": clock.now().isoformat()})

    async def move(request: Request) -> Response:
        try:
            clock.advance(timedelta(seconds=float((await request.json())["advance_seconds"])))
        except (KeyError, TypeError, ValueError, OverflowError):
            message = 'Send {"advance_seconds": n} with n at least 0; time never runs back.'
            return JSONResponse({"message": message}, 422)
        return JSONResponse({"now": clock.now().isoformat()})

    return [
        Route("/", explore),
        Route("/_development/clock", read, methods=["GET"]),
        Route("/_development/clock", move, methods=["POST"]),
    ]
