"""The root of every query: the fields of each subject, together."""

import strawberry

from schema.available import ServiceQueries
from schema.bookings import BookingQueries
from schema.carriers import CarrierQueries
from schema.discrepancies import DiscrepancyQueries
from schema.nodes import NodeQueries
from schema.operation import OperationQueries
from schema.places import PlaceQueries
from schema.search import SearchQueries
from schema.statements import StatementQueries
from schema.tour_operator import OperatorQueries
from schema.tours import TourQueries
from schema.viewer import ViewerQueries
from schema.webhooks import WebhookQueries


@strawberry.type(description="Everything that can be asked; asking changes nothing.")
class Query(
    SearchQueries,
    ServiceQueries,
    PlaceQueries,
    OperatorQueries,
    TourQueries,
    BookingQueries,
    OperationQueries,
    NodeQueries,
    CarrierQueries,
    ViewerQueries,
    WebhookQueries,
    StatementQueries,
    DiscrepancyQueries,
):
    """Each subject brings its own fields."""
