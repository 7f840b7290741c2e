"""Which policies bear on which controls, as one matrix: for reading, for a spreadsheet, for a page.

It says what the policies aim at. Whether a release meets a control is said by an assessment alone.
"""

import csv
import re
from html import escape
from io import StringIO
from typing import Final, Literal

from assaybook.domain.base import Frozen
from assaybook.domain.policy import Relation
from assaybook.reporting.csv_ import guarded
from assaybook.reporting.words import catalog_name, shortened

State = Literal["covered", "gap", "left_out"]
_NO_RULE: Final = "no rule"
_ACTIVE: Final = re.compile(r"([\\`*_{}\[\]<>|#~!&])")


class MatrixPolicy(Frozen):
    """A column: one policy."""

    policy: str
    title: str


class MatrixControl(Frozen):
    """A row: one control that can be judged.

    Attributes:
        reach: policy id to how it bears on the control.
        left_out: why the scope says that it does not apply; empty where it applies.
    """

    catalog: str
    control: str
    title: str
    reach: dict[str, Relation]
    left_out: str = ""

    @property
    def state(self) -> State:
        """Return whether a policy bears on it; what does not apply is neither that nor a gap."""
        if self.left_out:
            return "left_out"
        return "covered" if self.reach else "gap"


class Matrix(Frozen):
    """Policies by controls; rows of one catalog stand together."""

    policies: tuple[MatrixPolicy, ...]
    controls: tuple[MatrixControl, ...]

    @property
    def catalogs(self) -> dict[str, tuple[MatrixControl, ...]]:
        """Return the rows by catalog."""
        found: dict[str, list[MatrixControl]] = {}
        for one in self.controls:
            found.setdefault(one.catalog, []).append(one)
        return {name: tuple(rows) for name, rows in found.items()}


def covered_words(rows: tuple[MatrixControl, ...]) -> str:
    """Return how many controls that apply have a policy, of how many."""
    applying = [one for one in rows if one.state != "left_out"]
    covered = sum(one.state == "covered" for one in applying)
    return f"{covered} of {len(applying)} controls have a rule"


def reached_words(rows: tuple[MatrixControl, ...]) -> str:
    """Return how many controls have a policy, and how far it can take them.

    A control that no policy implements is supported at most, whatever its rules come to.
    """
    covered = [one for one in rows if one.state == "covered"]
    met = sum("implements" in one.reach.values() for one in covered)
    return f"{covered_words(rows)}; {met} can be met, {len(covered) - met} supported at most"


def matrix_csv(matrix: Matrix) -> str:
    """Return the matrix as CSV: a line for each control, a column for each policy."""
    out = StringIO()
    writer = csv.writer(out, lineterminator="\n")
    names = [one.policy for one in matrix.policies]
    writer.writerow(["catalog", "control", "title", "state", *map(guarded, names)])
    for one in matrix.controls:
        cells = [one.catalog, one.control, one.title, one.state.replace("_", " ")]
        cells += [one.reach.get(name, "") for name in names]
        writer.writerow([guarded(cell) for cell in cells])
    return out.getvalue()


def matrix_markdown(matrix: Matrix) -> str:
    """Return the matrix as a table for each catalog; only policies that bear on it are columns."""
    parts = ["# Controls by policies", "● implements, ○ supports."]
    for catalog, rows in matrix.catalogs.items():
        names = [one.policy for one in matrix.policies if any(one.policy in r.reach for r in rows)]
        lines = [["Control", "Title", "Rules", *map(escaped, names)]]
        lines.append(["---"] * 3 + [":-:"] * len(names))
        lines += [_markdown_row(one, names) for one in rows]
        parts += [
            f"## {escaped(catalog_name(catalog))}",
            f"{reached_words(rows)}.",
            "\n".join(f"| {' | '.join(line)} |" for line in lines),
        ]
    return "\n\n".join(parts) + "\n"


def _markdown_row(one: MatrixControl, names: list[str]) -> list[str]:
    mark = {"implements": "●", "supports": "○"}
    cells = [mark[one.reach[name]] if name in one.reach else "" for name in names]
    why = f" (left out: {one.left_out})" if one.state == "left_out" else ""
    known = {"covered": str(len(one.reach)), "gap": "none", "left_out": "not in scope"}[one.state]
    return [escaped(one.control), escaped(f"{one.title}{why}"), known, *cells]


def escaped(text: str) -> str:
    """Return text that Markdown shows as it is, in a cell of a table."""
    return _ACTIVE.sub(r"\\\1", " ".join(text.split()))


