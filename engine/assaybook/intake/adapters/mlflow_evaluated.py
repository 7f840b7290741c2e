"""How many cases are behind what MLflow's own evaluation of a binary classifier measured.

It logs the four counts of the confusion beside the shares. They are taken for the trials of a share
only where they come to its value, so that counts of another evaluation are not lent to it.
"""

from typing import Final

from assaybook.domain.facts import Metric

_COUNTS: Final = ("true_positives", "false_positives", "true_negatives", "false_negatives")
_NEAR: Final = 1e-9


def counted(metrics: tuple[Metric, ...]) -> tuple[Metric, ...]:
    """Return the metrics of a run, with the trials of those that its counts reproduce."""
    if not any((one.raw_name or "").endswith(_COUNTS[0]) for one in metrics):
        return metrics
    values = {(one.raw_name or "", one.dataset): one.value for one in metrics}
    return tuple(_with_trials(one, values) for one in metrics)


def _with_trials(one: Metric, values: dict[tuple[str, str | None], float | None]) -> Metric:
    raw = one.raw_name or ""
    kind = next((each for each in _SHARES if raw.endswith(each)), None)
    if kind is None or one.value is None:
        return one
    prefix = raw.removesuffix(kind)
    found = [values.get((f"{prefix}{name}", one.dataset)) for name in _COUNTS]
    counts = [int(each) for each in found if each is not None and each >= 0 and each.is_integer()]
    if len(counts) != len(_COUNTS):
        return one
    hits, trials = (sum(counts[place] for place in part) for part in _SHARES[kind])
    if not trials or abs(hits / trials - one.value) > _NEAR:
        return one
    return one.model_copy(update={"n": trials, "n_rows": sum(counts)})


_SHARES: Final = {
    "accuracy_score": ((0, 2), (0, 1, 2, 3)),
    "precision_score": ((0,), (0, 1)),
    "recall_score": ((0,), (0, 3)),
}
"""The shares by the counts that are their hits, and those that are their trials."""
