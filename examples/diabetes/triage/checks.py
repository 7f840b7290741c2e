"""Check the tables, and say so in `assaybook/v1`: data quality has many tools and no one format.

Each check is one fact with its counts; a family's coverage counts its checks.
"""

from collections import Counter
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd
from sklearn.neighbors import NearestNeighbors
from sklearn.preprocessing import StandardScaler

from triage.data import TARGET, groups
from triage.model import Model, Numbers, out_of_fold
from triage.releases import DATASET, FEATURES, SYSTEM, Release, instant

VERSION = "1.0.0"
RANGES = {
    "age": (18, 90),
    "sex": (1, 2),
    "bmi": (12, 60),
    "bp": (50, 160),
    "s1": (80, 350),
    "s2": (20, 300),
    "s3": (15, 120),
    "s4": (1, 12),
    "s5": (3, 7),
    "s6": (40, 200),
}
COLUMNS = ["patient", *FEATURES, "progression", "label"]
NEIGHBOURS = 15
OUTLIERS = 0.05  # share of rows whose label stands alone among its neighbours
SMALLEST_CLASS = 0.2
SMALLEST_SLICE = 0.15


def check(  # noqa: PLR0913  # a fact has that many fields
    name: str,
    family: str,
    examined: int,
    failed: int,
    *,
    column: str = "",
    allowed: float = 0.0,
) -> dict[str, Any]:
    """Give one data-check fact; it passes while the failed share is at most `allowed`."""
    share = failed / examined if examined else 1.0
    status = "pass" if examined and share <= allowed else "fail"
    return {
        "type": "data_check",
        "check": name,
        "column": column,
        "family": family,
        "examined": examined,
        "failed": failed,
        "failed_share": round(share, 6),
        "status": status,
        "tool_verdict": status,
    }


def out_of_range(table: pd.DataFrame, column: str) -> int:
    """Count values outside what a person can have."""
    return int((~table[column].between(*RANGES[column])).sum())


def quality(table: pd.DataFrame, other: pd.DataFrame) -> list[dict[str, Any]]:
    """Check one table; `other` is the table that it must share no patient with."""
    rows = len(table)
    measured = list(FEATURES)
    unknown = [name for name in table.columns if name not in COLUMNS]
    facts = [check("columns-as-agreed", "schema", len(table.columns), len(unknown))]
    facts += [
        check("no-missing-value", "null", rows, int(table[name].isna().sum()), column=name)
        for name in COLUMNS
    ]
    facts += [
        check("within-range", "range", rows, out_of_range(table, name), column=name)
        for name in measured
    ]
    facts.append(check("one-row-each", "unique", rows, int(table["patient"].duplicated().sum())))
    facts.append(
        check("no-repeated-row", "duplicate", rows, int(table[measured].duplicated().sum()))
    )
    shared = table["patient"].isin(other["patient"]) | table[measured].apply(tuple, axis=1).isin(
        other[measured].apply(tuple, axis=1)
    )
    facts.append(check("no-patient-in-both-tables", "leakage", rows, int(shared.sum())))
    tied = [name for name in measured if abs(table[name].corr(table["label"])) > 0.95]
    facts.append(check("no-feature-is-the-label", "leakage", len(measured), len(tied)))
    smallest = table["label"].value_counts(normalize=True).min()
    facts.append(
        check("both-labels-present", "imbalance", rows, 0 if smallest >= SMALLEST_CLASS else rows)
    )
    facts += [
        check(
            f"share-of-{dimension}-{value}",
            "representativeness",
            rows,
            0 if (column == value).mean() >= SMALLEST_SLICE else rows,
            column=str(dimension),
        )
        for dimension, column in groups(table).items()
        for value in sorted(column.unique())
    ]
    wrong = (table["label"] != (table["progression"] > TARGET)).sum()
    facts.append(check("label-follows-progression", "label", rows, int(wrong), column="label"))
    facts.append(
        check(
            "label-fits-neighbours",
            "poisoning",
            rows,
            lonely(table),
            column="label",
            allowed=OUTLIERS,
        )
    )
    return facts


def lonely(table: pd.DataFrame) -> int:
    """Count rows whose label at most one of fifteen nearest neighbours shares: flips stand out."""
    scaled = StandardScaler().fit_transform(table[list(FEATURES)])
    near = NearestNeighbors(n_neighbors=NEIGHBOURS + 1).fit(scaled)
    around = near.kneighbors(scaled, return_distance=False)[:, 1:]
    labels = table["label"].to_numpy()
    agreeing = (labels[around] == labels[:, None]).sum(axis=1)
    return int((agreeing <= 1).sum())


def skew(model: Model, shipped: Model, holdout: pd.DataFrame) -> dict[str, Any]:
    """Compare the shipped file's probabilities with those of the model in memory, row by row."""
    apart = np.abs(model.probability(holdout) - shipped.probability(holdout)) > 1e-9
    return check("shipped-model-answers-alike", "skew", len(holdout), int(apart.sum()))


def coverage(facts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Count checks by family."""
    asked = Counter(fact["family"] for fact in facts)
    failed = Counter(fact["family"] for fact in facts if fact["status"] == "fail")
    return [
        {
            "question": f"data_check/{family}",
            "examined": number,
            "passed": number - failed[family],
            "failed": failed[family],
            "errored": 0,
            "skipped": 0,
        }
        for family, number in sorted(asked.items())
    ]


def document(
    release: Release, part: str, facts: list[dict[str, Any]], at: datetime
) -> dict[str, Any]:
    """Wrap the facts about one table (`train` or `holdout`)."""
    scope = {"dataset": DATASET, "split": part, "path": f"artifacts/{part}.csv"}
    return {
        "assaybook": "v1",
        "tool": {"name": "triage-checks", "version": VERSION},
        "run": f"checks-{part}-{release.version}-{at:%Y%m%d}",
        "produced_at": instant(at),
        "subject": {"system": SYSTEM, "release": release.version},
        "scope": scope,
        "coverage": coverage(facts),
        "facts": facts,
    }


def membership(model: Model, train: pd.DataFrame, holdout: pd.DataFrame) -> float:
    """Give the best advantage of guessing from confidence who was in the training rows, -1 to 1."""
    inside, outside = _confidence(model, train), _confidence(model, holdout)
    gains = [(inside >= cut).mean() - (outside >= cut).mean() for cut in np.linspace(0, 1, 101)]
    return round(float(max(gains)), 6)


def _confidence(model: Model, table: pd.DataFrame) -> Numbers:
    chance = model.probability(table)
    return np.asarray(np.where(table["label"] == 1, chance, 1 - chance))


def loss_of_labels(train: pd.DataFrame, features: tuple[str, ...]) -> tuple[float, float]:
    """Give the cross-validated accuracy with clean labels and with every twentieth one flipped."""
    truth = train["label"].to_numpy()
    flipped = truth.copy()
    flipped[::20] = 1 - truth[::20]
    poisoned = train.assign(label=flipped)
    clean = ((out_of_fold(train, features) >= 0.5) == truth).mean()
    attacked = ((out_of_fold(poisoned, features) >= 0.5) == truth).mean()
    return round(float(clean), 6), round(float(attacked), 6)