_LEFT: Final = 330
_STEP: Final = 22
_LINE: Final = 20
_HEAD: Final = 150
_BAND: Final = 34
_INK, _INK2, _RULE, _SOFT, _ACCENT, _GAP = (
    "#18212b",
    "#46525f",
    "#bcc4cb",
    "#e9ecee",
    "#1d4f6e",
    "#7a5000",
)


def matrix_svg(matrix: Matrix) -> str:
    """Return the matrix as a drawing that needs no font, script or style of any page."""
    width = _LEFT + _STEP * len(matrix.policies) + 130
    y = _HEAD + 12.0
    body = _columns(matrix)
    for catalog, rows in matrix.catalogs.items():
        y += _BAND
        body += _text(16, y - 10, catalog_name(catalog), size=15, weight=650)
        body += _text(_LEFT - 12, y - 10, covered_words(rows), ink=_INK2, anchor="end")
        body += f'<path d="M16 {y - 2:g}H{width - 16}" stroke="{_RULE}"/>'
        for one in rows:
            y += _LINE
            body += _control(one, matrix, y, width)
    told = "; ".join(
        f"{catalog_name(name)}: {covered_words(rows)}" for name, rows in matrix.catalogs.items()
    )
    height = y + 44
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height:g}" '
        f'width="{width}" height="{height:g}" role="img" '
        "font-family=\"'Source Sans 3', 'Segoe UI', system-ui, sans-serif\">"
        f"<title>Controls by policies. {escape(told)}</title>"
        f'<rect width="{width}" height="{height:g}" fill="#ffffff"/>'
        f"{body}{_legend(y + 26)}</svg>\n"
    )


def _columns(matrix: Matrix) -> str:
    body = ""
    for index, one in enumerate(matrix.policies):
        x = _LEFT + _STEP * index + _STEP / 2
        body += (
            f'<g transform="translate({x + 4:g} {_HEAD}) rotate(-52)">'
            f"{_text(0, 0, shortened(one.policy, 30), size=12.5)}</g>"
        )
    return body


def _control(one: MatrixControl, matrix: Matrix, y: float, width: float) -> str:
    """Draw one row: its id, its title, a mark for each policy, and a word where there is none."""
    ink = {"covered": _INK, "gap": _GAP, "left_out": _INK2}[one.state]
    body = f"<g><title>{escape(f'{one.control}: {one.title}')}</title>"
    body += _text(16, y + 5, one.control, ink=ink, weight=600, mono=True)
    body += _text(126, y + 5, shortened(one.title, 32), ink=ink if one.reach else _INK2)
    body += f'<path d="M16 {y + 11:g}H{width - 16:g}" stroke="{_SOFT}"/>'
    for index, policy in enumerate(matrix.policies):
        x = _LEFT + _STEP * index + _STEP / 2
        relation = one.reach.get(policy.policy)
        if relation == "implements":
            body += f'<rect x="{x - 6:g}" y="{y - 5:g}" width="12" height="12" fill="{_ACCENT}"/>'
        elif relation == "supports":
            body += (
                f'<rect x="{x - 5:g}" y="{y - 4:g}" width="10" height="10" fill="#ffffff" '
                f'stroke="{_ACCENT}" stroke-width="2"/>'
            )
        else:
            body += f'<circle cx="{x:g}" cy="{y + 1:g}" r="1.2" fill="{_RULE}"/>'
    if one.state != "covered":
        words = _NO_RULE if one.state == "gap" else "not in scope"
        body += _text(_LEFT + _STEP * len(matrix.policies) + 12, y + 5, words, ink=ink)
    return body + "</g>"


def _legend(y: float) -> str:
    return (
        f'<rect x="16" y="{y - 10:g}" width="12" height="12" fill="{_ACCENT}"/>'
        f"{_text(34, y, 'implements')}"
        f'<rect x="117" y="{y - 9:g}" width="10" height="10" fill="#ffffff" stroke="{_ACCENT}" '
        f'stroke-width="2"/>{_text(134, y, "supports")}'
        f"{_text(206, y, 'What policies aim at; no verdict.', ink=_INK2)}"
    )


def _text(  # noqa: PLR0913 - a word on a drawing has a place, a size, an ink and an anchor
    x: float,
    y: float,
    words: str,
    *,
    size: float = 13,
    ink: str = _INK,
    weight: int = 400,
    anchor: str = "start",
    mono: bool = False,
) -> str:
    bold = f' font-weight="{weight}"' if weight != 400 else ""  # noqa: PLR2004 - as fonts count
    turned = f' text-anchor="{anchor}"' if anchor != "start" else ""
    font = ' font-family="Source Code Pro, ui-monospace, monospace"' if mono else ""
    return (
        f'<text x="{x:g}" y="{y:g}" font-size="{size:g}"{bold}{turned}{font} fill="{ink}">'
        f"{escape(words)}</text>"
    )
