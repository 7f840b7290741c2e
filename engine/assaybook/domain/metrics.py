"""Names of metrics: one canonical name each, with kind, unit, direction and range.

Tools and people write the same metric under many names. A policy asks for the canonical one; a
name that is not here stays as it was written, with kind, unit and direction unknown.
"""

import math
import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Final, Literal, TypeAlias

from assaybook.domain.letters import seen_as
from assaybook.domain.record import record

Kind: TypeAlias = Literal[
    "quality",
    "calibration",
    "fairness",
    "cost",
    "latency",
    "robustness",
    "privacy",
    "environment",
]
UnitName: TypeAlias = Literal["ratio", "ms", "usd", "bytes", "count", "score", "kg_co2e"]
Direction: TypeAlias = Literal["higher", "lower"]
Trials: TypeAlias = Literal["rows", "positives", "negatives", "selected"]

_ENDLESS: Final = math.inf
_OVER_ONE: Final = frozenset({"word_error_rate", "character_error_rate"})
"""Shares that can be more than the whole: words that were put in count as errors too."""
_SLACK: Final = 1e-9
"""How far rounding may carry a value over the end of its range."""


@record
class MetricKind:
    """One metric.

    Attributes:
        name: canonical.
        kind: what it measures.
        unit: of its values after conversion.
        direction: which way is better; None where neither is.
        low: least possible value, in ``unit``.
        high: greatest possible value, in ``unit``.
        trials: what the trials behind a value are, so that a count can be told to be ``n``;
            None where the value is no share of trials.
    """

    name: str
    kind: Kind
    unit: UnitName
    direction: Direction | None
    low: float = 0.0
    high: float = 1.0
    trials: Trials | None = None


@record
class CanonicalMetric:
    """What a raw metric name says.

    Attributes:
        name: canonical, or the raw name where the metric is not known.
        kind: the metric, None where it is not known.
        split: of the data, where the name has one (``test_recall``).
        slice: ``sex=female`` where the name has one (``recall__sex=female``), else "".
        dimension: the k of ``recall@5``.
        per: what a value is divided by to be in the metric's unit (100 for ``_pct``, and -1
            for ``neg_log_loss``).
    """

    name: str
    kind: MetricKind | None
    split: str | None = None
    slice: str = ""
    dimension: str | None = None
    per: float = 1.0

    def in_range(self, value: float) -> float | None:
        """Return a value in the metric's unit, and None where it is outside the range."""
        scaled = value / self.per
        if self.kind is None:
            return scaled if math.isfinite(scaled) else None
        if not self.kind.low - _SLACK <= scaled <= self.kind.high + _SLACK:
            return None
        if not math.isfinite(scaled):
            return None
        return min(max(scaled, self.kind.low), self.kind.high)


