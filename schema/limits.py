"""What one request may ask for, checked before anything runs; rules are built once, so that validation caches."""

from collections.abc import Iterator
from typing import Any, Final

from graphql import (
    SKIP,
    GraphQLError,
    GraphQLInputType,
    OperationDefinitionNode,
    ValueNode,
    VisitorAction,
    specified_rules,
)
from graphql.utilities import validate_input_literal
from graphql.validation import ValuesOfCorrectTypeRule
from strawberry.extensions import SchemaExtension, max_aliases, query_depth_limiter

from schema.faults import BAD_USER_INPUT

MAX_TOKENS: Final = 4000
MAX_DEPTH: Final = 15
MAX_ALIASES: Final = 60


class WrongValuesRule(ValuesOfCorrectTypeRule):
    """GraphQL's own rule for literals of the wrong type, which also tells code and path as for variables."""

    _argument: str | None = None

    def enter_argument(self, node: Any, *_: Any) -> None:  # noqa: ANN401 - graphql-core's visitor
        """Remember whose value comes next."""
        self._argument = node.name.value

    def is_valid_value_node(self, node: ValueNode, input_type: GraphQLInputType | None) -> VisitorAction:
        """Report every wrong value inside the literal."""
        if input_type:
            validate_input_literal(node, input_type, self._report, None, None, self.context.hide_suggestions)
        return SKIP

    def _report(self, error: GraphQLError, path: list[str | int]) -> None:
        place = [*filter(None, [self._argument]), *map(str, path)]
        self.report_error(
            GraphQLError(error.message, error.nodes, extensions={"code": BAD_USER_INPUT, "path": place}),
        )


_RULES = (
    *(rule for rule in specified_rules if rule is not ValuesOfCorrectTypeRule),
    WrongValuesRule,
    query_depth_limiter.create_validator(MAX_DEPTH, None),
    max_aliases.create_validator(MAX_ALIASES),
)


class Limits(SchemaExtension):
    """Bounds tokens, depth and aliases of every request."""

    def on_operation(self) -> Iterator[None]:
        """Set the rules before parsing."""
        self.execution_context.parse_options["max_tokens"] = MAX_TOKENS
        self.execution_context.validation_rules = _RULES
        yield


class OneOperation(SchemaExtension):
    """Refuses to guess which of several operations is meant; Strawberry would run the first."""

    def on_execute(self) -> Iterator[None]:
        """GraphQLError when a document with several operations comes without `operationName`."""
        document = self.execution_context.graphql_document
        kinds = [type(definition) for definition in document.definitions] if document else []
        named = self.execution_context._provided_operation_name  # noqa: SLF001 - the public one is already a guess
        if kinds.count(OperationDefinitionNode) > 1 and named is None:
            raise GraphQLError("The document has several operations: say which one to run in operationName.")
        yield
