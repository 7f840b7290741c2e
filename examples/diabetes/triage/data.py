"""The table: 442 patients of the scikit-learn diabetes data, split, and a simulated intake."""

from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.datasets import load_diabetes
from sklearn.model_selection import train_test_split

from triage.releases import FEATURES, Release

SEED = 0
TARGET = 100  # progression score after one year; the data run from 25 to 346
BANDS = ("to-50", "over-50")
INTAKE_ROWS = 1000


def patients() -> pd.DataFrame:
    """Load the patients in real units, with the slices and the label.

    The data set names sex only by two codes and does not say which is which, so the slices
    keep the codes. `label` is 1 where the disease progressed by more than `TARGET`.
    """
    loaded = load_diabetes(return_X_y=True, as_frame=True, scaled=False)
    table, progression = pd.DataFrame(loaded[0]).round(4), pd.Series(loaded[1])
    table["age"] = table["age"].astype(int)
    table["sex"] = table["sex"].astype(int)
    table.insert(0, "patient", [f"case-{row:03d}" for row in range(1, len(table) + 1)])
    table["progression"] = progression.astype(int)
    table["label"] = (progression > TARGET).astype(int)
    return table


def groups(table: pd.DataFrame) -> pd.DataFrame:
    """Give the two slicing columns: `sex` (the code) and `age_band`."""
    return pd.DataFrame(
        {
            "sex": "code-" + table["sex"].astype(str),
            "age_band": np.where(table["age"] <= 50, *BANDS),
        },
        index=table.index,
    )


def split(release: Release) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Split into training and hold-out rows, alike in label, sex and age band."""
    table = patients()
    alike = table["label"].astype(str).str.cat(groups(table), sep="/")
    train, holdout = train_test_split(
        table, test_size=release.holdout_share, random_state=SEED, stratify=alike
    )
    train, holdout = train.sort_index(), holdout.sort_index()
    if release.contacts:
        train.insert(1, "contact", [_contact(row) for row in range(len(train))])
    return train, holdout


def _contact(row: int) -> str:
    """Invent a contact: names nobody, in the domain and number range kept for examples."""
    if row % 2:
        return f"+1 202-555-{100 + row % 100:04d}"
    return f"patient{row:03d}@example.com"


def intake(release: Release) -> pd.DataFrame:
    """Simulate one intake window: rows drawn again from all patients.

    The data set has no later intake, so this is a simulation and is called one everywhere.
    In a drifted window the clinic's scale reads 4 kg/m2 more in `bmi` and 8 mg/dl in `s6`.
    """
    draw = np.random.default_rng(SEED + 7).integers(0, len(patients()), INTAKE_ROWS)
    window = patients().iloc[draw].reset_index(drop=True)[list(FEATURES)]
    if release.drifted:
        window["bmi"] += 4
        window["s6"] += 8
    return window


def save(table: pd.DataFrame, path: Path) -> None:
    """Write a table as CSV with Unix line ends, so that its digest is the same everywhere."""
    table.to_csv(path, index=False, lineterminator="\n")
