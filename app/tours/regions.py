"""Where a partner sells tours: in the regions it was given, and in the first of them unless it says otherwise."""

from app.domain.errors import Access, AccessCode
from app.domain.partner import Partner
from app.domain.refusals import InvalidInput
from app.domain.tours import SellingRegion

_NONE = "This partner sells no tours: it was given no selling region. Whoever runs the gateway can give it some."


def region_of(partner: Partner, asked: SellingRegion | None, path: tuple[str, ...] = ("region",)) -> SellingRegion:
    """The region asked for, or the partner's own; Access for a partner without any, InvalidInput for another's."""
    if not partner.regions:
        raise Access(AccessCode.FORBIDDEN, _NONE)
    if asked is None:
        return partner.regions[0]
    if asked not in partner.regions:
        given = ", ".join(partner.regions)
        raise InvalidInput(message=f"This partner does not sell tours in {asked}, only in: {given}.", path=path)
    return asked
