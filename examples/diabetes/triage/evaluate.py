"""Measure the model on the hold-out rows: MLflow for the whole, Fairlearn for the slices."""

import json
import math
import os
import tempfile
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from fairlearn.metrics import (
    MetricFrame,
    count,
    demographic_parity_difference,
    equalized_odds_difference,
    false_negative_rate,
    false_positive_rate,
    selection_rate,
)
from numpy.typing import ArrayLike
from sklearn.metrics import (
    accuracy_score,
    brier_score_loss,
    log_loss,
    precision_score,
    recall_score,
    roc_auc_score,
)

from triage.data import groups
from triage.model import PENALTY, Model, Numbers
from triage.releases import SYSTEM, Release

DIGITS = 6
BINS = 10


def expected_calibration_error(chances: Numbers, labels: Numbers) -> float:
    """Weigh the gaps between stated and observed share over ten equal bins, 0 to 1."""
    bins = np.minimum((chances * BINS).astype(int), BINS - 1)
    gaps = [
        abs(float(chances[bins == at].mean() - labels[bins == at].mean())) * (bins == at).mean()
        for at in np.unique(bins)
    ]
    return float(sum(gaps))


def overall(model: Model, holdout: pd.DataFrame) -> dict[str, float]:
    """Measure the whole hold-out table; every value rests on all of its rows."""
    labels = holdout["label"].to_numpy(dtype=float)
    chances = model.probability(holdout)
    values = {
        "accuracy": accuracy_score(labels, model.decide(holdout)),
        "roc_auc": roc_auc_score(labels, chances),
        "log_loss": log_loss(labels, chances),
        "brier": brier_score_loss(labels, chances),
        "ece": expected_calibration_error(chances, labels),
    }
    return {name: round(float(value), DIGITS) for name, value in values.items()}


def latency_ms(model: Model, holdout: pd.DataFrame) -> float:
    """Time a decision on each row alone and give the 95th percentile in milliseconds.

    The best of five tries counts, rounded up to a step of five, so that a busy machine does not
    change the file.
    """
    rows = [holdout.iloc[[at]] for at in range(len(holdout))]
    spent = []
    for row in rows:
        tries = []
        for _ in range(5):
            begin = time.perf_counter()
            model.decide(row)
            tries.append(time.perf_counter() - begin)
        spent.append(min(tries))
    return 5.0 * math.ceil(float(np.percentile(spent, 95)) * 1000 / 5)


def mlflow_run(
    release: Release, model: Model, holdout: pd.DataFrame, began: datetime
) -> dict[str, Any]:
    """Log the evaluation to a throw-away MLflow file store and give the run as a dictionary.

    Run and experiment ids are random in MLflow; they and the store's address are replaced by
    stable ones, so that the same inputs give the same file.
    """
    os.environ["MLFLOW_ALLOW_FILE_STORE"] = "true"  # noqa: TID251  # MLflow 3 asks for it
    from mlflow import MlflowClient  # noqa: PLC0415  # reads the environment when imported

    start = int(began.timestamp() * 1000)
    metrics = overall(model, holdout) | {"latency_p95_ms": latency_ms(model, holdout)}
    with tempfile.TemporaryDirectory() as store:
        client = MlflowClient(tracking_uri=Path(store).as_uri())
        experiment = client.create_experiment(SYSTEM)
        name = f"{SYSTEM}-{release.version}"
        run = client.create_run(experiment, start_time=start, run_name=name)
        key = run.info.run_id
        for metric, value in metrics.items():
            client.log_metric(key, metric, value, timestamp=start)
        client.log_param(key, "C", PENALTY)
        client.log_param(key, "threshold", model.threshold)
        client.log_param(key, "features", len(model.features))
        client.set_tag(key, "release", release.version)
        client.set_tag(key, "split", "holdout")
        ended = began + timedelta(seconds=41)
        client.set_terminated(key, end_time=int(ended.timestamp() * 1000))
        logged = client.get_run(key).to_dictionary()
    logged["info"] |= {
        "run_id": name,
        "experiment_id": "1",
        "artifact_uri": f"mlruns/1/{name}/artifacts",
        "user_id": "pipeline",
    }
    logged["data"] = {part: dict(sorted(values.items())) for part, values in logged["data"].items()}
    return dict(logged)


def positives(labels: ArrayLike, _decided: ArrayLike) -> int:
    """Count the patients whose disease progressed: the trials behind recall."""
    return int(np.sum(labels))


def selected(_labels: ArrayLike, decided: ArrayLike) -> int:
    """Count the patients whom the model refers: the trials behind precision."""
    return int(np.sum(decided))


RATES = {
    "accuracy": accuracy_score,
    "recall": recall_score,
    "precision": precision_score,
    "selection_rate": selection_rate,
    "fpr": false_positive_rate,
    "fnr": false_negative_rate,
}
COUNTS = {"count": count, "positives": positives, "selected": selected}


def _rounded(values: pd.Series) -> dict[str, float]:
    return {str(name): round(float(value), DIGITS) for name, value in values.items()}


def fairness(model: Model, holdout: pd.DataFrame, dimension: str) -> dict[str, Any]:
    """Measure by group with Fairlearn. It has no file format, so the envelope is plain."""
    labels, decided = holdout["label"].to_numpy(), model.decide(holdout)
    by = groups(holdout)[dimension]
    frame = MetricFrame(
        metrics=RATES | COUNTS, y_true=labels, y_pred=decided, sensitive_features=by
    )
    rates = list(RATES)
    table = frame.by_group.astype(float).round(DIGITS)
    parity = demographic_parity_difference(labels, decided, sensitive_features=by)
    odds = equalized_odds_difference(labels, decided, sensitive_features=by)
    return {
        "overall": _rounded(frame.overall),
        "by_group": json.loads(table.to_json(orient="table")),
        "difference": _rounded(frame.difference()[rates]),
        "ratio": _rounded(frame.ratio()[rates]),
        "group_min": _rounded(frame.group_min()[rates]),
        "group_max": _rounded(frame.group_max()[rates]),
        "demographic_parity_difference": round(float(parity), DIGITS),
        "equalized_odds_difference": round(float(odds), DIGITS),
    }


def trials(frame: dict[str, Any], dimension: str) -> dict[str, int]:
    """Count the trials behind each recall, for the manifest: the patients who got worse."""
    overall = {"recall": int(frame["overall"]["positives"])}
    return overall | {
        f"recall[{dimension}={row[dimension]}]": int(row["positives"])
        for row in frame["by_group"]["data"]
    }


def write(content: object, path: Path) -> None:
    """Write one JSON document, readable."""
    path.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


def write_compact(content: object, path: Path) -> None:
    """Write a JSON list with one line for each entry: long, and still readable in a diff."""
    entries = content if isinstance(content, list) else [content]
    lines = ",\n".join(json.dumps(entry, separators=(",", ":")) for entry in entries)
    path.write_text(f"[\n{lines}\n]\n", encoding="utf-8")
