"""The model: a logistic regression that is exported as a few numbers in a JSON file."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from triage.data import SEED, TARGET, groups
from triage.releases import Release

PENALTY = 0.1
SLICE_RECALL = 0.90  # what the threshold must keep in every slice of the training rows

Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Model:
    """The exported model: standardise, weigh, squash, compare."""

    version: str
    features: tuple[str, ...]
    mean: Numbers
    scale: Numbers
    weights: Numbers
    intercept: float
    threshold: float

    def margin(self, table: pd.DataFrame) -> Numbers:
        """Give the log-odds for each row."""
        values = table[list(self.features)].to_numpy(dtype=float)
        return np.asarray((values - self.mean) / self.scale @ self.weights + self.intercept)

    def probability(self, table: pd.DataFrame) -> Numbers:
        """Give the probability of progression for each row, 0 to 1."""
        return np.asarray(1 / (1 + np.exp(-self.margin(table))))

    def decide(self, table: pd.DataFrame) -> NDArray[np.int64]:
        """Say 1 (refer to a specialist) or 0 for each row."""
        return np.asarray(self.probability(table) >= self.threshold).astype(np.int64)


def pipeline() -> Pipeline:
    """Build the untrained model."""
    return make_pipeline(StandardScaler(), LogisticRegression(C=PENALTY, max_iter=2000))


def out_of_fold(train: pd.DataFrame, features: tuple[str, ...]) -> Numbers:
    """Predict each training row by a model that has not seen it."""
    folds = StratifiedKFold(10, shuffle=True, random_state=SEED)
    chances = cross_val_predict(
        pipeline(), train[list(features)], train["label"], cv=folds, method="predict_proba"
    )
    return np.asarray(chances[:, 1])


def choose_threshold(train: pd.DataFrame, chances: Numbers) -> float:
    """Take the highest threshold that keeps `SLICE_RECALL` in every slice of the training rows."""
    positive = (train["label"] == 1).to_numpy()
    slices = [
        positive & (column == value).to_numpy()
        for _, column in groups(train).items()
        for value in sorted(column.unique())
    ]
    for percent in range(50, 0, -1):
        flagged = chances >= percent / 100
        if all(flagged[rows].mean() >= SLICE_RECALL for rows in slices):
            return percent / 100
    return 0.01


def train(release: Release, rows: pd.DataFrame) -> Model:
    """Train on the given rows and export.

    Weights are rounded to six digits, and everything that is measured later is measured on the
    rounded model: the evidence is about the file that ships.
    """
    fitted = pipeline().fit(rows[list(release.features)], rows["label"])
    scaler, logistic = fitted[0], fitted[1]
    chances = out_of_fold(rows, release.features)
    return Model(
        version=release.version,
        features=release.features,
        mean=np.round(scaler.mean_, 6),
        scale=np.round(scaler.scale_, 6),
        weights=np.round(logistic.coef_[0], 6),
        intercept=round(float(logistic.intercept_[0]), 6),
        threshold=choose_threshold(rows, chances) if release.careful_threshold else 0.5,
    )


def save(model: Model, path: Path) -> None:
    """Write the model as JSON."""
    content = {
        "model": "diabetes-triage",
        "version": model.version,
        "predicts": f"progression score over {TARGET} within one year",
        "features": list(model.features),
        "mean": model.mean.tolist(),
        "scale": model.scale.tolist(),
        "weights": model.weights.tolist(),
        "intercept": model.intercept,
        "threshold": model.threshold,
    }
    path.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


def load(path: Path) -> Model:
    """Read an exported model back, as the service does."""
    content = json.loads(path.read_text(encoding="utf-8"))
    return Model(
        version=content["version"],
        features=tuple(content["features"]),
        mean=np.array(content["mean"]),
        scale=np.array(content["scale"]),
        weights=np.array(content["weights"]),
        intercept=content["intercept"],
        threshold=content["threshold"],
    )
