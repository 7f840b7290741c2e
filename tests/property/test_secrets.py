"""Secrets that are known by their form: the bytes of a text are cut as the text would be."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from assaybook.intake.copies import MARK
from assaybook.intake.redact_tokens import cut, kinds_in, without_tokens
from assaybook.intake.redaction_rules import TOKENS

DASHES = "-" * 5  # written apart, so that no scanner takes this file for a key
PIECES = (
    *("AKIA" + "A1" * 8, "AKIA" + "A1" * 7, "ASIA", "ghp_" + "a1" * 18, "gho_" + "a" * 256),
    *("hf_" + "a" * 30, "xoxb-" + "1" * 10, "glpat-" + "x" * 19, "\u00e9" * 200),
    *("eyJ" + "\u00e9" * 10, ".eyJ" + "b" * 10, "." + "c" * 10, "eyJ" + "d" * 2_001),
    *(f"{DASHES}BEGIN PRIVATE KEY{DASHES}", f"{DASHES}END PRIVATE KEY{DASHES}", "BEGIN "),
    *("MIIabc\n", "\U0001f600" * 30, "\u00e9", "_", "-", " ", "\n", "x", ".", MARK),
)
TEXTS = st.lists(st.sampled_from(PIECES), max_size=14).map("".join)


def as_text(text: str) -> tuple[str, Counter[str]]:
    """Return a text without secrets, each kind looked for in all of it, and how many there were."""
    removed: Counter[str] = Counter()
    for name, pattern in TOKENS:
        text, times = pattern.subn(MARK, text)
        removed[name] += times
    return text, +removed


@given(TEXTS)
def test_bytes_are_cut_as_their_text_is(text: str) -> None:
    removed: Counter[str] = Counter()
    left, expected = as_text(text)
    assert cut(text.encode(), kinds_in(text.encode()), removed).decode() == left
    assert +removed == expected


@given(TEXTS)
def test_a_text_is_looked_into_only_where_a_secret_can_begin(text: str) -> None:
    removed: Counter[str] = Counter()
    assert (without_tokens(text, TOKENS, removed), +removed) == as_text(text)
