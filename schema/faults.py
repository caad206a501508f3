"""Top-level errors: what each tells the client, and what it hides.

access             its code and sentence
a Refusal          as data wherever the field has `errors`; elsewhere its code, advice and path in `extensions`
a wrong request    GRAPHQL_PARSE_FAILED, GRAPHQL_VALIDATION_FAILED, BAD_USER_INPUT
anything else      a bug: INTERNAL with an id, under which the log has the rest
"""

import logging
import re
import secrets
from collections.abc import Iterable
from typing import Any

from graphql import GraphQLError, GraphQLSyntaxError

from app.domain.errors import Access, Refusal

log = logging.getLogger("faregate.faults")

BAD_USER_INPUT = "BAD_USER_INPUT"
PARSE_FAILED = "GRAPHQL_PARSE_FAILED"
VALIDATION_FAILED = "GRAPHQL_VALIDATION_FAILED"
INTERNAL = "INTERNAL"

# graphql-core words it so, and gives the place of a wrong variable value in no other way.
_VARIABLE = re.compile(r"^Variable '\$(\w+)' has invalid value(?: at ([^:]+))?:")
# Strawberry's own words about a `@oneOf` input; they name the type or the field, and no place.
_ONE_OF = re.compile(r"^(OneOf Input Object '\w+'|Value for member field '\w+'|Field '\w+\.\w+') must ")
_STEP = re.compile(r"\w+")


def explained(errors: Iterable[GraphQLError] | None) -> list[GraphQLError] | None:
    """The errors as the client may see them; None when there are none."""
    return [_explained(error) for error in errors] if errors else None


def _explained(error: GraphQLError) -> GraphQLError:
    match _cause(error):
        case Access() as access:
            return _told(error, str(access), code=access.code.value)
        case Refusal() as refusal:
            return _told(error, refusal.message, **_facts(refusal))
        case None:
            return _request_error(error)
        case bug:
            return _masked(error, bug)


def _cause(error: BaseException) -> BaseException | None:
    """What was raised at the root; None when graphql-core itself found the request wrong."""
    while isinstance(error, GraphQLError):
        if error.original_error is None:
            return None
        error = error.original_error
    return error


def _facts(refusal: Refusal) -> dict[str, Any]:
    facts = {"code": refusal.code.value, "advice": refusal.advice.value, "money": refusal.money.value}
    return facts | ({"path": list(refusal.path)} if refusal.path else {})


def _request_error(error: GraphQLError) -> GraphQLError:
    if isinstance(error, GraphQLSyntaxError):
        return _told(error, error.message, code=PARSE_FAILED)
    if found := _VARIABLE.match(error.message):
        name, place = found[1], found[2] or ""
        return _told(error, error.message, code=BAD_USER_INPUT, path=[name, *_STEP.findall(place)])
    if error.path is not None or _ONE_OF.match(error.message):
        return _told(error, error.message, code=BAD_USER_INPUT)
    return _told(error, error.message, **({"code": VALIDATION_FAILED} | (error.extensions or {})))


def _masked(error: GraphQLError, bug: BaseException) -> GraphQLError:
    error_id = secrets.token_hex(6)
    log.error("error %s at %s", error_id, error.path, exc_info=bug)
    message = f"Something went wrong on our side. When you report it, give the error id {error_id}."
    return _told(error, message, code=INTERNAL, errorId=error_id)


def _told(error: GraphQLError, message: str, **extensions: Any) -> GraphQLError:  # noqa: ANN401 - JSON
    return GraphQLError(
        message,
        nodes=error.nodes,
        source=error.source,
        positions=error.positions,
        path=error.path,
        extensions=extensions,
    )
