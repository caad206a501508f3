"""British spelling made American, word by word. Words with a capital stay: Sydney Harbour is a name."""

import re
from functools import lru_cache

_WORDS = dict(
    pair.split(":")
    for pair in """
    aeroplane:airplane artefact:artifact artefacts:artifacts armour:armor centre:center centres:centers
    colour:color coloured:colored colourful:colorful colours:colors cosy:cozy defence:defense favour:favor
    favourite:favorite favourites:favorites fibre:fiber flavour:flavor flavours:flavors grey:gray harbour:harbor
    harbours:harbors honour:honor honours:honors jewellery:jewelry kilometre:kilometer kilometres:kilometers
    litre:liter litres:liters marvellous:marvelous metre:meter metres:meters mould:mold neighbour:neighbor
    neighbourhood:neighborhood neighbourhoods:neighborhoods neighbours:neighbors organised:organized plough:plow
    programme:program realise:realize recognise:recognize savour:savor storey:story storeys:stories
    theatre:theater theatres:theaters traveller:traveler travellers:travelers travelling:traveling tyre:tire
    unrivalled:unrivaled vapour:vapor woollen:woolen woollens:woolens
    """.split()
)
_ANY = re.compile(r"\b(" + "|".join(_WORDS) + r")\b")


@lru_cache(maxsize=4096)
def american(text: str) -> str:
    """The text as it is spelled in the United States."""
    return _ANY.sub(lambda found: _WORDS[found[0]], text)
