"""What every endpoint of Duffel works with besides: its ids, its times, and what a body must hold."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from app.domain.clock import Clock
from carriers.sandbox import core
from carriers.sandbox.chance import base62
from carriers.sandbox.duffel.errors import bad_request, required, wrong_format
from carriers.sandbox.duffel.facts import Facts
from carriers.sandbox.exchange import Json


class Core(core.Core[Facts]):
    """The facts and the time."""

    def __init__(self, clock: Clock, seed: str) -> None:
        super().__init__(clock, Facts())
        self.seed = seed

    def new_id(self, prefix: str) -> str:
        """A new identifier, the same in every run."""
        return f"{prefix}_0000{base62(18, self.seed, prefix, self.next_number())}"


@dataclass(slots=True, kw_only=True)
class Call(core.Call):
    """One call of an endpoint, and what a fault asks of it."""

    documents_after: timedelta = timedelta()


@dataclass(frozen=True, slots=True)
class Answer(core.Answer):
    """What an endpoint answers: the status and the envelope's content."""

    meta: Json | None = None


def stamp(moment: datetime) -> str:
    """An instant as Duffel writes it: UTC, milliseconds, Z."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def maybe_stamp(moment: datetime | None) -> str | None:
    """An instant, or null."""
    return None if moment is None else stamp(moment)


def local_stamp(moment: datetime) -> str:
    """A local time as Duffel writes it: no offset."""
    return moment.replace(tzinfo=None).isoformat(timespec="seconds")


def iso_duration(span: timedelta) -> str:
    """An ISO 8601 duration such as `PT02H26M`."""
    days, rest = divmod(int(span.total_seconds()) // 60, 24 * 60)
    hours, minutes = divmod(rest, 60)
    return f"P{days}DT{hours:02}H{minutes:02}M" if days else f"PT{hours:02}H{minutes:02}M"


def text_of(data: Json, name: str, pointer: str) -> str:
    """A required string of the body."""
    value = data.get(name)
    if value is None or value == "":
        raise required(f"{pointer}/{name}")
    if not isinstance(value, str):
        raise wrong_format(f"{pointer}/{name}", f"Field '{name}' must be a string")
    return value


def list_of(data: Json, name: str, pointer: str) -> list[Json]:
    """A required, filled list of objects of the body."""
    if not data.get(name):
        raise required(f"{pointer}/{name}")
    return maybe_list_of(data, name, pointer)


def maybe_list_of(data: Json, name: str, pointer: str) -> list[Json]:
    """A list of objects of the body; empty where there is none."""
    value = data.get(name) or []
    if not isinstance(value, list) or not all(isinstance(entry, dict) for entry in value):
        raise wrong_format(f"{pointer}/{name}", f"Field '{name}' must be a list of objects")
    return value


_ADDRESS = re.compile(r"https?://[^\s/]+\S*")


def address_of(data: Json) -> str:
    """A required web address of the body."""
    url = text_of(data, "url", "/data")
    if not _ADDRESS.fullmatch(url):
        raise wrong_format("/data/url", "Field 'url' must be a valid URL")
    return url


def body_of(document: object) -> Json:
    """The `data` of a request body."""
    if not isinstance(document, dict) or "data" not in document:
        message = "The data in the request body should be nested under the data key."
        raise bad_request("missing_data_param", "Missing data", message)
    data = document["data"]
    if not isinstance(data, dict):
        raise bad_request("invalid_data_param", "Invalid data", "The data in the request body should be a JSON object.")
    return data
