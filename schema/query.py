"""The root of every query: the fields of each subject, together."""

import strawberry

from schema.carriers import CarrierQueries
from schema.places import PlaceQueries
from schema.search import SearchQueries
from schema.viewer import ViewerQueries


@strawberry.type(description="Everything that can be asked; asking changes nothing.")
class Query(SearchQueries, PlaceQueries, CarrierQueries, ViewerQueries):
    """Each subject brings its own fields."""
