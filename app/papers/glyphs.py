"""The characters the embedded fonts can draw, and how everything else is spelled.

ReportLab draws a blank for a character without a glyph and says nothing. Travel documents spell such names in
Latin letters (ICAO Doc 9303 part 3, section 6), and so do we, for every word printed on a ticket.
"""

import re
import unicodedata
from functools import cache
from pathlib import Path
from typing import Final

import fontpkg_fira_sans
import fontpkg_ibm_plex_sans
from anyascii import anyascii
from reportlab.pdfbase.ttfonts import TTFont

FONTS: Final = fontpkg_fira_sans.ROOT / "files"
# Fira's digits differ in width and ReportLab has no OpenType features; Plex's are equally wide by themselves.
FIGURES: Final = fontpkg_ibm_plex_sans.ROOT / "files"
FACES: Final = ("FiraSans-Light.ttf", "FiraSans-Regular.ttf", "FiraSans-SemiBold.ttf")

_UNSPELLABLE: Final = "?"
# Signs that scholars write for Semitic consonants; a passport leaves them out.
_SIGNS: Final = str.maketrans("", "", "`'")


@cache
def drawable() -> frozenset[int]:
    """The code points every face we embed has a glyph for."""
    faces = (_code_points(FONTS / face) for face in FACES)
    return frozenset.intersection(*faces)


def spelled(text: str) -> str:
    """The text in characters that can be drawn; a letter that cannot be spelled leaves a question mark.

    Characters without a picture of their own (controls, text direction, joiners) are left out: they could
    only disguise what a name says.
    """
    composed = unicodedata.normalize("NFC", text)
    return re.sub(r"\S+", _word, "".join(map(_visible, composed)))


def _visible(character: str) -> str:
    if character.isspace():
        return character if character == "\N{NO-BREAK SPACE}" else " "
    return "" if unicodedata.category(character) in {"Cc", "Cf"} else character


def _word(match: re.Match[str]) -> str:
    word = match[0]
    if drawable().issuperset(map(ord, word)):
        return word
    latin = "".join(map(_drawn, word)).translate(_SIGNS)
    return latin[:1].upper() + latin[1:] or _UNSPELLABLE


def _drawn(character: str) -> str:
    if ord(character) in drawable():
        return character
    mark = unicodedata.category(character).startswith("M")
    return anyascii(character) or ("" if mark else _UNSPELLABLE)


def _code_points(path: Path) -> frozenset[int]:
    return frozenset(TTFont(path.stem, str(path)).face.charToGlyph)
