"""What each release of the example is: one row of choices for each, nothing hidden."""

from dataclasses import dataclass
from datetime import datetime, timedelta

SYSTEM = "diabetes-triage"
DATASET = "diabetes"
FEATURES: tuple[str, ...] = ("age", "sex", "bmi", "bp", "s1", "s2", "s3", "s4", "s5", "s6")
SLICES = ("sex=code-1", "sex=code-2", "age_band=to-50", "age_band=over-50")


@dataclass(frozen=True)
class Release:
    """The choices behind one release.

    Attributes:
        version: the version, which is also the folder's name.
        features: the columns that the model reads.
        holdout_share: share of the 442 rows that the model never sees, 0 to 1.
        evaluated: days between the evaluation and the day of the other evidence.
        careful_threshold: choose the threshold by recall on the training rows; else 0.5.
        contacts: the training table carries a contact column.
        drifted: the intake window is shifted in two columns.
        digests: the lineage events carry the digests of the tables and of the model.
        drilled: alerts, rollback and the other controls were tried out and dated.
        finished_card: the model card has no placeholder left.
        requirements: the pinned packages that the service runs on.
        evaluation_only: a former release that is measured again for comparison.
        baseline: the version that this release is compared with.
    """

    version: str
    features: tuple[str, ...] = FEATURES
    holdout_share: float = 0.75
    evaluated: int = 1
    careful_threshold: bool = True
    contacts: bool = False
    drifted: bool = False
    digests: bool = True
    drilled: bool = True
    finished_card: bool = True
    requirements: str = "requirements-1.0.0.txt"
    evaluation_only: bool = False
    baseline: str | None = None


RELEASES = (
    Release(version="0.9.0-baseline", features=("bmi", "bp", "s5"), evaluation_only=True),
    Release(version="1.0.0-sound", baseline="0.9.0-baseline"),
    Release(
        version="1.1.0-flawed",
        holdout_share=0.25,
        evaluated=150,
        careful_threshold=False,
        contacts=True,
        drifted=True,
        digests=False,
        drilled=False,
        finished_card=False,
        requirements="requirements-1.1.0.txt",
        baseline="1.0.0-sound",
    ),
)


def evaluated_at(release: Release, as_of: datetime) -> datetime:
    """Say when the release was trained and measured: some days before `as_of`, at nine."""
    return as_of - timedelta(days=release.evaluated) + timedelta(hours=9)


def instant(moment: datetime) -> str:
    """Write a moment in UTC as RFC 3339 with whole seconds."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
