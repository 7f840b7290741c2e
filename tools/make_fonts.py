"""Makes the fonts of the audit pack, byte for byte: six text faces and the Assay Marks.

The text faces are subsets of Source Sans 3, Source Serif 4 and Source Code Pro (SIL OFL 1.1),
renamed because "Source" is a reserved name. Fetch and unpack their sources first, in a folder
outside the checkout:

    npm pack @fontsource/source-sans-3 @fontsource/source-serif-4 @fontsource/source-code-pro
    for each: mkdir NAME && tar xzf fontsource-NAME-*.tgz -C NAME --strip-components=1
    .venv/bin/python tools/make_fonts.py THAT_FOLDER

The marks are drawn here, on real code points, so that copied text keeps its words' signs.
The files are plain TrueType, since unpacking WOFF2 takes the renderer a second for each pack.
``coverage.txt`` lists what every text face can print, as ranges; the pack puts a visible stand-in
for anything else.
"""

import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import make_marks
from fontTools import merge, subset
from fontTools.ttLib import TTFont

FONTS: Final = Path(__file__).resolve().parent.parent / "templates" / "pack" / "fonts"
MADE: Final = 3_600_000_000  # seconds since 1904, as fonts count: a fixed day, for steady bytes
PUNCTUATION: Final = (
    "\u0131\u0152\u0153\u2013\u2014\u2018\u2019\u201a\u201c\u201d\u201e\u2020\u2021\u2022\u2026"
    "\u2030\u2032\u2033\u2039\u203a\u20ac\u2122\u2190\u2191\u2192\u2193\u2212\u2215\u2260\u2264"
    "\u2265\u2248\u2009\u200a\u202f"
)
SETS: Final[dict[str, list[int]]] = {
    "latin": [*range(0x20, 0x7F), *range(0xA0, 0x100), *map(ord, PUNCTUATION)],
    "latin-ext": [*range(0x100, 0x180), 0x218, 0x219, 0x21A, 0x21B, *range(0x1E80, 0x1E86), 0x1E9E],
    "vietnamese": [0x1A0, 0x1A1, 0x1AF, 0x1B0, 0x20AB, *range(0x1EA0, 0x1EFA)],
    "greek": list(range(0x384, 0x3D0)),
    "cyrillic": [*range(0x400, 0x460), 0x490, 0x491, 0x2116],
}
FACES: Final = (
    ("source-sans-3", 400, "normal", "assay-sans-400", "Assay Sans", "Regular"),
    ("source-sans-3", 600, "normal", "assay-sans-600", "Assay Sans", "SemiBold"),
    ("source-serif-4", 400, "normal", "assay-serif-400", "Assay Serif", "Regular"),
    ("source-serif-4", 600, "normal", "assay-serif-600", "Assay Serif", "SemiBold"),
    ("source-serif-4", 400, "italic", "assay-serif-400i", "Assay Serif", "Italic"),
    ("source-code-pro", 400, "normal", "assay-mono-400", "Assay Mono", "Regular"),
)
# No ligatures: switching them off in the style costs the layout a twelfth of its time.
FEATURES: Final = ["kern", "tnum", "lnum", "mark", "mkmk", "ccmp", "locl", "zero", "case"]
DROPPED: Final = ["GDEF", "STAT", "DSIG", "gasp", "prep", "fpgm", "cvt ", "meta", "vhea", "vmtx"]


def _part(source: Path, wanted: list[int], target: Path) -> None:
    options = subset.Options()
    options.layout_features = FEATURES
    options.name_IDs = ["*"]
    options.notdef_outline = True
    options.hinting = False
    options.glyph_names = False
    font = subset.load_font(str(source), options)
    chosen = subset.Subsetter(options)
    chosen.populate(unicodes=wanted)
    chosen.subset(font)
    font.flavor = None
    font.save(str(target))


def _rename(font: TTFont, file: str, family: str, style: str) -> None:
    """Keep copyright and licence, and give the face a name of our own."""
    kept = [record for record in font["name"].names if record.nameID in {0, 13, 14}]
    font["name"].names = kept
    post = f"{family.replace(' ', '')}-{style}"
    for number, text in ((1, family), (2, style), (3, file), (4, f"{family} {style}"), (6, post)):
        font["name"].setName(text, number, 3, 1, 0x409)


def make_face(sources: Path, face: tuple[str, int, str, str, str, str]) -> set[int]:
    """Write one text face and return the code points that it covers."""
    package, weight, style, file, family, name = face
    parts: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        for script, wanted in SETS.items():
            source = sources / package / "files" / f"{package}-{script}-{weight}-{style}.woff2"
            target = Path(folder) / f"{script}.ttf"
            _part(source, wanted, target)
            parts.append(str(target))
        font: TTFont = merge.Merger(merge.Options(drop_tables=DROPPED)).merge(parts)
        font["head"].created = font["head"].modified = MADE
        font.recalcTimestamp = False
        _rename(font, file, family, name)
        font.save(str(FONTS / f"{file}.ttf"))
    with TTFont(FONTS / f"{file}.ttf") as written:
        return set(written.getBestCmap())


def ranges(points: set[int]) -> Iterator[str]:
    """Yield ``0020-007E`` for each run of code points, in order."""
    run: list[int] = []
    for point in [*sorted(points), -1]:
        if run and point != run[-1] + 1:
            yield f"{run[0]:04X}-{run[-1]:04X}"
            run = []
        run.append(point)


def main(sources: Path) -> None:
    """Write every font and the coverage list into the templates."""
    os.environ["SOURCE_DATE_EPOCH"] = "1700000000"  # noqa: TID251 - fontTools reads it
    FONTS.mkdir(parents=True, exist_ok=True)
    covered = [make_face(sources, face) for face in FACES]
    marks = make_marks.make(FONTS / "assay-marks.ttf", MADE)
    everywhere = set.intersection(*covered) | marks
    (FONTS / "coverage.txt").write_text("\n".join(ranges(everywhere)) + "\n", encoding="ascii")
    for file in sorted(FONTS.iterdir()):
        print(f"{file.name}: {file.stat().st_size} bytes")
    print(f"{len(everywhere)} code points in every face")


if __name__ == "__main__":
    if len(sys.argv) != 2:  # noqa: PLR2004 - the program and its one argument
        sys.exit(__doc__)
    main(Path(sys.argv[1]))
