"""Params in force for one system: the policy's values, then the overlays in file order."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from assaybook.domain.params import is_relaxation
from assaybook.domain.policy import Overlay, OverlaySet, Param, ParamValue, Policy
from assaybook.domain.record import record
from assaybook.domain.values import Row, Unknown, joined, unknown
from assaybook.evaluation.run import truth
from assaybook.evaluation.subject_values import params_row


@record
class InForce:
    """Params as expressions see them, as reports show them, and every relaxation in words."""

    row: Row
    params: Mapping[str, Param]
    relaxed: tuple[str, ...]


def in_force(policy: Policy, overlays: Sequence[Overlay], system: Row) -> InForce:
    """Return the params of a policy for a system.

    Those that an overlay with an unknown ``for:`` sets are unknown(param_unset): a tightening
    must not be lost because nobody said what the system is. So are those of which a later overlay
    asks less than an earlier one without being allowed to.
    """
    params = {
        name: _Setting(param, param.value, (param.value,)) for name, param in policy.params.items()
    }
    for overlay in overlays:
        for one in overlay.sets:
            if one.policy != policy.id:
                continue
            applies = _applies(one, system)
            for name, value in one.params.items():
                if isinstance(applies, Unknown):
                    params[name] = _perhaps(params[name], overlay, value, applies)
                elif applies:
                    params[name] = _set(params[name], overlay, one, value)
    relaxed = tuple(
        f"{name} of {policy.id} is relaxed {one.relaxed}"
        for name, one in sorted(params.items())
        if one.relaxed and one.doubt is None
    )
    values = {
        name: one.param if one.doubt is None else replace(one.param, value=None)
        for name, one in params.items()
    }
    row = params_row(values)
    doubts = {name: one.doubt for name, one in params.items() if one.doubt is not None}
    return InForce(replace(row, values={**row.values, **doubts}), values, relaxed)


@record
class _Setting:
    """A param as overlays have set it so far.

    ``first`` is the value of the policy itself. ``asked`` are the values that hold or may hold:
    what comes later must not ask less than any of them unless it is allowed to. ``by`` names the
    overlay of the last.
    """

    param: Param
    first: ParamValue | None
    asked: tuple[ParamValue | None, ...]
    by: str = ""
    doubt: Unknown | None = None
    relaxed: str = ""


def _perhaps(before: _Setting, overlay: Overlay, value: ParamValue, applies: Unknown) -> _Setting:
    """Return a param that an overlay sets of which nobody knows whether it applies.

    One that would set the value which holds already changes nothing, whether it applies or not.
    """
    if before.doubt is None and value == before.param.value:
        return before
    message = f"it is not known whether overlay {overlay.name} applies"
    doubt = joined([unknown("param_unset", f"params.{before.param.name}", message), applies])
    return replace(before, asked=(*before.asked, value), by=overlay.name, doubt=doubt)


def _set(before: _Setting, overlay: Overlay, one: OverlaySet, value: ParamValue) -> _Setting:
    """Return a param that an overlay sets; one that asks less than an earlier one says why."""
    param = before.param
    less = any(is_relaxation(param, asked, value) for asked in before.asked)
    if less and not one.allow_relax:
        message = (
            f"overlay {overlay.name} asks less than {before.by or 'the policy'}: it takes "
            "allow_relax: true and a reason"
        )
        doubt = unknown("param_unset", f"params.{param.name}", message)
        return replace(before, asked=(*before.asked, value), doubt=doubt)
    less = less or is_relaxation(param, before.first, value)
    why = f"by overlay {overlay.name}: {one.reason}" if less else ""
    return _Setting(replace(param, value=value), before.first, (value,), overlay.name, relaxed=why)


def _applies(one: OverlaySet, system: Row) -> bool | Unknown:
    if one.systems:
        return system.values["id"] in one.systems
    if one.applies is None:
        return True
    return truth(one.applies, {"system": system})
