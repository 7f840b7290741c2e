"""Judge evidence by a bundle: the one way from every face of the product to an assessment."""

from collections.abc import Iterable, Mapping
from dataclasses import field
from datetime import datetime
from typing import Final

from assaybook import __version__
from assaybook.domain.baseline import Baseline
from assaybook.domain.control import Catalog
from assaybook.domain.documents import Evidence, Problem
from assaybook.domain.evidence import Envelope
from assaybook.domain.finding import Assessment, Unused
from assaybook.domain.policy import Assurance, Bundle, Severity
from assaybook.domain.record import record
from assaybook.domain.subject import Subject
from assaybook.domain.waiver import Retirement, Waiver
from assaybook.evaluation.assess import Inputs, assess
from assaybook.language.sentence import rule_sentence
from assaybook.service.bundles import Ruling

ENGINE: Final = f"assaybook {__version__}"


@record
class Judgement:
    """An assessment with everything that a report of it needs.

    ``inputs`` is what it was made from, so that whoever holds them can make it again. ``files``
    gives the path of a piece of evidence by its id, as the submitter named it.
    """

    assessment: Assessment
    bundle: Bundle
    subject: Subject
    evidence: tuple[Evidence, ...]
    catalogs: tuple[Catalog, ...]
    inputs: Inputs
    problems: tuple[Problem, ...] = ()
    files: Mapping[str, str] = field(default_factory=dict[str, str])


def judged(  # noqa: PLR0913 - each is an input that decides
    ruling: Ruling,
    subject: Subject,
    evidence: tuple[Evidence, ...],
    *,
    as_of: datetime,
    fail_on: Severity,
    waivers: tuple[Waiver, ...] = (),
    baseline: Baseline | None = None,
    retirements: tuple[Retirement, ...] = (),
    problems: tuple[Problem, ...] = (),
    unrecognised: tuple[Unused, ...] = (),
) -> Judgement:
    """Return the judgement of evidence about a subject as of an instant."""
    inputs = Inputs(
        bundle=ruling.bundle,
        subject=subject,
        evidence=evidence,
        catalogs=ruling.catalogs,
        as_of=as_of,
        sentence=rule_sentence,
        engine=ENGINE,
        waivers=waivers,
        baseline=baseline,
        retirements=retirements,
        fail_on=fail_on,
        problems=len(problems),
        unrecognised=unrecognised,
        asserted=subject.asserted or origin_asserted(one.envelope for one in evidence),
    )
    found = assess(inputs)
    files = {one.envelope.id: one.envelope.name for one in evidence if one.envelope.name}
    return Judgement(
        found, ruling.bundle, subject, evidence, ruling.catalogs, inputs, problems, files
    )


def origin_asserted(envelopes: Iterable[Envelope]) -> bool:
    """Tell whether the origin of evidence rests on the word of whoever submitted it.

    ``ci`` does, unless it was earned by a key or token; what a signature proves is above it, and
    ``self`` claims nothing.
    """
    return any(one.assurance is Assurance.CI and not one.authenticated for one in envelopes)