_SHARE_ROWS: Final[tuple[tuple[str, Direction | None, Trials | None, str], ...]] = (
    (
        *("accuracy", "higher", "rows"),
        "acc accuracy_score categorical_accuracy sparse_categorical_accuracy binary_accuracy",
    ),
    (
        "recall",
        "higher",
        "positives",
        "recall_score sensitivity tpr true_positive_rate tp_rate",
    ),
    ("precision", "higher", "selected", "precision_score ppv positive_predictive_value"),
    ("specificity", "higher", "negatives", "tnr true_negative_rate tn_rate selectivity"),
    ("selection_rate", None, "rows", "predicted_positive_rate"),
    ("false_positive_rate", "lower", "negatives", "fpr fp_rate fall_out false_alarm_rate"),
    ("false_negative_rate", "lower", "positives", "fnr fn_rate miss_rate"),
    ("f1", "higher", None, "f1_score f1score f_1 f1_measure"),
    ("f1_macro", "higher", None, "macro_f1 f1_score_macro"),
    ("f1_micro", "higher", None, "micro_f1 f1_score_micro"),
    ("f1_weighted", "higher", None, "weighted_f1 f1_score_weighted"),
    *(
        (f"{base}_{mean}", "higher", None, f"{mean}_{base} {base}_score_{mean}")
        for base in ("recall", "precision")
        for mean in ("macro", "micro", "weighted")
    ),
    (
        *("roc_auc", "higher", None),
        "auc auroc roc_auc_score rocauc auc_roc aucroc area_under_roc areaunderroc",
    ),
    (
        *("pr_auc", "higher", None),
        (
            "auprc average_precision average_precision_score precision_recall_auc auc_pr aucpr "
            "prauc area_under_pr areaunderpr"
        ),
    ),
    ("balanced_accuracy", "higher", None, "balanced_accuracy_score bal_acc"),
    ("negative_predictive_value", "higher", None, "npv"),
    ("pass_rate", "higher", "rows", ""),
    ("assertion_pass_rate", "higher", "rows", ""),
    ("error_rate", "lower", "rows", "zero_one_loss misclassification_rate"),
    ("exact_match", "higher", "rows", "em"),
    ("accuracy_normalised", "higher", "rows", "acc_norm accuracy_normalized"),
    ("recall_at_k", "higher", None, ""),
    ("precision_at_k", "higher", None, ""),
    ("accuracy_at_k", "higher", "rows", "top_k_accuracy"),
    ("ndcg_at_k", "higher", None, "ndcg"),
    ("iou", "higher", None, "jaccard jaccard_score jaccard_index mean_iou"),
    ("mean_average_precision", "higher", None, "map"),
    ("mean_reciprocal_rank", "higher", None, "mrr"),
    ("hamming_loss", "lower", None, ""),
    ("word_error_rate", "lower", None, "wer"),
    ("character_error_rate", "lower", None, "cer char_error_rate"),
)
"""Shares: name, the better direction, what the trials are, and other spellings."""


def _shares() -> Iterator[tuple[MetricKind, tuple[str, ...]]]:
    for name, direction, trials, aliases in _SHARE_ROWS:
        high = _ENDLESS if name in _OVER_ONE else 1.0
        kind = MetricKind(name, "quality", "ratio", direction, 0.0, high, trials)
        yield kind, tuple(aliases.split())


_ENDLESS_ROWS: Final[tuple[tuple[str, Kind, UnitName, Direction | None, str], ...]] = (
    ("mae", "quality", "score", "lower", "mean_absolute_error"),
    ("mse", "quality", "score", "lower", "mean_squared_error"),
    ("rmse", "quality", "score", "lower", "root_mean_squared_error root_mean_square_error"),
    ("msle", "quality", "score", "lower", "mean_squared_log_error"),
    ("rmsle", "quality", "score", "lower", "root_mean_squared_log_error"),
    ("median_absolute_error", "quality", "score", "lower", "medae"),
    ("max_error", "quality", "score", "lower", "abs_max_error"),
    ("loss", "quality", "score", "lower", ""),
    ("perplexity", "quality", "score", "lower", "ppl"),
    (
        *("log_loss", "calibration", "score", "lower"),
        (
            "logloss cross_entropy binary_crossentropy categorical_crossentropy "
            "sparse_categorical_crossentropy"
        ),
    ),
    ("cost_usd", "cost", "usd", "lower", "cost_in_usd total_cost_usd usd_cost"),
    ("latency_mean_ms", "latency", "ms", "lower", "latency_ms mean_latency_ms latency_ms_mean"),
    ("co2_kg", "environment", "kg_co2e", "lower", "kg_co2e co2e_kg emissions_kg"),
    ("model_size_bytes", "cost", "bytes", "lower", ""),
    ("disparate_impact", "fairness", "score", None, "disparate_impact_ratio"),
    ("mean_l2_perturbation", "robustness", "score", None, "mean_l2"),
)
"""Numbers without a greatest one: name, kind, unit, direction, and other spellings."""


