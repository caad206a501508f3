"""Links that open in any browser: the address is the proof, so it says nothing and expires where it must."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from app.domain.clock import Clock
from app.signing.digest import Digester
from app.signing.errors import SealBroken
from app.signing.sealing import Sealer

_PDF: Final = "ticket-pdf"
_VERIFY: Final = "ticket-verify"
_OUTCOME: Final = "payment-outcome"
_FORM: Final = "payment-form"
_STATEMENT: Final = "statement"


@dataclass(frozen=True, kw_only=True, slots=True)
class TicketLink:
    """What a link opens: one ticket, for the partner it was given to."""

    ticket_id: str
    partner_id: str


class TicketLinks:
    """Makes the links under the gateway's public address, and opens their tokens; PDF links are `valid` so long."""

    def __init__(self, sealer: Sealer, clock: Clock, public_url: str, *, valid: timedelta) -> None:
        self._sealer = sealer
        self._clock = clock
        self._public_url = public_url.rstrip("/")
        self._valid = valid

    def pdf(self, ticket_id: str, partner_id: str) -> str:
        """Where the ticket's PDF can be opened as long as PDF links are valid."""
        expires_at = self._clock.now() + self._valid
        token = self._sealer.seal(_PDF, {"ticket": ticket_id, "partner": partner_id}, {}, expires_at)
        return f"{self._public_url}/tickets/{token}.pdf"

    def verification(self, ticket_id: str, partner_id: str) -> str:
        """Where anyone holding the ticket can see whether it is valid; it does not expire, since it is printed."""
        token = self._sealer.seal(_VERIFY, {"ticket": ticket_id, "partner": partner_id}, {})
        return f"{self._public_url}/verify/{token}"

    def open_pdf(self, token: str) -> TicketLink:
        """The ticket of a PDF link's token, without `.pdf`; SealBroken or SealExpired."""
        return self._opened(token, _PDF)

    def open_verification(self, token: str) -> TicketLink:
        """The ticket of a verification link's token; SealBroken."""
        return self._opened(token, _VERIFY)

    def _opened(self, token: str, purpose: str) -> TicketLink:
        facts = self._sealer.unseal(token, purpose, {}, self._clock.now())
        if not facts.keys() >= {"ticket", "partner"}:
            raise SealBroken("names no ticket")
        return TicketLink(ticket_id=facts["ticket"], partner_id=facts["partner"])


@dataclass(frozen=True, kw_only=True, slots=True)
class PaymentLink:
    """What an outcome link opens: one payment, for the partner whose booking it pays."""

    payment_id: str
    partner_id: str


class PaymentLinks:
    """Where a card form asks how its payment went: the address is the proof, and it ends with `valid`."""

    def __init__(self, sealer: Sealer, clock: Clock, public_url: str, *, valid: timedelta = timedelta(days=1)) -> None:
        self._sealer = sealer
        self._clock = clock
        self._public_url = public_url.rstrip("/")
        self._valid = valid

    def outcome(self, payment_id: str, partner_id: str) -> str:
        """Where the payment's outcome can be read."""
        facts = {"payment": payment_id, "partner": partner_id}
        return f"{self._public_url}/payments/outcomes/{self._sealer.seal(_OUTCOME, facts, {}, self._expiry())}"

    def open_outcome(self, token: str) -> PaymentLink:
        """The payment of an outcome link's token; SealBroken or SealExpired."""
        facts = self._sealer.unseal(token, _OUTCOME, {}, self._clock.now())
        if not facts.keys() >= {"payment", "partner"}:
            raise SealBroken("names no payment")
        return PaymentLink(payment_id=facts["payment"], partner_id=facts["partner"])

    def _expiry(self) -> datetime:
        return self._clock.now() + self._valid


@dataclass(frozen=True, kw_only=True, slots=True)
class FormLink:
    """What a form's link opens: one charge at one provider."""

    provider: str
    charge: str


class FormLinks:
    """Where a payer gives a card, for providers whose form is a page of ours: one charge, one address for ever.

    The address proves by a digest that we made it. It does not expire: when a form takes no card any more, its charge
    says so.
    """

    def __init__(self, digester: Digester, public_url: str) -> None:
        self._digester = digester
        self._public_url = public_url.rstrip("/")

    def form(self, provider: str, charge: str) -> str:
        """The address of the charge's form."""
        proof = self._digester.digest([_FORM, provider, charge]).replace(":", "-")
        return f"{self._public_url}/payments/stripe/forms/{provider}.{charge}.{proof}"

    def open_form(self, token: str) -> FormLink:
        """The charge of a form link's token; SealBroken."""
        provider, _, rest = token.partition(".")
        charge, _, proof = rest.rpartition(".")
        if not self._digester.matches([_FORM, provider, charge], proof.replace("-", ":")):
            raise SealBroken("not a form of ours")
        return FormLink(provider=provider, charge=charge)


@dataclass(frozen=True, kw_only=True, slots=True)
class StatementLink:
    """What a statement's link opens: one statement, for the partner it was given to; None is the operator."""

    statement_id: str
    partner_id: str | None


class StatementLinks:
    """Where a statement can be opened as PDF and as CSV, as long as `valid`."""

    def __init__(self, sealer: Sealer, clock: Clock, public_url: str, *, valid: timedelta) -> None:
        self._sealer = sealer
        self._clock = clock
        self._public_url = public_url.rstrip("/")
        self._valid = valid

    def pdf(self, statement_id: str, partner_id: str | None) -> str:
        """Where the statement can be opened on paper."""
        return f"{self._address(statement_id, partner_id)}.pdf"

    def csv(self, statement_id: str, partner_id: str | None) -> str:
        """Where the statement's lines can be opened as a table."""
        return f"{self._address(statement_id, partner_id)}.csv"

    def open(self, token: str) -> StatementLink:
        """The statement of a link's token, without `.pdf` or `.csv`; SealBroken or SealExpired."""
        facts = self._sealer.unseal(token, _STATEMENT, {}, self._clock.now())
        if not facts.keys() >= {"statement", "partner"}:
            raise SealBroken("names no statement")
        return StatementLink(statement_id=facts["statement"], partner_id=facts["partner"])

    def _address(self, statement_id: str, partner_id: str | None) -> str:
        facts = {"statement": statement_id, "partner": partner_id}
        token = self._sealer.seal(_STATEMENT, facts, {}, self._clock.now() + self._valid)
        return f"{self._public_url}/statements/{token}"
