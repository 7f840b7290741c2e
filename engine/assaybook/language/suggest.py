"""What an author may have meant."""

from collections.abc import Iterable
from difflib import get_close_matches


def did_you_mean(wrong: str, known: Iterable[str]) -> str:
    """Return ``Did you mean x?`` for the closest known word, or nothing where none is close."""
    words = sorted(set(known))
    near = get_close_matches(wrong, words, n=1, cutoff=0.6)
    if not near:
        folded = {word.lower(): word for word in words}
        near = [folded[wrong.lower()]] if wrong.lower() in folded else []
    return f"Did you mean {near[0]}?" if near else ""


def listing(words: Iterable[str], *, most: int = 12) -> str:
    """Return words as ``a, b or c``, cut after ``most`` with the number of those left out."""
    shown = [*words]
    rest = len(shown) - most
    if rest > 0:
        return f"{', '.join(shown[:most])} or {rest} more"
    *firsts, last = shown or ["nothing"]
    return f"{', '.join(firsts)} or {last}" if firsts else last
