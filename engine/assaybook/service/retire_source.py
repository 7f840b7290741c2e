"""Retiring a source: a person says that it will not answer again, and why."""

import json

from assaybook.domain.errors import UsageError
from assaybook.domain.evidence import Scope
from assaybook.domain.letters import says_something
from assaybook.domain.waiver import Retirement
from assaybook.store.decisions import retired_source, save_retirement
from assaybook.store.evidence import evidence_for
from assaybook.store.rows import source_json
from assaybook.store.subjects import known_system
from assaybook.store.unit_of_work import UnitOfWork


def retire_source(  # noqa: PLR0913 - each is a part of what the person says
    work: UnitOfWork,
    system: str,
    *,
    format: str,  # noqa: A002 - the word of the envelope
    tool: str,
    scope: Scope,
    reason: str,
    person: str,
) -> Retirement:
    """Record that a source of a system will not answer again; what it sent stops counting.

    Raises:
        UsageError: ``system-unknown``; ``retirement-unexplained`` without a person or a reason;
            ``source-unknown``, it never sent a document about the system.
    """
    known_system(work, system)
    if not (person.strip() and says_something(reason)):
        raise UsageError(
            "retirement-unexplained",
            "who retires the source and why must be on record",
            hint="Name both: --person NAME --reason WORDS",
        )
    retirement = Retirement(
        format=format,
        tool=tool,
        dataset=scope.dataset,
        split=scope.split,
        path=scope.path,
        job=scope.job,
        reason=reason,
        person=person,
        at=work.now,
    )
    sources = {source_json(one.envelope) for one in evidence_for(work, system, as_of=work.now)}
    if retired_source(retirement) not in sources:
        raise UsageError(
            "source-unknown",
            f"no document about {system} came from {format} {tool} with this scope",
            hint=_there_are(sources),
        )
    save_retirement(work, system, retirement)
    return retirement


def _there_are(sources: set[bytes]) -> str:
    """Return the sources that there are, at most five, in the words of their scope."""
    shown: list[str] = []
    for each in sorted(sources)[:5]:
        said = {key: value for key, value in json.loads(each).items() if value}
        shown.append(", ".join(f"{key} {value}" for key, value in sorted(said.items())))
    more = len(sources) - len(shown)
    tail = f"; and {more} more" if more > 0 else ""
    return f"There are: {'; '.join(shown)}{tail}." if shown else "None was submitted yet."
