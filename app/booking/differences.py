"""What our records and another's can disagree on."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from app.store.aftersales_tables import DiscrepancyKind


@dataclass(frozen=True, kw_only=True, slots=True)
class Subject:
    """What of ours a difference is about: all None where it is about nothing of ours."""

    partner: str | None = None
    booking: str | None = None
    item: str | None = None
    payment: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Difference:
    """What two records disagree on. `source` is whose record it is besides ours, `ref` its id there.

    `ours` and `theirs` are states and amounts by name, empty where a side has no record. They hold no times, so that
    the same difference found again looks the same. One that is `safe` can be repaired by giving it back.
    """

    kind: DiscrepancyKind
    source: str
    ref: str
    about: Subject = field(default_factory=Subject)
    ours: Mapping[str, object] = field(default_factory=dict)
    theirs: Mapping[str, object] = field(default_factory=dict)
    safe: bool = False
