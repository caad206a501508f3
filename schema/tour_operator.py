"""Tour operators."""

from typing import Annotated, Self

import strawberry

from app.domain import tours as domain
from app.domain.tours import SellingRegion
from resolvers.tours import companies, operators
from schema.fields import Info, answered
from schema.selling import SellingCompany


@strawberry.type(description="A company that runs tours.")
class Operator:
    """`Operator` of the domain."""

    code: strawberry.ID = strawberry.field(description="Its code, which is that of a carrier.")
    name: str = strawberry.field(description="Its name.")
    coming_soon: bool = strawberry.field(description="Whether it is listed, and sells nothing here yet.")
    bookable: bool = strawberry.field(description="Whether its tours can be found and booked.")

    @answered
    async def selling_companies(
        self,
        info: Info,
        region: Annotated[
            SellingRegion | None, strawberry.argument(description="In this region; in every one when left out.")
        ] = None,
    ) -> list[SellingCompany] | None:
        """Who sells its tours, by region; null, with an error that says so, while the operator does not answer."""
        return [SellingCompany.of(company) for company in await companies(info.context, self.code, region)]

    @classmethod
    def of(cls, operator: domain.Operator) -> Self:
        """The domain's operator."""
        return cls(
            code=strawberry.ID(operator.code),
            name=operator.name,
            coming_soon=operator.coming_soon,
            bookable=not operator.coming_soon,
        )


@strawberry.type
class OperatorQueries:
    """Fields of `Query` about operators."""

    @answered
    def operators(self, info: Info) -> list[Operator]:
        """Every tour operator, those that are coming soon included; needs the scope `search`."""
        return [Operator.of(operator) for operator in operators(info.context)]
