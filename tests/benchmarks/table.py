"""Measurements, shown as ratios against a named one: machines differ, ratios much less."""

import statistics
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field


@dataclass
class Table:
    """Rows of one unit; the first is what the others are compared with."""

    title: str
    unit: str
    rows: list[tuple[str, float]] = field(default_factory=list)

    def add(self, name: str, value: float) -> None:
        self.rows.append((name, value))

    def show(self, capsys) -> None:
        """Print it past pytest's capture."""
        (against, base), *_ = self.rows
        lines = [f"\n{self.title}  (ratios against: {against})"]
        lines += [f"  {name:<58} {value:>9.1f} {self.unit:<12} {value / base:>6.2f}" for name, value in self.rows]
        with capsys.disabled():
            print("\n".join(lines))  # noqa: T201 - a measurement is there to be read


async def milliseconds(work: Awaitable[object]) -> float:
    """How long it takes."""
    started = time.perf_counter()
    await work
    return (time.perf_counter() - started) * 1000


async def median(times: int, work: Callable[[int], Awaitable[object]]) -> float:
    """The median milliseconds of so many runs; each is told its number."""
    return statistics.median([await milliseconds(work(number)) for number in range(times)])
