"""Domain values to JSON and back, by their type annotations; journal and tokens are written with it."""

from typing import Any, TypeVar, get_type_hints

from pydantic import TypeAdapter

from app.domain.error_codes import ErrorCode
from app.domain.errors import Refusal
from app.domain.refusals import refusals

T = TypeVar("T")

# Building an adapter costs milliseconds; there are a few dozen types.
_ADAPTERS: dict[Any, TypeAdapter[Any]] = {}


def _adapter(kind: Any) -> TypeAdapter[Any]:  # noqa: ANN401 - any annotated type
    if kind not in _ADAPTERS:
        _ADAPTERS[kind] = TypeAdapter(kind)
    return _ADAPTERS[kind]


def dump(value: object, kind: Any = None) -> Any:  # noqa: ANN401 - JSON
    """The value as JSON types: decimals as strings, instants in ISO 8601 with their offset."""
    return _adapter(kind or type(value)).dump_python(value, mode="json")


def load(kind: type[T], data: Any) -> T:  # noqa: ANN401 - JSON
    """The value back from JSON types; pydantic's ValidationError when it does not fit the type."""
    loaded: T = _adapter(kind).validate_python(data)
    return loaded


def dump_refusal(refusal: Refusal) -> dict[str, Any]:
    """A Refusal as JSON, so that the journal can raise the same one again."""
    facts = {name: dump(value) for name, value in vars(refusal).items() if value is not None}
    return {"code": refusal.code.value} | facts


def load_refusal(data: dict[str, Any]) -> Refusal:
    """The Refusal that was dumped; KeyError for a code this version does not know."""
    facts = dict(data)
    kind = refusals()[ErrorCode(facts.pop("code"))]
    hints = get_type_hints(kind)
    return kind(**{name: _adapter(hints[name]).validate_python(value) for name, value in facts.items()})
