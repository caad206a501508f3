"""The one GraphQL schema. It says what a client may ask; `resolvers` holds how it is answered."""

from typing import Any

from graphql import GraphQLError
from strawberry import Schema
from strawberry.extensions import ParserCache, ValidationCache
from strawberry.schema.config import StrawberryConfig
from strawberry.schema.exceptions import CannotGetOperationTypeError
from strawberry.types import ExecutionContext, ExecutionResult

from schema.errors import UserError, error_types
from schema.faults import explained
from schema.limits import Limits, OneOperation
from schema.mutation import Mutation
from schema.query import Query
from schema.quotes import QUOTE_TYPES
from schema.scalars import SCALARS


class GatewaySchema(Schema):
    """Strawberry's schema, with our own answer to what goes wrong."""

    async def execute(self, *args: Any, **kwargs: Any) -> ExecutionResult:  # noqa: ANN401 - as Strawberry's
        """Strawberry's answer, its errors explained; outside the extensions, since a parse error passes those by."""
        try:
            result: ExecutionResult = await super().execute(*args, **kwargs)
        except CannotGetOperationTypeError as unknown:
            result = ExecutionResult(data=None, errors=[GraphQLError(unknown.as_http_error_reason())])
        result.errors = explained(result.errors)
        return result

    def process_errors(self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None) -> None:
        """Nothing here: a bug is logged once, under the id that the client sees."""


EXTENSIONS = (Limits, OneOperation, ParserCache, ValidationCache)

schema = GatewaySchema(
    query=Query,
    mutation=Mutation,
    types=[UserError, *error_types().values(), *QUOTE_TYPES.values()],
    extensions=EXTENSIONS,
    config=StrawberryConfig(scalar_map=SCALARS),
)


def sdl() -> str:
    """The schema in the schema definition language, as committed in `schema.graphql`."""
    return f"{schema.as_str()}\n"
