"""Everything that can be set, from `FAREGATE_*` variables or files of a secrets folder; one class, checked at start.

A secret is a `SecretStr` and never part of a repr, an error or a log. Lists and tables are JSON. A name that nobody
reads is an error, because a mistyped limit must not quietly stay at its default.
"""

import difflib
import os
from collections.abc import Iterable, Mapping
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, ClassVar, Final, Self, TypeVar
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    JsonValue,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict
from pydantic_settings.exceptions import SettingsError as UnreadableSetting

from app.domain.money import CURRENCIES
from app.domain.partner import Billing, Cycle

Model = TypeVar("Model", bound=BaseModel)

PREFIX: Final = "FAREGATE_"
# Read by the tests and campaigns, and by the loader below.
_OTHERS: Final = ("FAREGATE_TEST_", "FAREGATE_PROOF_", "FAREGATE_BENCH_")
_SECRETS_DIR: Final = "FAREGATE_SECRETS_DIR"
_DRIVERS: Final = {
    "sqlite": "sqlite+aiosqlite",
    "sqlite+aiosqlite": "sqlite+aiosqlite",
    "postgres": "postgresql+asyncpg",
    "postgresql": "postgresql+asyncpg",
    "postgresql+asyncpg": "postgresql+asyncpg",
}
_MISSING_KEYS: Final = (
    "FAREGATE_TOKEN_KEYS and FAREGATE_SEAL_KEYS must both be set in the production profile. Make them with "
    "`openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256` and `openssl rand -base64 32`, "
    "or set FAREGATE_PROFILE=development to have them made and kept in the data folder."
)


class SettingsError(Exception):
    """The gateway cannot start with these settings; one sentence for each thing to correct, values never repeated."""


class RunProfile(StrEnum):
    """Production asks for real secrets; development makes its own and shows GraphiQL and the movable clock."""

    PRODUCTION = "production"
    DEVELOPMENT = "development"


def _address(url: str) -> str:
    """An http(s) URL without user, query or final slash."""
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username or parts.query or parts.fragment:
        raise ValueError("must be an http(s) URL without user, query or fragment")
    return url.rstrip("/")


def _origin(url: str) -> str:
    """An address without a path."""
    if urlsplit(url).path:
        raise ValueError("must be an origin such as https://gateway.example, without a path")
    return url


def _currency(code: str) -> str:
    if code not in CURRENCIES:
        raise ValueError("must be an ISO 4217 currency code")
    return code


def _parts(value: Any) -> Any:  # noqa: ANN401 - whatever the environment or a test gives
    """A comma-separated text as its parts."""
    return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value


def _database(url: SecretStr) -> SecretStr:
    """The URL with the driver we use, however it was spelled."""
    scheme, colon, rest = url.get_secret_value().partition("://")
    if not colon or scheme not in _DRIVERS:
        raise ValueError("must be sqlite:///path/to/file or postgresql://user:password@host/name")
    return SecretStr(f"{_DRIVERS[scheme]}://{rest}")


def _secret(value: SecretStr) -> SecretStr:
    """A secret that anybody can guess proves nothing: a signature made with an empty one verifies."""
    if not value.get_secret_value().strip():
        raise ValueError("must not be empty; leave it out where there is none")
    return value


def _beside_data(given: dict[str, Any]) -> SecretStr:
    folder = given.get("data_dir", Path("var"))
    return SecretStr(f"sqlite+aiosqlite:///{folder / 'faregate.sqlite3'}")


Address = Annotated[str, AfterValidator(_address)]
Secret = Annotated[SecretStr, AfterValidator(_secret)]
Currency = Annotated[str, AfterValidator(_currency)]
Seconds = Annotated[float, Field(gt=0, le=31_536_000)]


