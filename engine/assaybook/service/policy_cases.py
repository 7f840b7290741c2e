"""The cases beside a policy, for faces that say what its rules were tried on."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from assaybook.domain.errors import AuthorError
from assaybook.domain.finding import Outcome
from assaybook.domain.policy import Policy
from assaybook.domain.record import record
from assaybook.language.library import Library
from assaybook.service.bundles import BundleFiles, read_library


@record
class PolicyCases:
    """The cases beside a policy as it is in force.

    Attributes:
        names: of the cases, in their order.
        expected: what each rule must come to, by case.
        file: of the policy.
        changed: whether the file was another policy when it was read than the one in force.
    """

    names: tuple[str, ...]
    expected: tuple[Mapping[str, Outcome], ...]
    file: str
    changed: bool


def cases_of(policy: Policy, folders: tuple[Path, ...]) -> PolicyCases | None:
    """Return the cases beside a policy; None where there are none, or they cannot be read.

    Args:
        policy: as it is in force.
        folders: of policies; none means the library that ships.
    """
    try:
        library = _read(folders)
    except AuthorError:
        return None
    for one in library.loaded:
        if one.policy.id == policy.id and one.cases is not None:
            cases = one.cases.cases
            return PolicyCases(
                tuple(each.name for each in cases),
                tuple({rule: said.outcome for rule, said in each.expect.items()} for each in cases),
                one.file,
                one.policy.source != policy.source,
            )
    return None


@cache
def _read(folders: tuple[Path, ...]) -> Library:
    """Return the policies of folders with their cases, as a process first saw them."""
    return read_library(BundleFiles(policies=folders), with_cases=True)
