"""The endpoints of a world, found by what is asked or by the name that faults go by."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

CoreT = TypeVar("CoreT")
CallT = TypeVar("CallT")
AnswerT = TypeVar("AnswerT")


@dataclass(frozen=True)
class Route(Generic[CoreT, CallT, AnswerT]):
    """One endpoint; `{word}` in its path stands for whatever has no slash."""

    method: str
    path: str
    name: str
    answer: Callable[[CoreT, CallT], AnswerT]


RouteT = TypeVar("RouteT", bound=Route[Any, Any, Any])


class Routes(Generic[RouteT]):
    """All the endpoints of a world, their paths `below` another."""

    def __init__(self, *routes: RouteT, below: str = "") -> None:
        self.by_name = {route.name: route for route in routes}
        self._patterns = [(route, _pattern(below + route.path)) for route in routes]

    def __iter__(self) -> Iterator[RouteT]:
        return iter(self.by_name.values())

    def match(self, method: str, path: str) -> tuple[RouteT, Mapping[str, str]] | None:
        """The endpoint of a method and path, and what stands for its words."""
        for route, pattern in self._patterns:
            found = pattern.fullmatch(path) if route.method == method else None
            if found:
                return route, found.groupdict()
        return None


def _pattern(path: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", path))
