"""What differs between two bundles, in words that a governance lead can approve."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final, Literal, TypeAlias, get_args

from assaybook.domain.expression import Expression
from assaybook.domain.policy import Bundle, Need, OverlaySet, Param, Policy, Scope
from assaybook.domain.record import record
from assaybook.language.build_params import written_value
from assaybook.language.durations import written_duration
from assaybook.language.sentence import rule_sentence

Kind: TypeAlias = Literal[
    "policy",
    "version",
    "severity",
    "applies",
    "rule",
    "fix",
    "need",
    "param",
    "control",
    "overlay",
    "scope",
    "catalog",
    "wording",
]
Said: TypeAlias = tuple[Kind, str, str]
"""What it is about, which one, and what is said of it."""
_WHOLE: Final = frozenset({"policy", "rule", "control", "overlay", "scope", "catalog"})
"""What is told of a document that only one of the bundles holds."""
_ORDER: Final[tuple[Kind, ...]] = get_args(Kind)


@record
class Change:
    """One thing that two bundles say differently.

    ``before`` is empty where the old one is silent about it, ``after`` where the new one is.
    """

    kind: Kind
    where: str
    before: str
    after: str


def bundle_changes(old: Bundle, new: Bundle) -> tuple[Change, ...]:
    """Return every change from one bundle to another, grouped by kind and then by name.

    What no other line shows, such as a reason or a message, is a change of ``wording``: bundles of
    different digests never come out equal.
    """
    changes: list[Change] = []
    before, after = _documents(old), _documents(new)
    for name in dict.fromkeys([*before, *after]):
        one, other = before.get(name, _NOTHING), after.get(name, _NOTHING)
        found = _between(one.said, other.said)
        if _NOTHING in (one, other):
            found = [each for each in found if each.kind in _WHOLE]
        if not found and one.source != other.source:
            found = [Change("wording", name, "as before", "other words, the same rules")]
        changes += found
    return tuple(sorted(changes, key=lambda one: (_ORDER.index(one.kind), one.where)))


@record
class _Document:
    said: Mapping[tuple[Kind, str], str]
    source: Mapping[str, object]


_NOTHING: Final = _Document({}, {})


def _documents(bundle: Bundle) -> dict[str, _Document]:
    """Return what each document of a bundle says, under its name."""
    found = {f"policy {one.id}": _document(_of_policy(one), one.source) for one in bundle.policies}
    for one in bundle.overlays:
        said = (each for entry in one.sets for each in _of_set(one.name, entry))
        found[f"overlay {one.name}"] = _document(said, one.source)
    found["scope"] = _document(_of_scope(bundle.scope), bundle.scope.source)
    catalogs: Iterator[Said] = (("catalog", name, it) for name, it in bundle.catalogs.items())
    found["catalogs"] = _document(catalogs, {})
    return found


def _document(said: Iterable[Said], source: Mapping[str, object]) -> _Document:
    return _Document({(kind, where): words for kind, where, words in said}, source)


def _between(
    before: Mapping[tuple[Kind, str], str], after: Mapping[tuple[Kind, str], str]
) -> list[Change]:
    return [
        Change(key[0], key[1], before.get(key, ""), after.get(key, ""))
        for key in dict.fromkeys([*before, *after])
        if before.get(key) != after.get(key)
    ]


def _of_policy(policy: Policy) -> Iterator[Said]:
    yield "policy", policy.id, policy.title
    yield "version", policy.id, str(policy.version)
    yield "severity", policy.id, policy.severity.value
    yield "applies", policy.id, _text(policy.applies_when, "always")
    for rule in policy.rules:
        name = f"{policy.id}/{rule.id}"
        yield "rule", name, rule_sentence(rule, policy.needs, policy.params)
        yield "fix", name, rule.fix
    for need in policy.needs.values():
        yield "need", f"{policy.id}.{need.name}", _need_words(need)
    for param in policy.params.values():
        yield "param", f"{policy.id}.{param.name}", _param_words(param)
    for link in policy.controls:
        yield "control", f"{policy.id}: {link.catalog} {link.control}", link.relation


def _need_words(need: Need) -> str:
    """Return which evidence counts, as one line."""
    of = need.of if need.of is None or isinstance(need.of, Expression) else ", ".join(need.of)
    assurance = need.assurance
    strength = assurance.text if isinstance(assurance, Expression) else assurance.value
    parts = [
        need.facts,
        f"about {need.about}",
        f"where {_text(need.where, '')}" if need.where else "",
        f"fresh for {_text(need.fresh_for, 'ever')}",
        f"at least {strength}",
        f"asked {of.text if isinstance(of, Expression) else of}" if of else "",
        "may be empty" if need.may_be_empty else "",
        f"covers {need.covers.text}" if need.covers else "",
        f"may skip {need.may_skip.text}" if need.may_skip else "",
        f"examined at least {need.min_examined:g}" if need.min_examined < 1 else "",
        f"the newest {need.last}" if need.last else "",
        f"within {need.within.text}" if need.within else "",
    ]
    return "; ".join(part for part in parts if part)


def _param_words(param: Param) -> str:
    value = written_value(param.value)
    bounds = [
        f"{word} {bound:g}"
        for word, bound in (
            ("at least", param.minimum),
            ("at most", param.maximum),
            ("items:", param.min_items),
        )
        if bound is not None
    ]
    return ", ".join([value, *bounds, f"stricter {param.stricter}" if param.stricter else "free"])


def _of_set(overlay: str, one: OverlaySet) -> Iterator[Said]:
    who = ", ".join(one.systems) or _text(one.applies, "every system")
    for name, value in one.params.items():
        relaxed = f" (relaxed: {one.reason})" if one.allow_relax else ""
        yield "overlay", f"{overlay}: {one.policy}.{name} for {who}", written_value(value) + relaxed


def _of_scope(scope: Scope) -> Iterator[Said]:
    yield "scope", "frameworks", ", ".join(scope.frameworks) or "every one that a policy cites"
    for one in scope.controls:
        word = "applies" if one.applies else "does not apply"
        why = f": {one.reason}" if one.reason else ""
        yield "scope", f"{one.catalog} {one.control}", f"{word}{why}"
    for policy, why in scope.left_out.items():
        yield "scope", f"policy {policy}", f"left out: {why}"
    for name in scope.accept_supported:
        yield "scope", f"{name}, supported alone", "is enough"
    for gap in scope.gaps:
        longest = written_duration(gap.at_most)
        words = f"may be not determined for {longest}: {gap.reason}"
        yield "scope", f"{gap.catalog} {gap.control}, gaps", words
    for severity, length in scope.remediate_within.items():
        yield "scope", f"{severity} findings", f"to be mended within {written_duration(length)}"


def _text(expression: Expression | None, otherwise: str) -> str:
    return otherwise if expression is None else " ".join(expression.text.split())
