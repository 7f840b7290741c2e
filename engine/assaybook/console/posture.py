"""How a release stands, for several pages: its last assessment, and each framework by itself.

Counts are never mixed across frameworks.
"""

from collections.abc import Iterable

from pydantic import TypeAdapter
from pydantic_core import from_json

from assaybook.console import marks
from assaybook.console.marks import Mark
from assaybook.domain.finding import CatalogConclusion, Standing
from assaybook.domain.record import record
from assaybook.store.assessments import AssessmentLine, load_assessment_text
from assaybook.store.unit_of_work import Reading

_CONCLUSIONS: TypeAdapter[tuple[CatalogConclusion, ...]] = TypeAdapter(
    tuple[CatalogConclusion, ...]
)


@record
class Framework:
    """One framework of a release.

    Attributes:
        conclusion: the words over it.
        parts: each standing with the number of its controls, worst first; those that do not apply
            are left out.
        met: controls that are met.
        applicable: controls that apply.
        label: all of it in words.
    """

    catalog: str
    conclusion: Mark
    parts: tuple[tuple[Mark, int], ...]
    met: int
    applicable: int
    label: str


def frameworks(conclusions: Iterable[CatalogConclusion]) -> tuple[Framework, ...]:
    """Return each framework as it is shown."""
    return tuple(_framework(one) for one in conclusions)


def _framework(one: CatalogConclusion) -> Framework:
    applying = [s for s in marks.STANDINGS if s is not Standing.NOT_APPLICABLE]
    parts = tuple((marks.of_standing(s), one.counts.get(s, 0)) for s in applying)
    return Framework(
        catalog=one.catalog,
        conclusion=marks.of_conclusion(one.words),
        parts=parts,
        met=one.counts.get(Standing.MET, 0),
        applicable=sum(number for _mark, number in parts),
        label=", ".join(f"{number} {mark.word}" for mark, number in parts if number)
        or "no control applies",
    )


def conclusions_of(store: Reading, line: AssessmentLine) -> tuple[CatalogConclusion, ...]:
    """Return what an assessment concludes; the rest of it is not looked at."""
    text = load_assessment_text(store, line.digest, systems=None)
    return _CONCLUSIONS.validate_python(from_json(text)["conclusion"], strict=False)
