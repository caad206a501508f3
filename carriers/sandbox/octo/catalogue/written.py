"""The facts and texts as they are written down: operators.json, and one file per tour under `tours/<operator>/`."""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from app.domain.tours import SellingRegion
from carriers.sandbox.octo.catalogue.model import (
    Contact,
    Exchange,
    Operator,
    ScaleStep,
    SellingCompany,
    Terms,
    Told,
)

Written = Mapping[str, Any]

_FOLDER = Path(__file__).parent
_MINOR = 100


@cache
def operators() -> Mapping[str, Operator]:
    """Who runs tours, by code."""
    return {code: _operator(code, written) for code, written in _read(_FOLDER / "operators.json").items()}


@cache
def tours(operator: str) -> tuple[Written, ...]:
    """An operator's tours in the order of their names' files."""
    return tuple(_read(path) for path in sorted((_FOLDER / "tours" / operator).glob("*.json")))


def told(written: str | Written) -> Told:
    """A text: one for everybody, or `text` with those of some regions beside it."""
    if isinstance(written, str):
        return Told(written)
    return Told(written["text"], {SellingRegion(region): text for region, text in written.items() if region != "text"})


def minor(units: int) -> int:
    """Every region's currency has a hundred minor units; prices are written in whole ones."""
    return units * _MINOR


def _read(path: Path) -> dict[str, Any]:
    written: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return written


def _operator(code: str, written: Written) -> Operator:
    return Operator(
        code=code,
        name=written["name"],
        contact=Contact(**written["contact"]),
        companies={
            SellingRegion(region): _company(region, company) for region, company in written["companies"].items()
        },
        terms={region: _terms(region, written["terms"]) for region in SellingRegion},
        capacity=written["capacity"],
        child_ages=(written["child_ages"][0], written["child_ages"][1]),
        shut_days=written["shut_days"],
        request_places=written["request_places"],
        yield_days=written["yield_days"],
    )


def _company(region: str, written: Written) -> SellingCompany:
    return SellingCompany(
        region=SellingRegion(region),
        code=written["code"],
        name=written["name"],
        contact=Contact(website=written["website"], email=written["email"], telephone=written["telephone"]),
    )


def _terms(region: SellingRegion, written: Written) -> Terms:
    return Terms(
        deposit_per_person=minor(written["deposit"][region]),
        balance_due_days=written["balance_due_days"],
        cancellation_scale=tuple(ScaleStep(days_before=days, percent=part) for days, part in written["scale"]),
        exchange=_exchange(region, written["exchange"]),
        takes_requests=written["takes_requests"],
        hold_minutes=written["hold_minutes"],
    )


def _exchange(region: SellingRegion, written: Written | None) -> Exchange | None:
    if written is None:
        return None
    return Exchange(days_before=written["days_before"], fee_per_booking=minor(written["fee"][region]))
