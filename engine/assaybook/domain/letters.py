"""Names in letters of another script that look like Latin ones, and in letters that nobody sees.

``email`` with a Cyrillic letter in it is a slip of a keyboard, or a wish to hide something: either
way it is read as what a person sees. A word that is of one other script altogether stays as it is.
Source: the look-alikes of Unicode Technical Standard 39, those of names that people write.
"""

import re
import unicodedata
from typing import Final

_WORD: Final = re.compile(r"[\w.-]+")
_UNSEEN: Final = dict.fromkeys(map(ord, "\u00ad\u200b\u2060\ufeff"))
_ALIKE: Final = str.maketrans(
    "\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0456\u0458\u0455\u0501\u04bb\u051b\u051d\u0475"
    "\u04cf\u043a\u0410\u0412\u0415\u041a\u041c\u041d\u041e\u0420\u0421\u0422\u0423\u0425\u0406"
    "\u0408\u0405\u03bf\u0391\u0392\u0395\u0396\u0397\u0399\u039a\u039c\u039d\u039f\u03a1\u03a4"
    "\u03a5\u03a7\u0261\u0251",
    "aeopcyxijsdhqwvlkABEKMHOPCTYXIJSoABEZHIKMNOPTYXga",
)
"""Cyrillic and Greek letters, and two of phonetics; Greek ones that stand for a quantity are not
among them (alpha, kappa, rho)."""


def seen_as(text: str) -> str:
    """Return a text as a person sees it, where words mix Latin letters with what looks like them.

    Letters that nobody sees (soft hyphens, spaces without width) go.
    """
    if text.isascii():
        return text
    # No word goes across a space, and most words of a long text are plain.
    return " ".join([one if one.isascii() else _seen(one) for one in text.split(" ")])


def says_something(text: str) -> bool:
    """Tell whether a person sees anything of a text: blanks, and what has no width, say nothing."""
    return any(one.isprintable() and not one.isspace() for one in text)


def _seen(text: str) -> str:
    return _WORD.sub(_as_latin, text.translate(_UNSEEN))


def _as_latin(match: re.Match[str]) -> str:
    written = match.group()
    usual = unicodedata.normalize("NFKC", written)
    seen = usual.translate(_ALIKE)
    mixed = any(one.isascii() and one.isalpha() for one in usual)
    return seen if mixed and seen.isascii() else written
