"""Adversarial Robustness Toolbox: an envelope around what its attacks measured.

The toolbox writes no report of its own. The envelope is ``{"tool":
"adversarial-robustness-toolbox", "version", "n_eval", "clean_accuracy", "evasion": [{"attack",
"params", "robust_accuracy", "mean_l2"}], "inference": {name: {"member_tpr", "nonmember_fpr",
"advantage"}}}``, with ``poisoning``, ``extraction`` and ``inversion`` as lists like ``evasion``.
The advantage of a membership attack is the true positive rate over members less the false positive
rate over others. The toolbox judges nothing: how many examples an attack flipped is not in the
envelope, only the accuracy that was left. An entry with ``error`` was not measured. Other keys are
not read.
"""

from collections.abc import Iterator
from dataclasses import field
from typing import Final, Literal

from assaybook.domain.documents import Detected
from assaybook.domain.evidence import Coverage, Producer, Scope
from assaybook.domain.facts import Attack, Fact
from assaybook.domain.record import draft, record
from assaybook.intake.adapter import Reading, broken, notes, recorded_all
from assaybook.intake.limits import Limits
from assaybook.intake.many_rows import told
from assaybook.intake.measure import Trial, Where, metric
from assaybook.intake.parsed import Parsed
from assaybook.intake.values import (
    Json,
    Unusable,
    count,
    instant,
    label,
    mapping,
    number,
    pointer,
    short,
    unusable,
    word,
)

_TOOL: Final = "adversarial-robustness-toolbox"
_LISTS: Final[tuple[Literal["evasion", "poisoning", "extraction", "inversion"], ...]] = (
    "evasion",
    "poisoning",
    "extraction",
    "inversion",
)
_SCORES: Final = ("empirical_robustness", "clever", "loss_sensitivity", "wasserstein_distance")
_RATES: Final = frozenset({"member_tpr", "nonmember_fpr", "advantage"})
_SLACK: Final = 1e-6


@draft
class _Found:
    """What was read so far: rows, and what was not measured, by coverage question."""

    facts: list[Fact] = field(default_factory=list)
    asked: set[str] = field(default_factory=set)
    errored: dict[str, int] = field(default_factory=dict)
    left: list[tuple[str, str]] = field(default_factory=list)

    def is_full(self) -> bool:
        """Tell whether there are more rows than can be read, so that the rest changes nothing."""
        return len(self.facts) > Limits().facts

    def miss(self, question: str, at: str, why: str) -> None:
        self.errored[question] = self.errored.get(question, 0) + 1
        self.left.append((at, why))


@record
class Art:
    """Adapter for the envelope around results of the toolbox."""

    name: str = "art"
    version: int = 4
    versions: tuple[str, ...] = ("*",)
    facts: tuple[str, ...] = ("attack", "metric")
    questions: tuple[str, ...] = (
        *("attack/evasion", "attack/poisoning", "attack/extraction", "attack/inversion"),
        *("attack/membership", "metric", "metric/quality", "metric/robustness"),
    )

    def detect(self, document: Parsed, *, declared: bool = False) -> Detected | None:
        """Recognise the name of the tool; declared, any of the lists of attacks is enough."""
        found = mapping(document.value)
        if document.media != "json" or not found:
            return None
        version = label(found.get("version")) or ""
        if found.get("tool") == _TOOL:
            reasons = ("the tool is the adversarial-robustness-toolbox",)
            return Detected(format=self.name, version=version, confidence=1.0, reasons=reasons)
        if declared and "tool" not in found and {*_LISTS, "inference"} & found.keys():
            reasons = ("it has results of attacks, and was submitted as art",)
            return Detected(format=self.name, version=version, confidence=0.5, reasons=reasons)
        return None

    def read(self, document: Parsed, detected: Detected) -> tuple[Reading, ...]:
        """Read attacks by family, membership inference, and scores of robustness."""
        top = mapping(document.value)
        where = Where(slice="", dataset=word(top.get("dataset")), split=word(top.get("split")))
        found = _Found()
        trial = Trial(rows=count(top.get("n_eval")))
        if "clean_accuracy" in top:
            value, at = top["clean_accuracy"], "/clean_accuracy"
            found.facts.append(metric(document, "accuracy", value, at=at, where=where, trial=trial))
        for family in _LISTS:
            if family in top:
                found.asked.add(f"attack/{family}")
                _attacks(document, top, family, where, found)
        if "inference" in top:
            found.asked.add("attack/membership")
            _inference(document, top["inference"], where, found)
        scores = (name for name in top if name.startswith(_SCORES))
        for name in told(one for one in scores if not isinstance(top[one], dict | list)):
            found.facts.append(metric(document, name, top[name], at=pointer(name), where=where))
        return (
            Reading(
                facts=tuple(found.facts),
                coverage=tuple(_coverage(found)),
                producer=Producer(tool=_TOOL, version=detected.version),
                scope=Scope(dataset=where.dataset, split=where.split, job=word(top.get("job"))),
                produced_at=instant(top.get("produced_at")),
                warnings=notes("not-measured", found.left),
            ),
        )


