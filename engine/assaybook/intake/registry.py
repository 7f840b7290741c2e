"""Every adapter, on one screen; those of third parties are loaded by name, on demand."""

from collections.abc import Iterable, Iterator
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import Final

from assaybook.domain.errors import OperatorError, SubmitterError, did_you_mean
from assaybook.intake.adapter import ENTRY_POINTS, Adapter
from assaybook.intake.adapter_rules import check_rules
from assaybook.intake.adapters.art import Art
from assaybook.intake.adapters.assaybook_v1 import AssaybookV1
from assaybook.intake.adapters.croissant import Croissant
from assaybook.intake.adapters.cyclonedx import CycloneDx
from assaybook.intake.adapters.dbt import Dbt
from assaybook.intake.adapters.deepchecks import Deepchecks
from assaybook.intake.adapters.detect_secrets import DetectSecrets
from assaybook.intake.adapters.dsse import Dsse
from assaybook.intake.adapters.evidently import Evidently
from assaybook.intake.adapters.fairlearn import Fairlearn
from assaybook.intake.adapters.garak import Garak
from assaybook.intake.adapters.gitleaks import Gitleaks
from assaybook.intake.adapters.great_expectations import GreatExpectations
from assaybook.intake.adapters.huggingface import HuggingFace
from assaybook.intake.adapters.inspect_log import InspectLog
from assaybook.intake.adapters.junit import Junit
from assaybook.intake.adapters.kitops import KitOps
from assaybook.intake.adapters.lm_eval import LmEval
from assaybook.intake.adapters.mlflow import Mlflow
from assaybook.intake.adapters.model_card_toolkit import ModelCardToolkit
from assaybook.intake.adapters.modelkit import ModelKit
from assaybook.intake.adapters.modelscan import ModelScan
from assaybook.intake.adapters.openlineage import OpenLineage
from assaybook.intake.adapters.picklescan import PickleScan
from assaybook.intake.adapters.pip_audit import PipAudit
from assaybook.intake.adapters.presidio import Presidio
from assaybook.intake.adapters.prometheus_rules import PrometheusRules
from assaybook.intake.adapters.promptfoo import Promptfoo
from assaybook.intake.adapters.sarif import Sarif
from assaybook.intake.adapters.signed_v1 import SignedV1
from assaybook.intake.adapters.spdx import Spdx
from assaybook.intake.adapters.statement import Statement
from assaybook.intake.adapters.table import Table
from assaybook.intake.adapters.trivy import Trivy
from assaybook.intake.adapters.trufflehog import TruffleHog

BUILT_IN: Final[tuple[Adapter, ...]] = (
    Art(),
    AssaybookV1(),
    Croissant(),
    Dbt(),
    CycloneDx(),
    Deepchecks(),
    DetectSecrets(),
    Dsse(),
    Evidently(),
    Fairlearn(),
    Garak(),
    Gitleaks(),
    GreatExpectations(),
    HuggingFace(),
    InspectLog(),
    Junit(),
    KitOps(),
    LmEval(),
    Mlflow(),
    ModelCardToolkit(),
    ModelKit(),
    ModelScan(),
    OpenLineage(),
    PickleScan(),
    PipAudit(),
    Presidio(),
    PrometheusRules(),
    Promptfoo(),
    Sarif(),
    SignedV1(),
    Spdx(),
    Statement(),
    Table(),
    Trivy(),
    TruffleHog(),
)

ALIASES: Final[dict[str, tuple[str, str]]] = {
    "assaybook/v1": ("assaybook", "v1"),
    "hf-model-card": ("huggingface", "model-card"),
    "hf-data-card": ("huggingface", "dataset-card"),
    "hf-dataset-card": ("huggingface", "dataset-card"),
}
"""Other names of a format, each with the version that it means."""


def adapters(points: Iterable[EntryPoint] | None = None) -> Iterator[Adapter]:
    """Yield every adapter, the built-in ones first.

    Raises:
        OperatorError: ``adapter-clash``, ``adapter-unusable`` or ``redaction-rule-invalid``.
    """
    yield from BUILT_IN
    yield from foreign(points)


def foreign(points: Iterable[EntryPoint] | None = None) -> Iterator[Adapter]:
    """Yield the adapters of third parties, each loaded when it is reached.

    Raises:
        OperatorError: ``adapter-clash``, ``adapter-unusable`` or ``redaction-rule-invalid``.
    """
    return map(_loaded, _foreign(points))


def adapter_named(name: str, points: Iterable[EntryPoint] | None = None) -> Adapter:
    """Return the adapter of a format; of third parties only the one that is asked for is loaded.

    Raises:
        SubmitterError: ``format-unknown``.
        OperatorError: ``adapter-clash``, ``adapter-unusable`` or ``redaction-rule-invalid``.
    """
    wanted = ALIASES.get(name, (name, ""))[0]
    for adapter in BUILT_IN:
        if adapter.name == wanted:
            return adapter
    others = list(_foreign(points))
    for point in others:
        if point.name == wanted:
            return _loaded(point)
    from difflib import get_close_matches

    known = [*(adapter.name for adapter in BUILT_IN), *ALIASES, *(one.name for one in others)]
    nearest = did_you_mean(get_close_matches(name, known, n=2))
    raise SubmitterError(
        "format-unknown",
        f"no adapter reads a format that is called {name!r}",
        where=name,
        hint=f"{nearest} List the formats with: assay evidence adapters".strip(),
    )


def version_meant(name: str) -> str:
    """Return the version of the format that a name means, or "" where it means any."""
    return ALIASES.get(name, (name, ""))[1]


@cache
def installed() -> tuple[EntryPoint, ...]:
    """Return what the installed packages publish; looked up once, since it reads them all."""
    return tuple(entry_points(group=ENTRY_POINTS))


def _foreign(points: Iterable[EntryPoint] | None) -> Iterator[EntryPoint]:
    found = installed() if points is None else points
    if not found:
        return
    taken = {adapter.name for adapter in BUILT_IN} | set(ALIASES)
    for point in sorted(found, key=lambda one: (one.name, one.value)):
        if point.name in taken:
            raise OperatorError(
                "adapter-clash",
                f"two adapters are called {point.name!r}",
                where=point.value,
                hint="Uninstall one of them, or ask its maker to rename it.",
            )
        taken.add(point.name)
        yield point


def _loaded(point: EntryPoint) -> Adapter:
    try:
        made = point.load()
        adapter = made() if isinstance(made, type) else made
    # Loading runs code of a third party, which can raise anything.
    except Exception as error:
        raise _unusable(point, f"it cannot be loaded: {error}") from error
    if not isinstance(adapter, Adapter) or adapter.name != point.name:
        raise _unusable(point, "it is no adapter of the name that it is published under")
    check_rules(adapter, adapter.name, point.value)
    return adapter


def _unusable(point: EntryPoint, reason: str) -> OperatorError:
    return OperatorError(
        "adapter-unusable",
        f"the adapter {point.name!r} cannot be used: {reason}",
        where=point.value,
        hint="Uninstall or update the package that publishes it.",
    )
