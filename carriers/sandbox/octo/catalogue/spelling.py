"""British spelling made American, word by word. Words with a capital stay: Sydney Harbour is a name."""

import re
from functools import lru_cache

_WORDS = dict(
    pair.split(":")
    for pair in """
    amphitheatre:amphitheater apologise:apologize centre:center centres:centers colour:color coloured:colored
    colourful:colorful colours:colors favourite:favorite favourites:favorites flavour:flavor flavours:flavors
    grey:gray harbour:harbor harbours:harbors honour:honor kilometre:kilometer kilometres:kilometers litre:liter
    litres:liters metre:meter metres:meters neighbour:neighbor neighbours:neighbors ochre:ocher practise:practice
    snorkelling:snorkeling storey:story storeys:stories theatre:theater theatres:theaters traveller:traveler
    travellers:travelers travelling:traveling
    """.split()
)
_ANY = re.compile(r"\b(" + "|".join(_WORDS) + r")\b")


@lru_cache(maxsize=4096)
def american(text: str) -> str:
    """The text as it is spelled in the United States."""
    return _ANY.sub(lambda found: _WORDS[found[0]], text)
