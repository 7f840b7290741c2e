"""System, release and params as an expression sees them; a text of blanks states nothing."""

import unicodedata
from collections.abc import Mapping

from assaybook.domain.evidence import Scope
from assaybook.domain.policy import Param
from assaybook.domain.subject import Release, System
from assaybook.domain.values import Bag, Member, Row, Scalar, Value, plain_list, unknown


def system_row(system: System) -> Row:
    """Return the system; what nobody stated is null and reads as unknown.

    Every system has somebody with a role, so no roles are roles that nobody stated; a system
    without tags has none.
    """
    values: dict[str, Value] = {
        "id": system.id,
        "name": _stated(system.name),
        "owner": _stated(system.owner),
        "purpose": _stated(system.purpose),
        "intended_uses": plain_list(
            tuple(one for each in system.intended_uses if (one := _stated(each)) is not None),
            label="system.intended_uses",
        ),
        "deployed_use": _stated(system.deployed_use),
        "risk_tier": system.risk_tier.value if system.risk_tier else None,
        "roles": plain_list(system.roles, label="system.roles") if system.roles else None,
        "generative": system.generative,
        "edge": system.edge,
        "lifecycle": system.lifecycle.value if system.lifecycle else None,
        "tags": plain_list(system.tags, label="system.tags"),
    }
    return Row("system", "system", values)


def release_row(release: Release) -> Row:
    """Return the release with its artifacts as rows."""
    artifacts = tuple(
        Member(
            Row(
                "artifact",
                f"release.artifacts[{one.kind}={one.name}]",
                {"name": one.name, "kind": one.kind, "digest": one.digest},
            )
        )
        for one in release.artifacts
    )
    values: dict[str, Value] = {
        "version": release.version,
        "stage": _stated(release.stage),
        "artifacts": Bag(artifacts, label="release.artifacts", kind="artifact"),
        "baseline": release.baseline,
        "released_at": release.released_at,
    }
    return Row("release", "release", values)


def _stated(text: str | None) -> str | None:
    """Return what a text says without the blanks around it; None where it says nothing."""
    return (text.strip() or None) if text is not None else None


def scope_row(scope: Scope) -> Row:
    """Return the scope of a document."""
    values: dict[str, Value] = {
        "dataset": scope.dataset,
        "split": scope.split,
        "path": scope.path,
        "job": scope.job,
    }
    return Row("scope", "scope", values)


def params_row(params: Mapping[str, Param]) -> Row:
    """Return the params; one that nobody has set is unknown(param_unset).

    Texts are in Unicode's composed form, as the slices of facts are.
    """
    return Row("params", "params", {name: _value(param) for name, param in params.items()})


def _value(param: Param) -> Value:
    path = f"params.{param.name}"
    if param.value is None:
        return unknown("param_unset", path, f"nobody has set the param {param.name}")
    if isinstance(param.value, tuple):
        return plain_list(tuple(_composed(one) for one in param.value), label=path)
    return _composed(param.value)


def _composed(value: Scalar) -> Scalar:
    return unicodedata.normalize("NFC", value) if isinstance(value, str) else value
