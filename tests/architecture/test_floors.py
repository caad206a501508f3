"""Every module stands on exactly one floor; import-linter ignores what it does not list, so this lists it."""

import pkgutil
import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("app", "carriers", "resolvers", "schema")
# These hold no code of their own: namespaces for the floors inside them.
NAMESPACES = {"app", "app.payments", "carriers"}
# Apart from the floors, held by contracts of its own.
APART = ("carriers.sandbox",)


def floors() -> list[str]:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    layers = next(contract["layers"] for contract in contracts if contract["type"] == "layers")
    return [module.strip() for layer in layers for module in re.split(r"[|:]", layer)]


def modules() -> list[str]:
    found = [
        module.name
        for package in PACKAGES
        for module in pkgutil.walk_packages([str(ROOT / package)], prefix=f"{package}.")
    ]
    return [*PACKAGES, *found]


def homes(module: str) -> list[str]:
    return [floor for floor in (*floors(), *APART) if module == floor or module.startswith(f"{floor}.")]


@pytest.mark.parametrize("module", sorted(set(modules()) - NAMESPACES))
def test_every_module_stands_on_exactly_one_floor(module):
    assert len(homes(module)) == 1, f"{module} stands on {homes(module) or 'no floor'}: add it to pyproject.toml"


def test_package_files_are_empty():
    written = [
        str(path.relative_to(ROOT))
        for package in PACKAGES
        for path in (ROOT / package).rglob("__init__.py")
        if path.read_text().strip() and path != ROOT / "schema" / "__init__.py"
    ]
    assert written == []
