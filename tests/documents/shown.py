"""What documents show: their operations, with the answers below them."""

import json
import re
from itertools import pairwise
from pathlib import Path

ROOT = Path(__file__).parents[2]
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(document):
    return _BLOCK.findall((ROOT / document).read_text())


def operations(document):
    """Each operation with the answer shown below it, if one is."""
    for (kind, text), (next_kind, answer) in pairwise([*blocks(document), ("", "")]):
        if kind == "graphql":
            yield text, json.loads(answer)["data"] if next_kind == "json" else None


def found(answer, path):
    try:
        for step in path:
            answer = answer[step]
    except (KeyError, IndexError, TypeError):
        return None
    return answer


def same_shape(shown, real):
    """Whether the same names and kinds stand in both; lists are cut in documents, so their first entries count.

    Another day may leave out what may be null.
    """
    match shown, real:
        case dict(), dict():
            return shown.keys() == real.keys() and all(same_shape(shown[name], real[name]) for name in shown)
        case list(), list():
            return bool(shown) == bool(real) and all(same_shape(*pair) for pair in zip(shown, real, strict=False))
    return None in (shown, real) or type(shown) is type(real)
