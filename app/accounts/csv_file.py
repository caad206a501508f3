"""A statement's lines as a table for spreadsheets and accounting: RFC 4180, in UTF-8 with a byte order mark.

The mark is for spreadsheets, which take a file without it for some local encoding and spoil names. Dates are ISO 8601,
amounts plain decimals with a point, so that the column's sum is the statement's total.
"""

import csv
from io import StringIO
from typing import Final

from app.papers.statement import Statement

_COLUMNS: Final = ("statement", "date", "booking_reference", "own_reference", "kind", "amount", "currency")
# What spreadsheets take for a formula, as it is and in its full width.
_FORMULA: Final = frozenset("=+-@＝＋－＠")  # noqa: RUF001 - these are meant
_BREAKS: Final = frozenset("\t\r\n")


def csv_file(statement: Statement) -> bytes:
    """One row for each line under a row of names.

    A reference that a spreadsheet would take for a formula has an apostrophe in front (OWASP, CSV injection).
    """
    out = StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(_COLUMNS)
    for line in statement.lines:
        words = line.reference, line.own_reference or "", line.kind
        amount = str(line.amount.amount), line.amount.currency
        writer.writerow((statement.number, line.day.isoformat(), *map(_harmless, words), *amount))
    return out.getvalue().encode("utf-8-sig")


def _harmless(text: str) -> str:
    risky = text[:1] in _BREAKS or text.lstrip()[:1] in _FORMULA
    return f"'{text}" if risky else text
