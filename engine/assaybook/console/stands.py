"""How controls stand over releases, by the last assessment of each; a crosswalk carries nothing."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from json import JSONDecoder
from typing import Any, Final

from pydantic import TypeAdapter

from assaybook.console import marks
from assaybook.console.marks import Mark
from assaybook.domain.control import Catalog, Control
from assaybook.domain.finding import WORST_FIRST, CatalogConclusion, ControlStanding, Standing
from assaybook.domain.record import record
from assaybook.store.assessments import assessment_texts
from assaybook.store.current import CurrentRelease
from assaybook.store.unit_of_work import Reading

MOST: Final = 100
"""Releases whose assessments one page reads."""
NOT_JUDGED: Final = Mark("mute", "nc", "not judged")
"""Of a control that no assessment speaks about: its catalog is not in scope of the policies."""
_DECODER: Final = JSONDecoder()
_STANDINGS_AT: Final = '"standings":'
_CONCLUSION_AT: Final = '"conclusion":'
_CONCLUSIONS: Final[TypeAdapter[tuple[CatalogConclusion, ...]]] = TypeAdapter(
    tuple[CatalogConclusion, ...]
)
_STANDINGS: Final[TypeAdapter[tuple[ControlStanding, ...]]] = TypeAdapter(
    tuple[ControlStanding, ...]
)


@record
class Stands:
    """A release and how the controls of one catalog stand in it.

    ``by_control`` is None where it was never assessed, and empty where its assessment does not
    speak about the catalog.
    """

    release: CurrentRelease
    by_control: Mapping[str, ControlStanding] | None


@record
class Chosen:
    """The releases that a page is about; ``more`` counts those that it does not read."""

    releases: tuple[CurrentRelease, ...]
    more: int


@record
class Tile:
    """A control on a map.

    Attributes:
        control: as the catalog has it.
        label: its id, without the beginning that stands above it already.
        mark: the worst of its standings.
        parts: each standing with the number of releases, worst first.
        told: all of it in words.
    """

    control: Control
    label: str
    mark: Mark
    parts: tuple[tuple[Mark, int], ...]
    told: str


@record
class TileRow:
    """A group of controls with its own standing; ``group`` None holds those without a group."""

    group: Control | None
    mark: Mark | None
    tiles: tuple[Tile, ...]


@record
class TileBlock:
    """The groups under one root of a catalog, and how many of their controls are met."""

    top: Control | None
    rows: tuple[TileRow, ...]
    met: int
    whole: int


def chosen(
    releases: Sequence[CurrentRelease], system: str | None, release: str | None, *, every: bool
) -> Chosen:
    """Return the releases of a page: one, those of a system, or those that speak for systems.

    Of a release that waits for its first assessment the page says so.
    """
    found = [
        one
        for one in releases
        if system in {None, one.system}
        and release in {None, one.release}
        and (every or release is not None or one.newest or one.waiting)
    ]
    return Chosen(tuple(found[:MOST]), max(0, len(found) - MOST))


def stands_in(
    store: Reading, releases: Iterable[CurrentRelease], catalog: str
) -> tuple[Stands, ...]:
    """Return how the controls of a catalog stand in releases; the rest is not looked at."""
    judged = tuple(releases)
    digests = [one.assessment for one in judged if one.assessment is not None]
    found = {
        digest: _of_catalog(text, catalog)
        for digest, text in assessment_texts(store, list(dict.fromkeys(digests)))
    }
    return tuple(
        Stands(one, None if one.assessment is None else found[one.assessment]) for one in judged
    )


def _of_catalog(text: str, catalog: str) -> dict[str, ControlStanding]:
    mine = [one for one in standings_within(text) if one["catalog"] == catalog]
    return {one.control: one for one in _STANDINGS.validate_python(mine, strict=False)}


def standings_within(text: str) -> list[dict[str, Any]]:
    """Return the standings of an assessment as it is recorded, without reading its findings.

    Its keys stand in the order of canonical JSON: what follows the standings has no such key, and
    neither has what precedes the conclusion. A quotation mark within a text is written with a
    backslash and is never taken for that of a key. Of a map over a hundred releases the findings
    would be most of the work.
    """
    return _list_at(text, text.rindex(_STANDINGS_AT) + len(_STANDINGS_AT))


def conclusion_within(text: str) -> list[dict[str, Any]]:
    """Return the conclusions of an assessment in the same way."""
    return _list_at(text, text.index(_CONCLUSION_AT) + len(_CONCLUSION_AT))


def _list_at(text: str, place: int) -> list[dict[str, Any]]:
    found: list[dict[str, Any]]
    found, _end = _DECODER.raw_decode(text, place)
    return found


def conclusions_in(
    store: Reading, releases: Iterable[CurrentRelease]
) -> Iterator[tuple[CurrentRelease, tuple[CatalogConclusion, ...]]]:
    """Yield what the last assessment of each assessed release concludes."""
    judged = {one.assessment: one for one in releases if one.assessment is not None}
    for digest, text in assessment_texts(store, list(judged)):
        said = conclusion_within(text)
        yield judged[digest], _CONCLUSIONS.validate_python(said, strict=False)


def blocks_of(catalog: Catalog, stands: Sequence[Stands]) -> tuple[TileBlock, ...]:
    """Return every control of a catalog that can be judged, in its order; none is left out."""
    blocks: dict[str | None, list[TileRow]] = {}
    tops: dict[str | None, Control | None] = {}
    for each in catalog.heat_map():
        name = each.top.id if each.top else None
        tops[name] = each.top
        row = TileRow(
            each.group,
            None if each.group is None else worst(each.group.id, stands),
            tuple(_tile(one, each.top, stands) for one in each.controls),
        )
        blocks.setdefault(name, []).append(row)
    return tuple(_block(tops[name], rows) for name, rows in blocks.items())


def _block(top: Control | None, rows: Sequence[TileRow]) -> TileBlock:
    tiles = [tile for row in rows for tile in row.tiles]
    met = marks.of_standing(Standing.MET)
    return TileBlock(top, tuple(rows), sum(tile.mark == met for tile in tiles), len(tiles))


def _tile(control: Control, top: Control | None, stands: Sequence[Stands]) -> Tile:
    parts = parts_of(control.id, stands)
    mark = worst(control.id, stands)
    label = control.id.removeprefix(f"{top.id} ") if top else control.id
    told = ", ".join(f"{part.word} in {number}" for part, number in parts) or mark.word
    return Tile(control, label, mark, parts, told if len(stands) > 1 else mark.word)


def parts_of(control: str, stands: Iterable[Stands]) -> tuple[tuple[Mark, int], ...]:
    """Return each standing of a control with the number of assessed releases, worst first."""
    found = Counter(
        one.by_control[control].standing
        for one in stands
        if one.by_control is not None and control in one.by_control
    )
    return tuple((marks.of_standing(each), found[each]) for each in WORST_FIRST if found[each])


def worst(control: str, stands: Sequence[Stands]) -> Mark:
    """Return the mark of the worst standing of a control; nothing that was judged is no pass."""
    parts = parts_of(control, stands)
    if parts:
        return parts[0][0]
    if any(one.by_control is not None for one in stands):
        return NOT_JUDGED
    return marks.NOT_ASSESSED


def only(blocks: Iterable[TileBlock], mark: Mark) -> tuple[TileBlock, ...]:
    """Return a map with the controls of one standing alone; what counts stays as it was."""
    found: list[TileBlock] = []
    for block in blocks:
        rows = [
            TileRow(row.group, row.mark, tiles)
            for row in block.rows
            if (tiles := tuple(tile for tile in row.tiles if tile.mark == mark))
        ]
        if rows:
            found.append(TileBlock(block.top, tuple(rows), block.met, block.whole))
    return tuple(found)


def tallied(blocks: Iterable[TileBlock]) -> tuple[tuple[Mark, int], ...]:
    """Return every standing with the number of controls whose worst it is, none left out."""
    tiles = [tile for block in blocks for row in block.rows for tile in row.tiles]
    found = Counter(tile.mark for tile in tiles)
    known = [marks.of_standing(each) for each in WORST_FIRST]
    unjudged = [mark for mark in (NOT_JUDGED, marks.NOT_ASSESSED) if found[mark]]
    return tuple((mark, found[mark]) for mark in (*known, *unjudged))
