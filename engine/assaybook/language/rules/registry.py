"""Every code that lint can give, once: the list that reports, pages and tests go by."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from assaybook.language.rules import (
    baselines,
    cases,
    clause_repeated,
    declared_unseen,
    excused_by_spelling,
    files,
    fix_missing,
    fraction_equality,
    heading_enough,
    limit_out_of_reach,
    limit_turned,
    mixed_alphabets,
    name_otherwise,
    never_stale,
    not_tried_passes,
    one_good_row,
    overlay_shadowed,
    param_undirected,
    part_unasked,
    pattern_unanchored,
    person_claimed,
    policy_parts,
    proof,
    rows_excused,
    rule_repeated,
    sample_size_unasked,
    settings,
    shape,
    small_samples_dropped,
    split_unasked,
    still_to_come,
    stricter_turned,
    syntax,
    text_order,
    types,
    words_unfilled,
    worse_left_out,
    yaml_text,
)
from assaybook.language.rules.rule import LintRule

GROUPS: Final[Mapping[str, tuple[LintRule, ...]]] = MappingProxyType(
    {
        "Rules that could pass without proof": proof.RULES,
        "What types and ranges show": types.RULES,
        "Parts of a policy": policy_parts.RULES,
        "Expressions as text": syntax.RULES,
        "Keys, words and values": shape.RULES,
        "Overlays, scopes, waivers, systems and trust": (*settings.RULES, *baselines.RULES),
        "Cases": cases.RULES,
        "Folders and files": files.RULES,
        "YAML": yaml_text.RULES,
        "Advice": (
            clause_repeated.RULE,
            declared_unseen.RULE,
            excused_by_spelling.RULE,
            fix_missing.RULE,
            fraction_equality.RULE,
            heading_enough.RULE,
            limit_out_of_reach.RULE,
            limit_turned.RULE,
            mixed_alphabets.RULE,
            name_otherwise.RULE,
            never_stale.RULE,
            not_tried_passes.RULE,
            one_good_row.RULE,
            overlay_shadowed.RULE,
            param_undirected.RULE,
            part_unasked.RULE,
            pattern_unanchored.RULE,
            person_claimed.RULE,
            rows_excused.RULE,
            rule_repeated.RULE,
            sample_size_unasked.RULE,
            small_samples_dropped.RULE,
            split_unasked.RULE,
            still_to_come.RULE,
            stricter_turned.RULE,
            text_order.RULE,
            words_unfilled.RULE,
            worse_left_out.RULE,
        ),
    }
)
RULES: Final[Mapping[str, LintRule]] = MappingProxyType(
    {rule.code: rule for group in GROUPS.values() for rule in group}
)
