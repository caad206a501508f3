"""Small files and small functions: what does not fit on a screen is not read."""

import ast
from pathlib import Path
from statistics import median, quantiles

ROOT = Path(__file__).parents[2]
PACKAGES = ("app", "carriers", "resolvers", "schema")
LONGEST_FILE = 400
TYPICAL_FILE = 120
LONG_FUNCTION = 30
TYPICAL_FUNCTION = 8
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def sources():
    found = [path for package in PACKAGES for path in (ROOT / package).rglob("*.py")]
    return [path for path in found if "migrations" not in path.parts and path.name != "__init__.py"]


def lengths():
    trees = [ast.parse(path.read_text()) for path in sources()]
    return [
        node.end_lineno - node.lineno + 1 for tree in trees for node in ast.walk(tree) if isinstance(node, FUNCTIONS)
    ]


def test_files_are_small():
    lines = {str(path.relative_to(ROOT)): len(path.read_text().splitlines()) for path in sources()}
    assert {path: count for path, count in lines.items() if count > LONGEST_FILE} == {}
    assert median(lines.values()) <= TYPICAL_FILE


def test_functions_are_small():
    found = lengths()
    assert len(found) > 500
    assert median(found) <= TYPICAL_FUNCTION
    assert quantiles(found, n=20)[-1] <= LONG_FUNCTION
