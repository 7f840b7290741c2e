"""Write the model card: Hugging Face front matter with a model index, then one heading a topic."""

from typing import Any

import yaml

from triage.data import TARGET
from triage.model import Model
from triage.releases import SYSTEM, Release

PLACEHOLDER = "[More Information Needed]"

TEXT = """# {system} {version}

A logistic regression on {number} measurements. It says which patients with diabetes a nurse should
refer to a specialist first, because their disease is likely to progress within a year.

## Intended use

Ordering a waiting list in an out-patient clinic. A nurse reads the suggestion beside the patient's
record and decides. It is made for adults who already have a diagnosis.

## Out-of-scope use

Diagnosis, choice of treatment, insurance, children, and any decision without a person. It must not
be used to refuse or to delay an appointment.

## Limitations

The data are {rows_all} patients of one study from before 2004, in one place, so other populations
may differ. The label is a progression score over {target}, not an illness. Sex is coded 1 or 2 in
the source and the source does not say which is which. At its threshold of {threshold} the model
refers {selected:.0%} of the hold-out patients, and {alarms:.0%} of those who do not progress: it is
a net with narrow meshes, and orders a list rather than shortening it.

## Risks

{risks}

## Training data

{rows_train} patients of the scikit-learn diabetes data set (Efron, Hastie, Johnstone, Tibshirani,
2004), drawn at random with seed 0, alike in label, sex and age band. Columns: {columns}.

## Evaluation data

The other {rows_holdout} patients of the same data set, which the model has not seen: {positives} of
them progressed. Slices: both sex codes, and ages to 50 and over 50.

## License

Apache-2.0 for the model. The data are published with the article named above.

## Owner

The triage team of the Ward example hospital; accountable: Mara Lindqvist, governance lead.

## Contact

triage-team@ward.example

## Version

{version}. Releases are numbered as major.minor.patch; a retrained model raises the minor number.

## Ethical considerations

Missing a patient who gets worse weighs more than one needless visit, so the threshold was chosen
to keep recall high in every slice of the training rows. Sex and age are inputs because the
disease depends on them; recall is compared between the slices before every release.

## Human oversight

{oversight}

## Maintenance

Drift of every feature and recall of every slice are measured each month; an alert on either asks
for a decision on retraining within a week. A retrained model is a new release.
"""

RISKS = """A patient who is not referred may wait too long: recall is watched for each slice, with
an alert under 0.80. Staff may trust the order too much: the suggestion is shown with its
probability, and overrides are reviewed every week. The intake may drift: every feature is
watched."""

OVERSIGHT = """A nurse decides on every referral and can override the suggestion without giving a
reason. Overrides are counted and a clinician reviews them weekly. The on-call team can return to
the previous release within ten minutes; the drill is dated in the release's evidence."""


def card(release: Release, model: Model, sizes: dict[str, int], measured: dict[str, float]) -> str:
    """Give the card's text. `measured` holds the hold-out values of the exported model."""
    done = release.finished_card
    body = TEXT.format(
        system=SYSTEM,
        version=release.version,
        number=len(model.features),
        columns=", ".join(model.features),
        target=TARGET,
        threshold=model.threshold,
        rows_all=sizes["train"] + sizes["holdout"],
        rows_train=sizes["train"],
        rows_holdout=sizes["holdout"],
        positives=sizes["positives"],
        selected=measured["selection_rate"],
        alarms=measured["fpr"],
        risks=RISKS if done else PLACEHOLDER,
        oversight=OVERSIGHT if done else PLACEHOLDER,
    )
    front = yaml.safe_dump(_front(release, measured), sort_keys=False, width=100)
    return f"---\n{front}---\n\n{body}"


def _front(release: Release, measured: dict[str, float]) -> dict[str, Any]:
    named = {"accuracy": "Accuracy", "recall": "Recall", "precision": "Precision"}
    return {
        "language": "en",
        "license": "apache-2.0",
        "library_name": "scikit-learn",
        "pipeline_tag": "tabular-classification",
        "tags": ["tabular", "triage", "logistic-regression"],
        "datasets": ["diabetes"],
        "metrics": list(named),
        "version": release.version,
        "model-index": [
            {
                "name": SYSTEM,
                "results": [
                    {
                        "task": {"type": "tabular-classification"},
                        "dataset": {"type": "diabetes", "name": "diabetes", "split": "holdout"},
                        "metrics": [
                            {"type": kind, "name": name, "value": round(measured[kind], 4)}
                            for kind, name in named.items()
                        ],
                    }
                ],
            }
        ],
    }
