"""Policies: those that the server judges by, and one of them in words, with its proof."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from assaybook.console import asked, links
from assaybook.console.backend import backend_of
from assaybook.console.frame import page
from assaybook.console.routing import Page
from assaybook.domain.finding import Outcome
from assaybook.domain.policy import Bundle, Overlay, Policy
from assaybook.domain.principal import Action
from assaybook.domain.record import record
from assaybook.language.build_params import written_value
from assaybook.service.attest import policy_named
from assaybook.service.controls import shipped_catalogs
from assaybook.service.policies import PolicyLine, PolicyShown, policy_line, policy_shown
from assaybook.service.policy_cases import PolicyCases, cases_of

_TRIED: Final = (Outcome.PASS, Outcome.FAIL, Outcome.INCONCLUSIVE, Outcome.ERROR)


@record
class PolicyRow:
    """A policy in the list.

    Attributes:
        changed: how many of its values overlays set.
        relaxed: how many of those make it less strict.
        left_out: why the scope does not judge it; empty where it does.
    """

    line: PolicyLine
    changed: int
    relaxed: int
    left_out: str


@record
class Setting:
    """What an overlay sets a param to, and for whom."""

    overlay: str
    value: str
    who: str
    relaxed: bool
    reason: str


@record
class ParamRow:
    """A param with its value as the policy has it, and what overlays set; the last one holds."""

    name: str
    type: str
    value: str
    stricter: str | None
    about: str
    settings: tuple[Setting, ...]


@record
class RuleCases:
    """How often each outcome is shown for one rule by the cases beside a policy."""

    rule: str
    counts: tuple[tuple[Outcome, int], ...]


def policy_rows(bundle: Bundle, theme: str | None) -> tuple[PolicyRow, ...]:
    """Return the policies of a bundle, or those of one theme, in order of id."""
    return tuple(
        _row(one, bundle) for one in bundle.policies if theme in {None, one.id.partition(".")[0]}
    )


def _row(policy: Policy, bundle: Bundle) -> PolicyRow:
    set_ = [each for rows in param_rows(policy, bundle.overlays) for each in rows.settings]
    relaxed = sum(one.relaxed for one in set_)
    return PolicyRow(
        policy_line(policy), len(set_), relaxed, bundle.scope.left_out.get(policy.id, "")
    )


def themes(bundle: Bundle) -> tuple[str, ...]:
    """Return the first parts of the ids of policies, in order."""
    return tuple(sorted({one.id.partition(".")[0] for one in bundle.policies}))


def param_rows(policy: Policy, overlays: Sequence[Overlay]) -> tuple[ParamRow, ...]:
    """Return the params of a policy with what overlays set, in their order."""
    return tuple(
        ParamRow(
            one.name,
            one.kind,
            "" if one.value is None else written_value(one.value),
            one.stricter,
            one.description,
            _settings(policy.id, one.name, overlays),
        )
        for one in policy.params.values()
    )


def _settings(policy: str, param: str, overlays: Sequence[Overlay]) -> tuple[Setting, ...]:
    return tuple(
        Setting(
            overlay.name,
            written_value(one.params[param]),
            ", ".join(one.systems) or (one.applies.text if one.applies else "every system"),
            one.allow_relax,
            one.reason,
        )
        for overlay in overlays
        for one in overlay.sets
        if one.policy == policy and param in one.params
    )


def case_rows(shown: PolicyShown, cases: PolicyCases) -> tuple[RuleCases, ...]:
    """Return how often each outcome is shown for each rule of a policy."""
    return tuple(RuleCases(one.rule, _counts(cases.expected, one.rule)) for one in shown.rules)


def _counts(
    expected: Sequence[Mapping[str, Outcome]], rule: str
) -> tuple[tuple[Outcome, int], ...]:
    return tuple((each, sum(one.get(rule) is each for one in expected)) for each in _TRIED)


def policies(request: Request) -> Response:
    """List the policies that the server judges by."""
    bundle = backend_of(request).ruling.bundle
    theme = asked.text(request, "theme")
    return page(
        request,
        "policies.html.j2",
        title="Policies",
        rows=policy_rows(bundle, theme),
        whole=len(bundle.policies),
        themes=themes(bundle),
        theme=theme,
        overlays=tuple(one.name for one in bundle.overlays),
        scope=bundle.scope.name,
        digest=bundle.digest,
        next_command="assay policy new THEME.NAME",
    )


def policy(request: Request) -> Response:
    """Show one policy: claim, reason, rules, values in force, evidence wanted, controls, cases."""
    backend = backend_of(request)
    bundle = backend.ruling.bundle
    found = policy_named(bundle.policies, request.path_params["policy"])
    shown = policy_shown(found, bundle.overlays, shipped_catalogs())
    folders: tuple[Path, ...] = backend.settings.policies
    cases = cases_of(found, folders)
    return page(
        request,
        "policy.html.j2",
        title=found.id,
        crumbs=(("Policies", links.policies()),),
        shown=shown,
        params=param_rows(found, bundle.overlays),
        cases=cases,
        rows=case_rows(shown, cases) if cases else (),
        left_out=bundle.scope.left_out.get(found.id, ""),
        attested={one.id: one.attested for one in found.rules if one.attested},
        test=f"assay policy test {_named(found, folders)}",
    )


def _named(policy: Policy, folders: tuple[Path, ...]) -> str:
    """Return how the command names a policy: those that ship by id, others by their folder."""
    return "FOLDER" if folders else f"'{policy.id}'"


PAGES: Final = (
    Page("/policies", policies, Action.POLICY_READ),
    Page("/policies/{policy}", policy, Action.POLICY_READ),
)