def _attacks(
    document: Parsed,
    top: dict[str, Json],
    family: Literal["evasion", "poisoning", "extraction", "inversion"],
    where: Where,
    found: _Found,
) -> None:
    listed = top[family]
    if not isinstance(listed, list):
        raise broken(document, f"{family} must be a list of attacks", at=pointer(family))
    for index, raw in enumerate(listed):
        if found.is_full():
            return
        at = pointer(family, index)
        entry = mapping(raw)
        name = word(entry.get("attack"))
        if name is None:
            raise broken(document, "an attack must have a name", at=at)
        if "error" in entry or number(entry.get("robust_accuracy")) is None:
            why = f"{name} has no robust_accuracy: it was not measured"
            found.miss(f"attack/{family}", at, why)
            continue
        params = _params(document, entry, at)
        found.facts.append(_attack(top, entry, family, at, params))
        place = Where(
            slice="",
            dataset=where.dataset,
            split=where.split,
            dimension=short(f"{name}({params})" if params else name),
        )
        for key in ("robust_accuracy", "mean_l2"):
            if key in entry:
                one = metric(document, key, entry[key], at=f"{at}/{key}", where=place)
                found.facts.append(one)


def _attack(
    top: dict[str, Json],
    entry: dict[str, Json],
    family: Literal["evasion", "poisoning", "extraction", "inversion"],
    at: str,
    params: str,
) -> Attack:
    clean = number(entry.get("clean_accuracy", top.get("clean_accuracy")))
    attacked = number(entry.get("robust_accuracy"))
    unknown: dict[str, Unusable] = {
        **unusable("clean_value", "unit" if _is_no_ratio(clean) else None),
        **unusable("attacked_value", "unit" if _is_no_ratio(attacked) else None),
    }
    return Attack(
        pointer=at,
        unknown=unknown,
        name=word(entry.get("attack")) or "",
        detector=params or None,
        family=family,
        attempts=count(entry.get("n", top.get("n_eval"))),
        clean_value=None if "clean_value" in unknown else clean,
        attacked_value=None if "attacked_value" in unknown else attacked,
    )


def _is_no_ratio(value: float | None) -> bool:
    """Tell whether an accuracy is none: 65 may be a per cent, and nobody says so."""
    return value is not None and not 0 <= value <= 1


def _params(document: Parsed, entry: dict[str, Json], at: str) -> str:
    """Return the parameters of an attack as text; the norm of the toolbox is often infinity."""
    said: list[str] = []
    for name, value in sorted(mapping(entry.get("params")).items()):
        odd = f"{at}/params{pointer(name)}" in document.odd
        shown = "infinite" if odd else str(value).lower() if isinstance(value, bool) else str(value)
        said.append(f"{name}={shown}")
    return short(",".join(said))


def _inference(document: Parsed, inference: Json, where: Where, found: _Found) -> None:
    if not isinstance(inference, dict):
        raise broken(document, "inference must be a mapping of attacks", at="/inference")
    for name, raw in inference.items():
        entry, at = mapping(raw), pointer("inference", name)
        if found.is_full():
            return
        if not isinstance(raw, dict):
            raise broken(document, "what an inference attack measured must be a mapping", at=at)
        if "error" in entry or not entry:
            found.miss("attack/membership", at, f"{name} was not measured")
        elif _RATES & entry.keys():
            found.facts.append(_membership(document, name, entry, at, found))
        else:
            for key, value in told(entry.items()):
                place = Where("", where.dataset, where.split, short(key))
                one = metric(document, name, value, at=f"{at}{pointer(key)}", where=place)
                found.facts.append(one)


def _membership(
    document: Parsed, name: str, entry: dict[str, Json], at: str, found: _Found
) -> Attack:
    tpr, fpr = number(entry.get("member_tpr")), number(entry.get("nonmember_fpr"))
    said = number(entry.get("advantage"))
    reckoned = tpr - fpr if tpr is not None and fpr is not None else None
    advantage = reckoned if said is None else said
    odd = any(f"{at}/{key}" in document.odd for key in _RATES)
    differ = reckoned is not None and said is not None and abs(reckoned - said) > _SLACK
    shares = all(one is None or 0 <= one <= 1 for one in (tpr, fpr))
    wrong = advantage is None or not -1 <= advantage <= 1 or odd or differ or not shares
    if wrong:
        found.miss("attack/membership", at, f"{name} has no advantage that agrees with its rates")
    return Attack(
        pointer=at,
        unknown=unusable("advantage", "malformed" if wrong else None),
        name=short(name),
        family="membership",
        attempts=count(entry.get("n")),
        advantage=None if wrong else advantage,
    )


def _coverage(found: _Found) -> Iterator[Coverage]:
    for row in recorded_all(found.facts, sorted(found.asked)):
        yield row.model_copy(update={"errored": found.errored.get(row.question, 0)})
