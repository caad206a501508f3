"""When a host may be asked again, by what it said itself (RFC 9110 Retry-After; `ratelimit-*` headers)."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final

from app.wire.messages import Response

TOO_MANY: Final = 429
UNAVAILABLE: Final = 503
# Whoever says "at once" and refuses again must not be asked in a tight loop.
_SHORTEST: Final = timedelta(milliseconds=100)
_LONGEST: Final = timedelta(hours=1)
# A reset above this is an instant since 1970 and not a number of seconds from now.
_EPOCH: Final = 1_000_000_000
# What a 429 without any time is taken to mean.
_UNSAID: Final = timedelta(seconds=1)


def pause(response: Response, now: datetime) -> timedelta | None:
    """How long this answer asks us to leave the host alone; None when it does not."""
    headers = response.headers
    refused = response.status in {TOO_MANY, UNAVAILABLE}
    used_up = headers.get("ratelimit-remaining", "").strip() == "0"
    said = _wait(headers.get("retry-after"), headers, now) if refused else None
    if said is None and (refused or used_up):
        said = _wait(headers.get("ratelimit-reset"), headers, now)
    if refused and said is not None:
        return max(said, _SHORTEST)
    return _UNSAID if response.status == TOO_MANY else said


def _wait(value: str | None, headers: Mapping[str, str], now: datetime) -> timedelta | None:
    """A delay written as seconds, as seconds since 1970 or as a date, bounded."""
    if value is None:
        return None
    until = _instant(value)
    if until is not None:
        # Against the sender's own clock where it shows it: ours may differ.
        return _bounded(until - (_instant(headers.get("date", "")) or now))
    return _bounded(timedelta(seconds=int(value))) if _is_number(value) else None


def _instant(value: str) -> datetime | None:
    if _is_number(value):
        return datetime.fromtimestamp(int(value), UTC) if int(value) > _EPOCH else None
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _is_number(value: str) -> bool:
    return value.isascii() and value.isdigit() and len(value) <= len(str(_EPOCH)) + 1


def _bounded(delay: timedelta) -> timedelta:
    return max(timedelta(), min(delay, _LONGEST))
