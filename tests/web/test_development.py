"""What only developers are served: a way in from the bare address, and a clock to move."""

from starlette.applications import Starlette
from starlette.routing import Match

from app.domain.clock import SystemClock
from app.web.development import development_routes


def answering(path, method):
    scope = {"type": "http", "path": path, "method": method, "root_path": "", "headers": []}
    application = Starlette(routes=development_routes(SystemClock()))
    return [route for route in application.routes if route.matches(scope)[0] is Match.FULL]


async def test_the_bare_address_leads_to_graphiql():
    (route,) = answering("/", "GET")
    answer = await route.endpoint(None)
    assert (answer.status_code, answer.headers["location"]) == (307, "/graphql")
