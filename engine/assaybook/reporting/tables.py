"""Findings, standings and facts as pandas data frames."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from assaybook.domain.documents import Evidence
from assaybook.domain.fact_types import FACT_TYPES, columns_of
from assaybook.domain.finding import Assessment, Counts
from assaybook.reporting.rows import COLUMNS, finding_rows

if TYPE_CHECKING:
    from typing import TypeAlias

    from pandas import DataFrame

    Table: TypeAlias = DataFrame
    """A data frame, by a name for those who do not speak to the library."""

_COUNTS: Final = tuple(one.alias or name for name, one in Counts.model_fields.items())


def findings_frame(assessment: Assessment) -> "DataFrame":
    """Return one row for each finding, in the order of the assessment.

    All columns hold text; an empty text means that there is nothing to say.
    """
    import pandas as pd

    return pd.DataFrame(finding_rows(assessment), columns=list(COLUMNS), dtype="str")


def standings_frame(assessment: Assessment) -> "DataFrame":
    """Return one row for each control: its standing, and its findings counted by outcome.

    Counts are whole numbers, all other columns text.
    """
    import pandas as pd

    texts = ("catalog", "control", "system", "release", "standing", "reason")
    rows = [one.model_dump(mode="json", by_alias=True) for one in assessment.standings]
    told = pd.DataFrame(rows, columns=list(texts), dtype="str")
    for count in _COUNTS:
        told[count] = pd.Series([row["counts"].get(count, 0) for row in rows], dtype="int64")
    return told


def facts_frame(kind: str, documents: Sequence[Evidence], files: Mapping[str, str]) -> "DataFrame":
    """Return one row for each fact of a type: its file, its columns, and its place in the file.

    ``files`` gives the file of a document by its id. What nobody knows is a missing value.

    Raises:
        KeyError: there is no fact type of that name.
    """
    import pandas as pd

    columns = [name for name, _type in FACT_TYPES[kind].record.fields]
    rows = [
        {"file": files[one.envelope.id], **columns_of(fact), "pointer": fact.pointer}
        for one in documents
        for fact in one.facts
        if fact.type == kind
    ]
    return pd.DataFrame(rows, columns=["file", *columns, "pointer"])
