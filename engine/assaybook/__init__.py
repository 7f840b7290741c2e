"""Assaybook: policy-as-code compliance for machine-learning systems.

The gate of a pipeline, as objects::

    bundle = assaybook.load_bundle()
    evidence = assaybook.read_evidence("evidence/", system="system.yaml")
    result = assaybook.assess(bundle, evidence, system="system.yaml")
    result.gate.verdict, result.findings_table()

What fails raises :class:`AssayError`, which says where, why and what to do. Nothing is loaded
before it is asked for.
"""

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from typing import Any, Literal

    from assaybook.domain.errors import AssayError
    from assaybook.domain.finding import ControlStanding, Finding, Gate
    from assaybook.service.notebook import EvidenceSet, LoadedBundle, Place, Places, Result

__all__ = (  # noqa: RUF022 - in the order of use
    "load_bundle",
    "read_evidence",
    "assess",
    "LoadedBundle",
    "EvidenceSet",
    "Result",
    "Finding",
    "ControlStanding",
    "Gate",
    "AssayError",
    "__version__",
)
__version__: Final = "0.3.0"

_FACE: Final = "assaybook.service.notebook"
_HOMES: Final = {
    "LoadedBundle": _FACE,
    "EvidenceSet": _FACE,
    "Result": _FACE,
    "Finding": "assaybook.domain.finding",
    "ControlStanding": "assaybook.domain.finding",
    "Gate": "assaybook.domain.finding",
    "AssayError": "assaybook.domain.errors",
}
"""Where a name is defined that is only loaded when it is asked for."""


def load_bundle(
    policies: "Places | None" = None,
    *,
    globs: "Iterable[str]" = (),
    overlays: "Places" = (),
    scope: "Place | None" = None,
) -> "LoadedBundle":
    """Return what evidence is judged by.

    Args:
        policies: a folder of policies, or several; None means the shipped library.
        globs: keep only the policies whose id matches one of these patterns.
        overlays: files that set params of policies, in order.
        scope: the file that says which controls apply, and why the others do not.

    Raises:
        AssayError: a file cannot be read or used, with every fault of every file.
    """
    bundle: LoadedBundle = _named("load_bundle", _FACE)(
        policies, globs=globs, overlays=overlays, scope=scope
    )
    return bundle


def read_evidence(  # noqa: PLR0913 - each is what a person may say of the files
    paths: "Places",
    *,
    system: "Place | None" = None,
    release: str | None = None,
    declared_format: str | None = None,
    manifest: "Place | None" = None,
    assurance: 'Literal["self", "ci"]' = "self",
    as_of: "datetime | str | None" = None,
) -> "EvidenceSet":
    """Read the files that tools wrote, and record nothing.

    Args:
        paths: a file or a folder, or several.
        system: the file ``system.yaml``; documents that name no system are taken to be about its.
        release: the release that such documents are about; None means the only one of the file.
        declared_format: the format of files that are named one by one.
        manifest: an ``evidence.yaml`` that says what the files do not. That of a folder is found.
        assurance: ``ci`` where you vouch for the origin, which every output repeats as asserted.
        as_of: the instant at which the files count as received, by default now.

    Raises:
        AssayError: an argument cannot be used. A file that cannot be read is among ``problems``
            of the result, and makes the verdict ``error``.
    """
    evidence: EvidenceSet = _named("read_evidence", _FACE)(
        paths,
        system=system,
        release=release,
        declared_format=declared_format,
        manifest=manifest,
        assurance=assurance,
        at=_instant(as_of),
    )
    return evidence


def assess(  # noqa: PLR0913 - each is an input that decides
    bundle: "LoadedBundle",
    evidence: "EvidenceSet",
    *,
    system: "Place" = "system.yaml",
    release: str | None = None,
    as_of: "datetime | str | None" = None,
    fail_on: 'Literal["low", "medium", "high", "critical"]' = "high",
    waivers: "Place | None" = None,
    baseline: "Place | None" = None,
    trust: "Place | None" = None,
) -> "Result":
    """Judge evidence about a release, exactly as ``assay check`` does, and record nothing.

    Args:
        bundle: as ``load_bundle`` returned it.
        evidence: as ``read_evidence`` returned it.
        system: the file that says what is judged.
        release: the version that is judged; None means the only one of the file.
        as_of: the instant to judge as of, with its zone; by default now.
        fail_on: the least severity that decides the gate.
        waivers: a file of fails that people accepted.
        baseline: a file of fails that were there before.
        trust: the file of persons whose signatures count.

    Raises:
        AssayError: a file cannot be read, or an argument cannot be used.
    """
    result: Result = _named("assess", _FACE)(
        bundle,
        evidence,
        system=system,
        release=release,
        at=_instant(as_of),
        fail_on=fail_on,
        waivers=waivers,
        baseline=baseline,
        trust=trust,
    )
    return result


def _instant(as_of: "datetime | str | None") -> "datetime":
    """Return the instant that is given, else this one."""
    instant: datetime
    if as_of is None:
        instant = _named("now", "assaybook.settings")()
    else:
        instant = _named("read_instant", "assaybook.domain.ids")(as_of, "as_of")
    return instant


def _named(name: str, home: str) -> "Any":  # noqa: ANN401 - whatever it is
    """Return what a module calls by a name, which is loaded now."""
    from importlib import import_module

    return getattr(import_module(home), name)


if not TYPE_CHECKING:  # to a type checker it would say that there is every name

    def __getattr__(name: str) -> object:
        """Return a type of the face once somebody asks for it."""
        if name in _HOMES:
            return _named(name, _HOMES[name])
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)


def __dir__() -> list[str]:
    """List the types too, for whoever completes names."""
    return sorted({*globals(), *__all__})
