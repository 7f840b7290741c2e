"""What is kept of earlier assessments, and since when and until when a finding is to be mended."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Final

from assaybook.domain.base import Frozen
from assaybook.domain.finding import Assessment, Disposition, Finding, Outcome, Standing
from assaybook.domain.ids import Instant

_SETTLED: Final = frozenset({Outcome.PASS, Outcome.NOT_APPLICABLE})


class Tally(Frozen):
    """Controls of one framework that were met, of those that applied."""

    catalog: str
    met: int
    applicable: int


class Earlier(Frozen):
    """What a pack tells of one earlier assessment of its release.

    ``open`` holds ``policy/rule`` of what was neither a pass nor inapplicable; ``standings`` the
    controls of each framework by how they stood.
    """

    digest: str
    as_of: Instant
    open: tuple[str, ...]
    tallies: tuple[Tally, ...]
    standings: dict[str, dict[Standing, tuple[str, ...]]]


class Remediation(Frozen):
    """Since when a finding is open without a break, and when it is to be mended.

    ``first_seen`` is the instant of an assessment: it may have been so before. ``due`` is None
    where the scope gives no time for its severity, or the finding is accepted for as long as a
    waiver says.
    """

    policy: str
    rule: str
    first_seen: Instant
    due: Instant | None
    overdue: bool


@dataclass(frozen=True)
class Deadlines:
    """What the findings of one assessment are held against.

    Attributes:
        as_of: the instant of the assessment.
        earlier: earlier assessments, oldest first.
        within: from first seen to mended, by severity.
    """

    as_of: datetime
    earlier: Sequence[Earlier]
    within: Mapping[str, timedelta]

    @cached_property
    def _past(self) -> tuple[tuple[datetime, frozenset[str]], ...]:
        """Return what was open in each earlier assessment, the newest first."""
        return tuple((one.as_of, frozenset(one.open)) for one in reversed(self.earlier))

    def of(self, finding: Finding) -> Remediation:
        """Return since when and until when one finding is to be mended."""
        name, since = f"{finding.policy}/{finding.rule}", self.as_of
        for instant, held in self._past:
            if name not in held:
                break
            since = instant
        accepted = finding.disposition is not Disposition.OPEN
        length = None if accepted else self.within.get(finding.severity.value)
        due = since + length if length is not None else None
        return Remediation(
            policy=finding.policy,
            rule=finding.rule,
            first_seen=since,
            due=due,
            overdue=due is not None and due < self.as_of,
        )

    def all(self, findings: Iterable[Finding]) -> tuple[Remediation, ...]:
        """Return it for every finding that asks somebody for something, in their order."""
        return tuple(self.of(one) for one in findings if not is_settled(one))


def is_settled(finding: Finding) -> bool:
    """Tell whether a finding asks nobody for anything: it passed, or its policy does not apply."""
    return finding.outcome in _SETTLED


def earlier_of(found: Assessment) -> Earlier:
    """Return what is told of an assessment once there is a later one."""
    standings: dict[str, dict[Standing, list[str]]] = {}
    for one in found.standings:
        standings.setdefault(one.catalog, {}).setdefault(one.standing, []).append(one.control)
    return Earlier(
        digest=found.assessment.digest,
        as_of=found.assessment.as_of,
        open=tuple(sorted({f"{e.policy}/{e.rule}" for e in found.findings if not is_settled(e)})),
        tallies=tuple(
            Tally(
                catalog=one.catalog,
                met=one.counts.get(Standing.MET, 0),
                applicable=sum(one.counts.values()) - one.counts.get(Standing.NOT_APPLICABLE, 0),
            )
            for one in found.conclusion
        ),
        standings={
            catalog: {standing: tuple(sorted(held)) for standing, held in sorted(each.items())}
            for catalog, each in standings.items()
        },
    )
