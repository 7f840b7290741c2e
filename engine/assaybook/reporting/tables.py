"""Findings as a pandas data frame."""

from typing import TYPE_CHECKING

from assaybook.domain.finding import Assessment
from assaybook.reporting.rows import COLUMNS, finding_rows

if TYPE_CHECKING:
    from pandas import DataFrame


def findings_frame(assessment: Assessment) -> "DataFrame":
    """Return one row for each finding, in the order of the assessment.

    All columns hold text; an empty text means that there is nothing to say.
    """
    import pandas as pd

    return pd.DataFrame(finding_rows(assessment), columns=list(COLUMNS), dtype="str")
