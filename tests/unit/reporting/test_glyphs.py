"""What our fonts can print is what we think they can."""

from collections import Counter
from io import BytesIO

from fontTools.ttLib import TTFont  # type: ignore[import-untyped]

from assaybook.reporting.glyphs import STAND_IN, coverage, is_printable, printable
from assaybook.reporting.svg import FILL, WORDS
from assaybook.shelf import shelf


def test_the_coverage_list_is_that_of_the_fonts() -> None:
    found: dict[str, set[int]] = {}
    for file in (shelf("templates") / "pack" / "fonts").iterdir():
        if file.name.endswith(".ttf"):
            font = TTFont(BytesIO(file.read_bytes()))
            found[file.name] = set(font.getBestCmap() or {})
    marks = found.pop("assay-marks.ttf")
    first, *others = found.values()
    everywhere = first.intersection(*others) | marks
    listed = {point for low, high in coverage() for point in range(low, high + 1)}
    assert listed == everywhere


def test_names_of_europe_are_printed_as_they_are() -> None:
    names = "Åsa Čapek, Ελένη Παπαδάκη, Ирина Соколова, Nguyễn Thị Hương, ≥ 0.8 … “x” €"
    assert printable(names, Counter()) == names


def test_a_letter_with_a_combining_accent_is_the_letter_with_the_accent() -> None:
    assert printable("e\u0301", Counter()) == "é"


def test_invisible_characters_become_visible() -> None:
    replaced: Counter[str] = Counter()
    assert printable("a\u200bb\u00adc\u2066d", replaced) == f"a{STAND_IN}b{STAND_IN}c{STAND_IN}d"
    assert replaced.total() == 3


def test_line_ends_and_tabs_become_spaces() -> None:
    assert printable("a\n\tb\r\nc", Counter()) == "a b c"


def test_the_stand_in_itself_is_printable() -> None:
    assert is_printable(STAND_IN)


def test_drawings_have_the_inks_of_the_page() -> None:
    tokens = (shelf("templates") / "pack" / "tokens.css").read_text(encoding="utf-8")
    inks = {WORDS[key] for key in ("pass", "fail", "inc", "err", "wv", "na")}
    assert all(ink in tokens for ink in inks)
    assert set(FILL) == set(WORDS)
