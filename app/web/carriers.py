"""Where carriers tell us what happened: verified on the raw body, kept once."""

import logging

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from app.booking.desk import Desk
from app.booking.hear import hear
from app.domain.errors import Access, Refusal
from app.web.body import BodyTooLargeError, read_body
from carriers.registry import UnknownCarrierError

log = logging.getLogger(__name__)

LONGEST_BODY = 1_000_000


def carrier_routes(desk: Desk) -> list[Route]:
    """`POST /carriers/{code}/webhooks`."""

    async def take(request: Request) -> Response:
        code = request.path_params["code"]
        try:
            fresh = await hear(desk, code, request.headers, await read_body(request, LONGEST_BODY))
        except BodyTooLargeError:
            return _answer(413, "The event is too large.")
        except UnknownCarrierError:
            return _answer(404, "There is no such carrier here.")
        except (Access, Refusal):
            log.warning("a webhook for %s was not authentic", code)
            return _answer(401, "The signature is not valid.")
        return _answer(200, "Heard." if fresh else "Heard before.")

    return [Route("/carriers/{code}/webhooks", take, methods=["POST"])]


def _answer(status: int, message: str) -> Response:
    return JSONResponse({"message": message}, status)