class _Part(BaseModel):
    """A table inside the settings: closed, unchangeable, silent about its values."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class BillingSettings(_Part):
    """When a carrier's account is closed and its statement to be paid, in the words of `Billing`."""

    cycle: Cycle = Cycle.MONTHLY
    day: int = 1
    zone: str = "UTC"
    due_days: int = 14

    @model_validator(mode="after")
    def _exists(self) -> Self:
        self.to_domain()
        return self

    def to_domain(self) -> Billing:
        """The domain's terms; ValueError for a day or a zone there is not."""
        return Billing(cycle=self.cycle, day=self.day, zone=self.zone, due_days=self.due_days)


class _Company(_Part):
    """Another company that we have an account with. `overrides` change its family's profile; the family checks them."""

    setting: ClassVar[str]
    code: str = Field(pattern=r"^[a-z][a-z0-9-]{1,31}$")
    family: str = Field(pattern=r"^[a-z][a-z0-9_]{1,31}$")
    url: Address
    webhook_secret: Secret | None = None
    name: str | None = None
    overrides: Mapping[str, JsonValue] = Field(default_factory=dict, repr=False)

    def overridden(self, kind: type[Model]) -> Model:
        """The overrides as the family's; SettingsError."""
        try:
            return kind.model_validate(self.overrides)
        except ValidationError as error:
            wrong = ", ".join(str(problem["loc"][0]) for problem in error.errors(include_input=False))
        # Raised outside, so that no traceback carries the values along.
        raise SettingsError(f"{self.setting}: the overrides of {self.code!r} have a wrong name or value: {wrong}.")


class CarrierSettings(_Company):
    """One carrier to talk to. `billing` is how its account is settled, monthly in UTC where it is left out."""

    setting = f"{PREFIX}CARRIERS"
    token: Secret
    billing: BillingSettings = Field(default_factory=BillingSettings)


class ProviderSettings(_Company):
    """One payment provider to take cards with; the first of the settings takes new payments.

    `key` is the secret it knows us by, `public_key` what its form shows the payer's browser, where it needs one.
    """

    setting = f"{PREFIX}PAYMENT_PROVIDERS"
    key: Secret
    public_key: str | None = None


class ExchangeSettings(_Part):
    """Units of each currency for one of `base`; `margin_percent` is added to every conversion."""

    base: Currency
    rates: Mapping[Currency, Annotated[Decimal, Field(gt=0, allow_inf_nan=False)]]
    margin_percent: Annotated[Decimal, Field(ge=0, lt=100, allow_inf_nan=False)] = Decimal(0)
    valid_seconds: Seconds = 900

    def rate(self, source: str, target: str) -> Decimal | None:
        """Units of `target` for one of `source` before the margin; None when one of them has no rate."""
        table = {**self.rates, self.base: Decimal(1)}
        if source not in table or target not in table:
            return None
        return table[target] / table[source]


class IdentitySettings(_Part):
    """An identity provider whose tokens authenticate partners; `partner_claim` holds the partner's id."""

    issuer: str
    jwks_url: Address
    audience: str
    types: tuple[str, ...] = ("at+jwt", "JWT")
    partner_claim: str = "sub"
    scope_claim: str = "scope"


