"""Overlay files: params of policies for some systems, which only tighten unless they say so."""

from collections.abc import Mapping, Sequence

from pydantic import Field, JsonValue

from assaybook.domain.base import Frozen
from assaybook.domain.errors import AuthorError
from assaybook.domain.expression import Expression
from assaybook.domain.ids import PolicyId
from assaybook.domain.params import is_relaxation
from assaybook.domain.policy import Overlay, OverlaySet, ParamValue, Policy
from assaybook.domain.record import record
from assaybook.language.build_expressions import Reading
from assaybook.language.build_params import read_param_value, written_value
from assaybook.language.document_problems import (
    problems_of,
    raise_all,
    read_document,
    unknown_word,
)
from assaybook.language.document_words import Line, Name, Prose
from assaybook.language.environment import overlay_environment
from assaybook.language.soundness import check_overlay
from assaybook.language.source import Path, Source


class OverlaySetDocument(Frozen):
    """Params of one policy for some systems."""

    policy: PolicyId
    for_: JsonValue = Field(
        default=None,
        alias="for",
        description="An expression over system, or a list of system ids; without it, every system.",
    )
    params: dict[Name, JsonValue] = Field(min_length=1)
    allow_relax: bool = False
    reason: Prose | None = None


class OverlayDocument(Frozen):
    """Params set on top of policies, in the order of the file."""

    overlay: Line = Field(description="Its name.")
    set: tuple[OverlaySetDocument, ...] = Field(min_length=1)


@record
class _Setting:
    source: Source
    policies: Mapping[str, Policy]
    problems: list[AuthorError]


def load_overlay(source: Source, *, policies: Sequence[Policy]) -> Overlay:
    """Return the overlay of a file, checked against the policies that it sets.

    Tightening is judged here against the policy's own value; what earlier overlays set is judged
    when the params of a system are put together.

    Raises:
        ProblemsError: with every fault, each at its place.
    """
    document = read_document(OverlayDocument, source)
    setting = _Setting(source, {policy.id: policy for policy in policies}, [])
    sets = [_set(one, setting, ("set", index)) for index, one in enumerate(document.set)]
    raise_all(setting.problems)
    return Overlay(document.overlay, tuple(sets), source.values())


def set_of(
    document: OverlaySetDocument,
    policy: Policy,
    source: Source,
    path: Path,
    problems: list[AuthorError],
) -> OverlaySet:
    """Return one set of an overlay that stands in another file, such as beside a case."""
    return _set(document, _Setting(source, {policy.id: policy}, problems), path)


def _set(document: OverlaySetDocument, setting: _Setting, path: Path) -> OverlaySet:
    systems, applies = _target(document.for_, setting, (*path, "for"))
    if document.allow_relax and document.reason is None:
        setting.problems.append(
            AuthorError(
                "reason-missing",
                "allow_relax needs a reason",
                where=setting.source.where_key((*path, "allow_relax")),
                hint="Add reason: with a sentence; every report shows it.",
            )
        )
    policy = setting.policies.get(document.policy)
    if policy is None:
        where = setting.source.where((*path, "policy"))
        known = list(setting.policies)
        setting.problems.append(
            unknown_word("policy-unknown", "policy", document.policy, known, where)
        )
        params: dict[str, ParamValue] = {}
    else:
        params = _params(document, policy, setting, (*path, "params"))
    return OverlaySet(
        policy=document.policy,
        params=params,
        systems=systems,
        applies=applies,
        allow_relax=document.allow_relax,
        reason=document.reason or "",
    )


def _params(
    document: OverlaySetDocument, policy: Policy, setting: _Setting, path: Path
) -> dict[str, ParamValue]:
    params: dict[str, ParamValue] = {}
    for name, written in document.params.items():
        at = (*path, name)
        if name not in policy.params:
            where = setting.source.where_key(at)
            what = f"param of {policy.id}"
            setting.problems.append(unknown_word("param-unknown", what, name, policy.params, where))
            continue
        try:
            params[name] = read_param_value(policy.params[name], written, setting.source, at)
        except AuthorError as error:
            setting.problems.extend(problems_of(error))
            continue
        if not document.allow_relax:
            setting.problems.extend(
                _relaxations(policy, name, params[name], setting.source.where(at))
            )
    return params


def _relaxations(policy: Policy, name: str, value: ParamValue, where: str) -> list[AuthorError]:
    param = policy.params[name]
    if not is_relaxation(param, param.value, value):
        return []
    before, after = written_value(param.value), written_value(value)
    message = f"{name} of {policy.id} goes from {before} to {after}, which asks less"
    if param.stricter is None:
        message = f"{name} of {policy.id} goes from {before} to {after}, and has no stricter side"
    hint = "An overlay tightens; to relax, write allow_relax: true and a reason."
    return [AuthorError("overlay-relaxes", message, where=where, hint=hint)]


def _target(
    written: JsonValue, setting: _Setting, path: Path
) -> tuple[tuple[str, ...], Expression | None]:
    """Return the systems that are named, or the condition, or neither for every system."""
    if written is None:
        return (), None
    if isinstance(written, str):
        return (), _condition(written, setting, path)
    if isinstance(written, list) and written and all(isinstance(each, str) for each in written):
        return tuple(str(each) for each in written), None
    setting.problems.append(
        AuthorError(
            "wrong-type",
            "for must be an expression over system, or a list of system ids",
            where=setting.source.where(path),
            hint='Such as system.risk_tier == "high", or [credit-scoring].',
        )
    )
    return (), None


def _condition(text: str, setting: _Setting, path: Path) -> Expression | None:
    reading = Reading(setting.source, setting.problems)
    condition = reading.condition(text, path, overlay_environment())
    if condition is not None:
        reading.hold(lambda: check_overlay(condition), path)
    return condition
