"""Attack the model in three small ways, and say in `assaybook/v1` what came of it."""

from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd

from triage.checks import VERSION, loss_of_labels, membership
from triage.model import Model
from triage.releases import DATASET, SYSTEM, Release, instant

NUDGE = 0.05  # the attacker moves every measurement by at most this many standard deviations


def evasion(model: Model, holdout: pd.DataFrame) -> dict[str, Any]:
    """Nudge every measurement in the worst direction. For a linear model this worst is exact."""
    truth = holdout["label"].to_numpy()
    right = model.decide(holdout) == truth
    cut = np.log(model.threshold / (1 - model.threshold))
    reach = NUDGE * np.abs(model.weights).sum()
    worst = model.margin(holdout) + np.where(truth == 1, -reach, reach)
    flipped = right & ((worst >= cut).astype(int) != truth)
    return {
        "type": "attack",
        "name": "worst-nudge-0.05-sd",
        "family": "evasion",
        "attempts": int(right.sum()),
        "successes": int(flipped.sum()),
        "undecided": 0,
        "rate": round(float(flipped.sum() / right.sum()), 6),
        "clean_value": round(float(right.mean()), 6),
        "attacked_value": round(float((right & ~flipped).mean()), 6),
    }


def document(
    release: Release, model: Model, tables: tuple[pd.DataFrame, pd.DataFrame], at: datetime
) -> dict[str, Any]:
    """Run the attacks on the exported model and wrap the facts."""
    train, holdout = tables
    clean, attacked = loss_of_labels(train, model.features)
    facts = [
        evasion(model, holdout),
        {
            "type": "attack",
            "name": "confidence-threshold",
            "family": "membership",
            "attempts": len(train) + len(holdout),
            "advantage": membership(model, train, holdout),
        },
        {
            "type": "attack",
            "name": "flip-every-twentieth-label",
            "family": "poisoning",
            "attempts": len(train),
            "clean_value": clean,
            "attacked_value": attacked,
        },
    ]
    return {
        "assaybook": "v1",
        "tool": {"name": "triage-attacks", "version": VERSION},
        "run": f"attacks-{release.version}-{at:%Y%m%d}",
        "produced_at": instant(at),
        "subject": {"system": SYSTEM, "release": release.version},
        "scope": {"dataset": DATASET, "split": "holdout"},
        "coverage": [
            {
                "question": f"attack/{fact['family']}",
                "examined": 1,
                "passed": 1,
                "failed": 0,
                "errored": 0,
                "skipped": 0,
            }
            for fact in facts
        ],
        "facts": facts,
    }
