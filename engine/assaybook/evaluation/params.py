"""Params in force for one system: the policy's values, then the overlays in file order."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from assaybook.domain.params import is_relaxation
from assaybook.domain.policy import Overlay, OverlaySet, Param, Policy
from assaybook.domain.record import record
from assaybook.domain.values import Row, Unknown, Value, joined, unknown
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
    must not be lost because nobody said what the system is.
    """
    params = dict(policy.params)
    doubts: dict[str, Unknown] = {}
    last: dict[str, str] = {}
    for overlay in overlays:
        for one in overlay.sets:
            if one.policy != policy.id:
                continue
            applies = _applies(one, system)
            for name, value in one.params.items():
                if isinstance(applies, Unknown):
                    path = f"params.{name}"
                    message = f"it is not known whether overlay {overlay.name} applies"
                    doubts[name] = joined([unknown("param_unset", path, message), applies])
                elif applies:
                    params[name] = replace(params[name], value=value)
                    doubts.pop(name, None)
                    last[name] = f"by overlay {overlay.name}: {one.reason}"
    relaxed = tuple(
        f"{name} of {policy.id} is relaxed {who}"
        for name, who in sorted(last.items())
        if is_relaxation(policy.params[name], policy.params[name].value, params[name].value)
    )
    row = params_row(params)
    values: dict[str, Value] = {**row.values, **doubts}
    shown = {name: replace(p, value=None) if name in doubts else p for name, p in params.items()}
    return InForce(replace(row, values=values), shown, relaxed)


def _applies(one: OverlaySet, system: Row) -> bool | Unknown:
    if one.systems:
        return system.values["id"] in one.systems
    if one.applies is None:
        return True
    return truth(one.applies, {"system": system})
