"""Facts as one reads them on paper: money, dates, durations, conditions and baggage in English."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final

from babel.dates import format_date, format_datetime
from babel.lists import format_list
from babel.numbers import format_decimal

from app.domain.booking import TicketStatus
from app.domain.money import Money, exponent
from app.papers.receipt import Baggage, Condition, MoreBags, Receipt, Stop

_LOCALE: Final = "en_GB"
_STATUS: Final = {
    TicketStatus.VALID: "Valid for travel",
    TicketStatus.USED: "Used",
    TicketStatus.REFUNDED: "Refunded, not valid",
    TicketStatus.EXCHANGED: "Exchanged, not valid",
    TicketStatus.VOID: "Void, not valid",
}
_NBSP: Final = "\N{NO-BREAK SPACE}"


def money(amount: Money) -> str:
    """The amount with its currency code and the decimals ISO 4217 gives it."""
    return f"{amount.currency}{_NBSP}{figures(amount)}"


def figures(amount: Money) -> str:
    """The amount without its currency, for a column that names it once; a minus as wide as a digit.

    CLDR's own digits would round dinars and forints to whole units, so the pattern is spelled out.
    """
    decimals = exponent(amount.currency)
    pattern = "#,##0" + ("." + "0" * decimals if decimals else "")
    return format_decimal(amount.amount, pattern, locale=_LOCALE).replace("-", "\N{MINUS SIGN}")


def short_date(day: date) -> str:
    """The day, such as "Thu 12 Mar 2026"."""
    return format_date(day, "EEE d MMM y", locale=_LOCALE)


def plain_date(day: date) -> str:
    """The day without its weekday, such as "12 Mar 2026"."""
    return format_date(day, "d MMM y", locale=_LOCALE)


def clock_time(at: datetime) -> str:
    """The local time on a 24-hour clock."""
    return format_datetime(at.replace(tzinfo=None), "HH:mm", locale=_LOCALE)


def utc_offset(at: datetime) -> str:
    """How local time stands to UTC, such as "UTC+05:30"."""
    return f"UTC{at.isoformat()[-6:]}"


def span(length: timedelta) -> str:
    """A length of time in hours and minutes, such as "7 h 05"."""
    hours, minutes = divmod(int(length.total_seconds()) // 60, 60)
    if not hours:
        return f"{minutes}{_NBSP}min"
    return f"{hours}{_NBSP}h{_NBSP}{minutes:02}{_NBSP}min"


def days_later(origin: Stop, destination: Stop) -> str:
    """Marks an arrival on another local day, such as "+1 day"; "-1 day" is possible over the date line."""
    days = (destination.at.date() - origin.at.date()).days
    return f"{days:+d} day{'' if abs(days) == 1 else 's'}" if days else ""


def connection(arriving: Stop, leaving: Stop) -> str:
    """The wait between two flights of one journey, and the change of airport where there is one."""
    wait = span(leaving.at - arriving.at)
    if arriving.iata == leaving.iata:
        return f"{wait} in {arriving.city}"
    return f"{wait} to change airport in {arriving.city}, from {arriving.iata} to {leaving.iata}"


def status(current: TicketStatus) -> str:
    """What the status means for the one who holds the ticket."""
    return _STATUS[current]


def kind(code: str) -> str:
    """The code of a kind in words, such as "Credit note"."""
    return code.replace("_", " ").capitalize()


def line_count(lines: int) -> str:
    """How many lines of a statement."""
    return f"{lines}{_NBSP}line{'' if lines == 1 else 's'}"


def changes(flights: int) -> str:
    """How often one changes planes on a journey of so many flights."""
    match flights:
        case 1:
            return "direct"
        case 2:
            return "1 change"
        case _:
            return f"{flights - 1} changes"


def baggage(allowance: Baggage) -> str:
    """What may be brought, said even when it is nothing; points to the carrier where nothing is known."""
    known = [_checked(allowance), _bags(allowance.carry_on, "cabin bag")]
    return ", ".join(part for part in known if part) or "as the airline states"


def more_bags(bought: MoreBags) -> str:
    """What may be brought besides, such as "plus 2 checked bags (23 kg each)"."""
    said = _bags(bought.pieces, "checked bag" if bought.checked else "cabin bag")
    return f"plus {said}{_weight(bought.pieces, bought.kg)}"


def _weight(pieces: int, kg: Decimal | int | None) -> str:
    each = " each" if pieces > 1 else ""
    return f" ({format_decimal(kg, locale=_LOCALE)}{_NBSP}kg{each})" if kg else ""


def _checked(allowance: Baggage) -> str:
    said = _bags(allowance.checked, "checked bag")
    return said + _weight(allowance.checked, allowance.checked_kg) if allowance.checked else said


def _bags(count: int | None, name: str) -> str:
    if count is None:
        return ""
    return f"{count or 'no'}{_NBSP}{name}{'' if count == 1 else 's'}"


def condition(rule: Condition, act: str) -> str:
    """The rule as a sentence about the act ("Refund", "Change")."""
    if rule.allowed is None:
        return f"{act} before departure: the airline has not stated its rule. Ask before you rely on it."
    if not rule.allowed:
        return f"{act} before departure: not allowed."
    if rule.fee is None:
        return f"{act} before departure: allowed; the airline sets the fee when you ask."
    if not rule.fee:
        return f"{act} before departure: allowed, free of charge."
    return f"{act} before departure: allowed, for a fee of {money(rule.fee)}."


def carriers(receipt: Receipt) -> str:
    """Every airline that flies or sells a flight of this ticket, once, in the order flown."""
    names = (name for segment in receipt.segments for name in (segment.marketing_carrier, segment.operating_carrier))
    return format_list(list(dict.fromkeys(names)), locale=_LOCALE)