def _numbers() -> Iterator[tuple[MetricKind, tuple[str, ...]]]:
    for name, kind, unit, direction, aliases in _ENDLESS_ROWS:
        yield MetricKind(name, kind, unit, direction, 0.0, _ENDLESS), tuple(aliases.split())
    for share in ("p50", "p90", "p95", "p99"):
        spelt = (f"{share}_latency_ms", f"latency_ms_{share}")
        waited = MetricKind(f"latency_{share}_ms", "latency", "ms", "lower", 0.0, _ENDLESS)
        yield waited, spelt if share != "p50" else (*spelt, "median_latency_ms")
    fit = ("r2_score", "r2score", "r_squared", "r^2", "coefficient_of_determination")
    yield MetricKind("r2", "quality", "score", "higher", -_ENDLESS), fit
    explained = ("explained_variance_score",)
    yield MetricKind("explained_variance", "quality", "score", "higher", -_ENDLESS), explained
    likeness = ("matthews_corrcoef", "matthews", "matthews_correlation_coefficient")
    yield MetricKind("mcc", "quality", "score", "higher", -1.0), likeness
    kappa = ("kappa", "cohen_kappa_score", "cohens_kappa", "cohen's_kappa")
    yield MetricKind("cohen_kappa", "quality", "score", "higher", -1.0), kappa
    yield MetricKind("ece", "calibration", "ratio", "lower"), ("expected_calibration_error",)
    yield MetricKind("mce", "calibration", "ratio", "lower"), ("maximum_calibration_error",)
    brier = ("brier_score", "brier_score_loss")
    yield MetricKind("brier", "calibration", "ratio", "lower"), brier
    robust = ("adversarial_accuracy", "accuracy_under_attack")
    yield MetricKind("robust_accuracy", "robustness", "ratio", "higher"), robust


def _gaps() -> Iterator[tuple[MetricKind, tuple[str, ...]]]:
    """Yield differences and ratios between groups: 0 and 1 are equality, each in its direction."""
    spelt = {
        "demographic_parity": ("dp", "statistical_parity"),
        "equalized_odds": ("eo", "equalised_odds"),
        "equal_opportunity": (),
    }
    shares = (
        *("accuracy", "recall", "precision", "specificity", "selection_rate", "f1"),
        *("false_positive_rate", "false_negative_rate", "roc_auc"),
    )
    for base in (*spelt, *shares):
        aliases = spelt.get(base, ())
        gap = MetricKind(f"{base}_difference", "fairness", "ratio", "lower")
        yield gap, (f"{base}_diff", f"{base}_gap", *(f"{one}_difference" for one in aliases))
        ratio = MetricKind(f"{base}_ratio", "fairness", "ratio", "higher")
        yield ratio, tuple(f"{one}_ratio" for one in aliases)


def _all() -> Iterator[tuple[MetricKind, tuple[str, ...]]]:
    yield from _shares()
    yield from _numbers()
    yield from _gaps()


METRICS: Final[Mapping[str, MetricKind]] = {kind.name: kind for kind, _ in _all()}
"""Every known metric by its canonical name."""

ALIASES: Final[Mapping[str, str]] = {
    **{alias: kind.name for kind, aliases in _all() for alias in aliases},
    **{name: name for name in METRICS},
}
"""Canonical names by every spelling, in lower case with underscores."""

_SPLITS: Final[Mapping[str, str]] = {
    "test": "test",
    "testing": "test",
    "val": "validation",
    "valid": "validation",
    "validation": "validation",
    "dev": "validation",
    "train": "train",
    "training": "train",
    "holdout": "holdout",
    "hold_out": "holdout",
    "eval": "evaluation",
    "evaluation": "evaluation",
}
_EVERYTHING: Final = frozenset({"overall", "all"})
_AT_K: Final = re.compile(r"(recall|precision|accuracy|acc|ndcg|top)[@_](?:at_)?([0-9]+)")
_UNITS: Final = (("_percent", "", 100.0), ("_pct", "", 100.0), ("_s", "_ms", 0.001))
_TURNED: Final = frozenset(
    (
        *("mae", "mse", "rmse", "msle", "rmsle"),
        *("median_absolute_error", "max_error", "log_loss", "brier"),
    )
)
"""Errors that scikit-learn gives below nought, as ``neg_log_loss``, so that more is better."""
_SLICED: Final = re.compile(r"(.+?)(?:__|\[)([^\[\]]+=[^\[\]]*)\]?")
_SLICED_BY_SLASH: Final = re.compile(r"([^/]+)/([^/:]+):([^/:]+)")