class Settings(BaseSettings):
    """The settings of one process. Times are seconds.

    `token_keys` are ES256 private keys in PEM and `seal_keys` 32 bytes in base64, comma-separated; the first of each
    is active, the others still verify. `search_deadline_seconds` bounds a search, `mutation_wait_seconds` how long a
    mutation waits for its operation, `read_timeout_seconds` one reading call to a carrier. What operators tell of their
    tours is kept for `tours_cache_seconds`. `pay_margin_seconds` is kept between a carrier's payment limit and ours. A
    card form takes cards for `payment_session_seconds`, and less where the booking has to be paid sooner.
    `selling_company` is our code in what partners' backends are told, and who issues statements. Links to tickets and
    statements open for `ticket_url_seconds`. Our records are compared with
    carriers' and payment providers' every `reconcile_seconds`, those of the `reconciled_days` before from their lists.
    """

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, extra="forbid", frozen=True, hide_input_in_errors=True, env_ignore_empty=True
    )

    profile: RunProfile = RunProfile.PRODUCTION
    data_dir: Path = Path("var")
    database_url: Annotated[SecretStr, AfterValidator(_database)] = Field(default_factory=_beside_data)
    public_url: Annotated[Address, AfterValidator(_origin)] = "http://127.0.0.1:8000"

    token_keys: SecretStr | None = None
    seal_keys: Annotated[tuple[SecretStr, ...], NoDecode, BeforeValidator(_parts)] = ()
    identity_provider: IdentitySettings | None = None

    carriers: tuple[CarrierSettings, ...] = ()
    exchange: ExchangeSettings | None = None
    payment_providers: tuple[ProviderSettings, ...] = ()
    selling_company: str = "FAREGATE"

    search_deadline_seconds: Seconds = 10
    search_cache_seconds: Seconds = 120
    tours_cache_seconds: Seconds = 600
    mutation_wait_seconds: Seconds = 25
    read_timeout_seconds: Seconds = 15
    pay_margin_seconds: Annotated[float, Field(ge=0, le=86_400)] = 900
    token_lifetime_seconds: Seconds = 86_400
    ticket_url_seconds: Seconds = 900
    payment_session_seconds: Seconds = 1_800
    reconcile_seconds: Seconds = 900
    reconciled_days: Annotated[int, Field(ge=1, le=90)] = 7
    connections_per_host: Annotated[int, Field(ge=1, le=1_000)] = 20

    @property
    def development(self) -> bool:
        """Whether this is somebody's own machine."""
        return self.profile is RunProfile.DEVELOPMENT

    @property
    def keys_dir(self) -> Path:
        """Where the development profile keeps the keys it made."""
        return self.data_dir / "keys"

    @field_validator("carriers", "payment_providers")
    @classmethod
    def _named_once(cls, companies: tuple[Any, ...]) -> tuple[Any, ...]:
        codes = [company.code for company in companies]
        if len(set(codes)) != len(codes):
            raise ValueError("each needs a code of its own")
        return companies

    @model_validator(mode="after")
    def _has_keys(self) -> Self:
        given = bool(self.token_keys), bool(self.seal_keys)
        if given != (True, True) and not (self.development and given == (False, False)):
            raise ValueError(_MISSING_KEYS)
        return self


def load_settings() -> Settings:
    """The settings of this process's environment; SettingsError says in sentences what to correct."""
    unknown = list(_unknown(os.environ))
    if unknown:
        raise SettingsError("\n".join(unknown))
    try:
        # pydantic-settings reads the files of this folder as it reads variables.
        return Settings(_secrets_dir=os.environ.get(_SECRETS_DIR))
    except ValidationError as error:
        problems = [_sentence(problem["loc"], problem["msg"]) for problem in error.errors(include_input=False)]
    except UnreadableSetting as error:
        problems = [f"A setting cannot be read as JSON: {error}."]
    # Raised outside, so that no traceback carries the values along.
    raise SettingsError("\n".join(problems))


def _unknown(names: Iterable[str]) -> Iterable[str]:
    """A sentence for each name that looks like a setting and is none."""
    known = [f"{PREFIX}{field.upper()}" for field in Settings.model_fields] + [_SECRETS_DIR]
    for name in sorted(names):
        if name.upper().startswith(PREFIX) and not name.startswith(_OTHERS) and name.upper() not in known:
            close = difflib.get_close_matches(name.upper(), known, n=1, cutoff=0)
            yield f"{name} is no setting of Faregate; did you mean {close[0]}?"


def _sentence(where: tuple[int | str, ...], message: str) -> str:
    """Which variable, where inside it, and what is wrong."""
    problem = message.removeprefix("Value error, ")
    if not where:
        return problem
    inside = f" at {'.'.join(str(part) for part in where[1:])}" if where[1:] else ""
    return f"{PREFIX}{str(where[0]).upper()}{inside}: {problem}."
