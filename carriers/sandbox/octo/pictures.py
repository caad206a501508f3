"""The route maps of tours, at stable addresses that need no key: `/{operator}/images/{tour}.png`."""

import re

from app.domain.tours import SellingRegion
from carriers.sandbox.exchange import Json, Request
from carriers.sandbox.octo.catalogue.model import Tour
from carriers.sandbox.octo.catalogue.route_map import route_map
from carriers.sandbox.octo.core import Core

TYPE = "image/png"
_ADDRESS = re.compile(r"/(?P<operator>[^/]+)/images/(?P<tour>[^/]+)\.png")


def shown(tour: Tour, region: SellingRegion, endpoint: str) -> Json:
    """A tour's picture as OCTO's content tells of it."""
    name = tour.name.told(region)
    return {
        "src": f"{endpoint}/images/{tour.id}.png",
        "type": TYPE,
        "rel": "COVER",
        "title": name,
        "caption": f"The route of {name}",
        "copyright": None,
    }


def drawn(core: Core, request: Request) -> bytes | None:
    """The picture that is asked for; None where it is none of ours."""
    found = _ADDRESS.fullmatch(request.path) if request.method == "GET" else None
    if found is None or found["operator"] not in core.catalogue.operators:
        return None
    tour = core.catalogue.tour(found["operator"], found["tour"])
    return None if tour is None else route_map(tour)
