"""Warnings about policies that could be used as they are: each rule in a file of its own."""

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from assaybook.domain.errors import AuthorError
from assaybook.domain.policy import Overlay, Policy
from assaybook.language.build_expressions import Reading
from assaybook.language.faults import place_of
from assaybook.language.rules import (
    better_end,
    clause_repeated,
    declared_unseen,
    excused_by_spelling,
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
    param_undirected,
    part_unasked,
    pattern_unanchored,
    person_claimed,
    rows_excused,
    rule_repeated,
    sample_size_unasked,
    small_samples_dropped,
    split_unasked,
    still_to_come,
    stricter_turned,
    text_order,
    word_never_read,
    words_unfilled,
    worse_left_out,
)
from assaybook.language.rules.spot import Seen, Spot, seen
from assaybook.language.source import Source

CHECKS: Final[tuple[tuple[str, Callable[[Seen], Iterator[Spot]]], ...]] = (
    (better_end.RULE.code, better_end.spots),
    (clause_repeated.RULE.code, clause_repeated.spots),
    (declared_unseen.RULE.code, declared_unseen.spots),
    (excused_by_spelling.RULE.code, excused_by_spelling.spots),
    (fix_missing.RULE.code, fix_missing.spots),
    (fraction_equality.RULE.code, fraction_equality.spots),
    (heading_enough.RULE.code, heading_enough.spots),
    (limit_out_of_reach.RULE.code, limit_out_of_reach.spots),
    (limit_turned.RULE.code, limit_turned.spots),
    (mixed_alphabets.RULE.code, mixed_alphabets.spots),
    (name_otherwise.RULE.code, name_otherwise.spots),
    (never_stale.RULE.code, never_stale.spots),
    (not_tried_passes.RULE.code, not_tried_passes.spots),
    (one_good_row.RULE.code, one_good_row.spots),
    (param_undirected.RULE.code, param_undirected.spots),
    (part_unasked.RULE.code, part_unasked.spots),
    (pattern_unanchored.RULE.code, pattern_unanchored.spots),
    (person_claimed.RULE.code, person_claimed.spots),
    (rows_excused.RULE.code, rows_excused.spots),
    (rule_repeated.RULE.code, rule_repeated.spots),
    (sample_size_unasked.RULE.code, sample_size_unasked.spots),
    (small_samples_dropped.RULE.code, small_samples_dropped.spots),
    (split_unasked.RULE.code, split_unasked.spots),
    (still_to_come.RULE.code, still_to_come.spots),
    (stricter_turned.RULE.code, stricter_turned.spots),
    (text_order.RULE.code, text_order.spots),
    (word_never_read.RULE.code, word_never_read.spots),
    (words_unfilled.RULE.code, words_unfilled.spots),
    (worse_left_out.RULE.code, worse_left_out.spots),
)


def advice(policy: Policy, source: Source) -> Iterator[AuthorError]:
    """Yield every warning about a policy, each at its place in the file."""
    reading = Reading(source, [])
    read = seen(policy)
    for code, spots in CHECKS:
        for spot in spots(read):
            yield _placed(code, spot, reading)


def overlay_advice(
    overlay: Overlay, source: Source, policies: Mapping[str, Policy]
) -> Iterator[AuthorError]:
    """Yield every warning about an overlay of some policies, each at its place in the file."""
    from assaybook.language.rules import overlay_shadowed

    reading = Reading(source, [])
    for spot in overlay_shadowed.spots(overlay):
        yield _placed(overlay_shadowed.RULE.code, spot, reading)
    for spot in name_otherwise.overlay_spots(overlay, policies):
        yield _placed(name_otherwise.RULE.code, spot, reading)
    for spot in word_never_read.overlay_spots(overlay, policies):
        yield _placed(word_never_read.RULE.code, spot, reading)
    for spot in limit_out_of_reach.overlay_spots(overlay, policies):
        yield _placed(limit_out_of_reach.RULE.code, spot, reading)


def _placed(code: str, spot: Spot, reading: Reading) -> AuthorError:
    if spot.expression is None or spot.node is None:
        where = reading.source.where_key(spot.path)
        return AuthorError(code, spot.message, where=where, hint=spot.hint)
    place = place_of(spot.expression)
    quoted = place.quote(spot.node.start, spot.node.end)
    found = AuthorError(
        code,
        f"{spot.message}\n{quoted}",
        where=place.where(spot.node.start),
        hint=spot.hint,
    )
    return reading.placed(found, spot.path)