def canonical_metric(raw: str) -> CanonicalMetric:
    """Say which metric a raw name is.

    A split before the name (``test_recall``, ``val/accuracy``), a slice after it
    (``recall__sex=female``, ``recall[sex=female,age=old]``, ``recall/sex:female``) and a stated
    unit (``accuracy_pct``, ``latency_p95_s``) are told apart from it, if what is left is known.
    """
    name, part = _without_slice(raw.strip())
    spelt = _spelt(name)
    for split, rest in _with_splits(spelt):
        found = _known(rest)
        if found is not None:
            kind, dimension, per = found
            return CanonicalMetric(kind.name, kind, split, part, dimension, per)
    return CanonicalMetric(raw, None)


def canonical_split(raw: str) -> str:
    """Return the usual name of a split (``val`` is ``validation``), else the name as it is."""
    return _SPLITS.get(_spelt(raw), raw)


def canonical_slice(parts: Mapping[str, str]) -> str:
    """Return a slice as facts write it: ``age=old,sex=female``, sorted; "" for overall.

    The letters are those of Unicode's composed form, since a file name may give another.
    """
    text = ",".join(sorted(f"{column}={value}" for column, value in parts.items()))
    return unicodedata.normalize("NFC", seen_as(text))


def tidy_slice(written: str) -> str:
    """Return a slice that somebody wrote out as facts write it; "" for overall.

    Its parts are sorted, without blanks around them; what has no parts stays as it is.
    """
    text = unicodedata.normalize("NFC", seen_as(written)).strip()
    if text.lower() in _EVERYTHING:
        return ""
    pairs = [part.partition("=") for part in text.split(",")]
    if not all(sign for _, sign, _ in pairs):
        return text
    return ",".join(sorted(f"{column.strip()}={value.strip()}" for column, _, value in pairs))


def _spelt(name: str) -> str:
    return re.sub(r"[\s./-]+", "_", seen_as(name).strip()).lower()


def _without_slice(raw: str) -> tuple[str, str]:
    match = _SLICED.fullmatch(raw)
    if match:
        pairs = (pair.partition("=") for pair in re.split(r",|__", match.group(2)))
        parts = {column.strip(): value.strip() for column, _, value in pairs}
        return match.group(1), canonical_slice(parts)
    match = _SLICED_BY_SLASH.fullmatch(raw)
    if match:
        return match.group(1), canonical_slice({match.group(2): match.group(3)})
    return raw, ""


def _with_splits(spelt: str) -> Iterator[tuple[str | None, str]]:
    yield None, spelt
    for prefix, split in _SPLITS.items():
        if spelt.startswith(f"{prefix}_"):
            yield split, spelt.removeprefix(f"{prefix}_")


def _known(spelt: str) -> tuple[MetricKind, str | None, float] | None:
    if spelt in ALIASES:
        return METRICS[ALIASES[spelt]], None, 1.0
    at_k = _AT_K.fullmatch(spelt.replace("_accuracy", "") if spelt.startswith("top_") else spelt)
    if at_k:
        base = {"acc": "accuracy", "top": "accuracy"}.get(at_k.group(1), at_k.group(1))
        return METRICS[f"{base}_at_k"], at_k.group(2), 1.0
    turned = ALIASES.get(spelt.removeprefix("neg_"), "")
    if spelt.startswith("neg_") and turned in _TURNED:
        return METRICS[turned], None, -1.0
    for suffix, instead, per in _UNITS:
        name = ALIASES.get(spelt.removesuffix(suffix) + instead)
        if spelt.endswith(suffix) and name is not None:
            kind = METRICS[name]
            if (kind.unit == "ms") == (suffix == "_s"):
                return kind, None, per
    return None
