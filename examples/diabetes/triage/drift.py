"""Measure drift between the hold-out rows and the intake window with Evidently."""

import json
from typing import Any

import pandas as pd
from evidently import DataDefinition, Dataset, Report
from evidently.metrics import DriftedColumnsCount, ValueDrift

from triage.releases import FEATURES

NUMBERS = tuple(column for column in FEATURES if column != "sex")
PSI = 0.2  # a distance: more is worse
KS = 0.01  # a p-value: less is worse


def _dataset(table: pd.DataFrame) -> Dataset:
    named = table[list(FEATURES)].reset_index(drop=True)
    named["sex"] = "code-" + named["sex"].astype(str)
    definition = DataDefinition(numerical_columns=list(NUMBERS), categorical_columns=["sex"])
    return Dataset.from_pandas(named, data_definition=definition)


def report(reference: pd.DataFrame, current: pd.DataFrame, method: str) -> dict[str, Any]:
    """Run one Evidently report, by `psi` (all columns) or by `ks` (the numeric ones)."""
    if method == "psi":
        columns, limit = FEATURES, PSI
        share = DriftedColumnsCount(drift_share=0.5, method="psi", threshold=PSI)
    else:
        columns, limit = NUMBERS, KS
        share = DriftedColumnsCount(
            columns=list(NUMBERS), drift_share=0.5, num_method="ks", num_threshold=KS
        )
    per_column = [ValueDrift(column=name, method=method, threshold=limit) for name in columns]
    run = Report([share, *per_column]).run(_dataset(current), _dataset(reference))
    return dict(json.loads(run.json()))
