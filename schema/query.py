"""The root of every query: the fields of each subject, together."""

import strawberry

from schema.viewer import ViewerQueries


@strawberry.type(description="Everything that can be asked; asking changes nothing.")
class Query(ViewerQueries):
    """Each subject brings its own fields."""
