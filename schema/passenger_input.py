"""Passengers as clients name them."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import strawberry

from app.booking.passengers import Passenger
from app.domain import travellers as domain
from app.domain.refusals import InvalidInput
from app.domain.travellers import Assistance, DocumentKind, Gender, Title
from schema.scalars import CountryCode

_PATH = ("input", "changes")
_EMPTY: dict[str, Any] = {"loyalty": (), "assistance": (), "document": None, "gender": None}


@strawberry.input(description="An identity document.")
class IdentityDocumentInput:
    """`IdentityDocument` of the domain."""

    kind: DocumentKind = strawberry.field(description="What kind it is.")
    number: str = strawberry.field(description="Its number; kept encrypted, and never shown in full again.")
    issuing_country: CountryCode = strawberry.field(description="The country that issued it.")
    expires_on: date | None = strawberry.field(default=None, description="The last day it is valid, where it has one.")

    def to_domain(self) -> domain.IdentityDocument:
        """The domain's document."""
        return domain.IdentityDocument(
            kind=self.kind,
            number=self.number.strip(),
            issuing_country=self.issuing_country,
            expires_on=self.expires_on,
        )


@strawberry.input(description="A frequent flyer account.")
class LoyaltyAccountInput:
    """`LoyaltyAccount` of the domain."""

    airline: str = strawberry.field(description="The airline's IATA code, such as AF.")
    number: str = strawberry.field(description="The number of the account.")

    def to_domain(self) -> domain.LoyaltyAccount:
        """The domain's account."""
        return domain.LoyaltyAccount(airline=self.airline.strip().upper(), number=self.number.strip())


@strawberry.input(description="Somebody who will travel.")
class PassengerInput:
    """`Passenger` of the verbs."""

    title: Title = strawberry.field(description="How to address the passenger.")
    given_name: str = strawberry.field(description="Given names, as in the travel document.")
    family_name: str = strawberry.field(description="Family name, as in the travel document.")
    born_on: date = strawberry.field(description="Date of birth.")
    gender: Gender | None = strawberry.field(
        default=None, description="Gender, as in the travel document; needed only where the title does not tell it."
    )
    email: str = strawberry.field(description="E-mail address, for the carrier's notices.")
    phone: str = strawberry.field(description="Telephone number in E.164 form, such as +442080160508.")
    loyalty: list[LoyaltyAccountInput] | None = strawberry.field(default=None, description="Frequent flyer accounts.")
    assistance: list[Assistance] | None = strawberry.field(default=None, description="Special assistance.")
    document: IdentityDocumentInput | None = strawberry.field(
        default=None, description="Identity document, where the carrier asks for one."
    )

    def to_domain(self) -> Passenger:
        """The verbs' passenger."""
        return Passenger(
            title=self.title,
            given_name=self.given_name,
            family_name=self.family_name,
            born_on=self.born_on,
            gender=self.gender,
            email=self.email,
            phone=self.phone,
            loyalty=tuple(account.to_domain() for account in self.loyalty or ()),
            assistance=tuple(self.assistance or ()),
            document=self.document.to_domain() if self.document else None,
        )


@strawberry.input(description="What to correct about a passenger; what is left out stays as it is.")
class PassengerChanges:
    """Some fields of `Passenger`."""

    title: Title | None = strawberry.field(default=strawberry.UNSET, description="How to address the passenger.")
    given_name: str | None = strawberry.field(default=strawberry.UNSET, description="Given names.")
    family_name: str | None = strawberry.field(default=strawberry.UNSET, description="Family name.")
    born_on: date | None = strawberry.field(default=strawberry.UNSET, description="Date of birth.")
    gender: Gender | None = strawberry.field(
        default=strawberry.UNSET, description="Gender; null for the one the title tells."
    )
    email: str | None = strawberry.field(default=strawberry.UNSET, description="E-mail address.")
    phone: str | None = strawberry.field(default=strawberry.UNSET, description="Telephone number in E.164 form.")
    loyalty: list[LoyaltyAccountInput] | None = strawberry.field(
        default=strawberry.UNSET, description="All frequent flyer accounts; null for none."
    )
    assistance: list[Assistance] | None = strawberry.field(
        default=strawberry.UNSET, description="All special assistance; null for none."
    )
    document: IdentityDocumentInput | None = strawberry.field(
        default=strawberry.UNSET, description="Identity document; null for none."
    )

    def to_domain(self) -> dict[str, Any]:
        """The changes by the names of the passenger's fields; InvalidInput when there are none or one cannot be."""
        changes = dict(self._changes())
        if not changes:
            raise InvalidInput(message="Say what to change.", path=_PATH)
        return changes

    def _changes(self) -> Iterator[tuple[str, Any]]:
        for name, value in vars(self).items():
            if value is strawberry.UNSET:
                continue
            if value is None and name not in _EMPTY:
                raise InvalidInput(message="This cannot be removed, only corrected.", path=(*_PATH, _written(name)))
            yield name, _EMPTY[name] if value is None else _domain(value)


def _domain(value: Any) -> Any:  # noqa: ANN401 - any field's value
    match value:
        case list():
            return tuple(map(_domain, value))
        case IdentityDocumentInput() | LoyaltyAccountInput():
            return value.to_domain()
        case _:
            return value


def _written(name: str) -> str:
    """The field as clients write it."""
    first, *others = name.split("_")
    return first + "".join(map(str.title, others))
