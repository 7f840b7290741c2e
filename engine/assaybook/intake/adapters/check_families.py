"""Which family a data check of a tool belongs to, by the name that the tool gives it."""

from collections.abc import Iterable
from typing import Final, Literal, TypeAlias

from assaybook.domain.evidence import Coverage
from assaybook.domain.fact_types import question_of
from assaybook.domain.facts import DataCheck

Family: TypeAlias = Literal[
    "schema",
    "null",
    "range",
    "unique",
    "duplicate",
    "leakage",
    "imbalance",
    "representativeness",
    "label",
    "skew",
    "poisoning",
]

FAMILIES: Final[tuple[Family, ...]] = (
    *("schema", "null", "range", "unique", "duplicate", "leakage"),
    *("imbalance", "representativeness", "label", "skew", "poisoning"),
)

_EXPECTATIONS: Final[dict[Family, str]] = {
    "null": "column_values_to_not_be_null column_values_to_be_null"
    " column_proportion_of_non_null_values_to_be_between",
    "unique": "column_values_to_be_unique select_column_values_to_be_unique_within_record"
    " multicolumn_values_to_be_unique column_proportion_of_unique_values_to_be_between"
    " column_unique_value_count_to_be_between",
    "duplicate": "compound_columns_to_be_unique",
    "schema": "column_to_exist table_columns_to_match_ordered_list table_columns_to_match_set"
    " table_column_count_to_be_between table_column_count_to_equal"
    " table_row_count_to_be_between table_row_count_to_equal"
    " table_row_count_to_equal_other_table column_values_to_be_of_type"
    " column_values_to_be_in_type_list column_values_to_be_dateutil_parseable"
    " column_values_to_be_json_parseable column_values_to_match_json_schema"
    " column_values_to_match_strftime_format column_values_to_match_regex"
    " column_values_to_not_match_regex column_values_to_match_regex_list"
    " column_values_to_not_match_regex_list column_values_to_match_like_pattern"
    " column_values_to_not_match_like_pattern column_values_to_match_like_pattern_list"
    " column_values_to_not_match_like_pattern_list column_value_lengths_to_be_between"
    " column_value_lengths_to_equal",
    "range": "column_values_to_be_between column_values_to_be_in_set"
    " column_values_to_not_be_in_set column_values_to_be_increasing"
    " column_values_to_be_decreasing column_value_z_scores_to_be_less_than"
    " column_min_to_be_between column_max_to_be_between column_mean_to_be_between"
    " column_median_to_be_between column_sum_to_be_between column_stdev_to_be_between"
    " column_quantile_values_to_be_between column_most_common_value_to_be_in_set"
    " column_distinct_values_to_be_in_set column_distinct_values_to_equal_set"
    " column_distinct_values_to_contain_set column_pair_values_to_be_equal"
    " column_pair_values_a_to_be_greater_than_b column_pair_values_to_be_in_set"
    " multicolumn_sum_to_equal",
}
"""Expectations of Great Expectations, without their ``expect_``."""

_BY_EXPECTATION: Final[dict[str, Family]] = {
    f"expect_{name}": family for family, names in _EXPECTATIONS.items() for name in names.split()
}
_DBT: Final[tuple[tuple[str, Family], ...]] = (
    ("not_null", "null"),
    ("not_empty_string", "null"),
    ("at_least_one", "null"),
    ("unique_combination_of_columns", "duplicate"),
    ("unique", "unique"),
    ("accepted_values", "range"),
    ("not_accepted_values", "range"),
    ("accepted_range", "range"),
    ("mutually_exclusive_ranges", "range"),
    ("relationships", "schema"),
    ("equal_rowcount", "schema"),
    ("equality", "schema"),
    ("cardinality_equality", "schema"),
)
"""Generic tests of dbt and its utilities; the name of a test begins with that of its kind."""
_PACKAGES: Final = ("source_", "dbt_utils_", "dbt_expectations_", "dbt_expectations_source_")


def family_of_expectation(kind: str) -> Family | None:
    """Return the family of an expectation by its type, None for one of somebody's own."""
    return _BY_EXPECTATION.get(kind.lower())


def family_of_dbt_test(name: str) -> Family | None:
    """Return the family of a dbt test by its name (``not_null_customers_age``)."""
    plain = name.lower()
    for package in _PACKAGES:
        plain = plain.removeprefix(package)
    if plain.startswith("expect_"):
        # The longest fits: ``..._to_be_unique_within_record`` begins like ``..._to_be_unique``.
        fits = [known for known in _BY_EXPECTATION if plain == known or f"{known}_" in f"{plain}_"]
        return _BY_EXPECTATION[max(fits, key=len)] if fits else None
    fits_dbt = [one for one in _DBT if plain == one[0] or plain.startswith(f"{one[0]}_")]
    return max(fits_dbt, key=lambda one: len(one[0]))[1] if fits_dbt else None


def coverage_of_checks(facts: Iterable[DataCheck]) -> tuple[Coverage, ...]:
    """Return coverage by question, counted in checks.

    A check with failed rows counts as failed, be it that the tool lets so many pass. One that has
    neither a status nor counts says nothing of how it ended, so the counts of its question are not
    known. One that passed over no values examined nothing, and is counted in neither.
    """
    rows: dict[str, list[DataCheck]] = {}
    for fact in facts:
        rows.setdefault(question_of(fact), []).append(fact)
    return tuple(_counted(question, lent) for question, lent in rows.items())


def _counted(question: str, lent: list[DataCheck]) -> Coverage:
    errored = sum(fact.status == "error" for fact in lent)
    skipped = sum(fact.status == "skip" for fact in lent)
    vacuous = sum(fact.examined == 0 and fact.status == "pass" for fact in lent)
    failed = sum(fact.status == "fail" or bool(fact.failed) for fact in lent)
    silent = any(fact.status is None and fact.failed is None for fact in lent)
    if silent:
        return Coverage(question=question, failed=failed, errored=errored, skipped=skipped)
    examined = len(lent) - errored - skipped - vacuous
    return Coverage(
        question=question,
        examined=examined,
        passed=examined - failed,
        failed=failed,
        errored=errored,
        skipped=skipped,
        skipped_items=tuple(fact.check for fact in lent if fact.status == "skip")[:1000],
    )
