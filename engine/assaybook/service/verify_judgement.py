"""Checking that the findings of a pack follow from what it carries: judge again, and compare."""

from collections.abc import Iterator
from typing import Final

from pydantic import JsonValue

from assaybook.domain.attachment import BUNDLE, FACTS, FINDINGS, SUBJECT
from assaybook.domain.canonical import canonical, digest_of, digest_of_model
from assaybook.domain.errors import AssayError, AuthorError
from assaybook.domain.finding import Assessment, AssessmentHead
from assaybook.evaluation.assess import Inputs, assess
from assaybook.language.sentence import rule_sentence
from assaybook.service.bundles import Ruling, recorded_ruling
from assaybook.service.judge import ENGINE
from assaybook.service.verify_engine import judged_otherwise, otherwise
from assaybook.service.verify_parts import Judged, Predicate
from assaybook.service.verify_report import Step, bad, good, unsure

STEP: Final = "judgement"
_ASK: Final = "Ask whoever made the pack for the original; do not rely on this one."
_BUNDLE_KEYS: Final = {"bundle", "digest", "engine"}


def judgement_steps(judged: Judged, said: Predicate) -> Iterator[Step]:
    """Yield whether findings, bundle, subject and facts are of one piece, and judge again.

    Raises:
        AssayError: the bundle cannot be used.
    """
    head = judged.assessment.assessment
    sealed = _sealed_digest(judged.assessment) == head.digest
    if head.digest == said.assessment and not sealed and ENGINE not in (head.engine, said.engine):
        # The digest is that of the bytes, so it is the shape of findings that has changed.
        yield otherwise(STEP, FINDINGS, said.engine, "this version writes findings otherwise")
        return
    if not sealed or head.digest != said.assessment:
        message = "the findings are not those whose digest was signed"
        yield bad(STEP, "findings-changed", FINDINGS, message, _ASK)
        return
    told = (said.engine, said.as_of, said.system, said.release)
    subject = judged.subject
    if told != (head.engine, head.as_of, subject.system.id, subject.release.version):
        message = "the manifest is about another system, release, instant or engine"
        yield bad(STEP, "manifest-elsewhere", FINDINGS, message, _ASK)
    if digest_of_model(subject) != head.subject:
        message = "it is not the subject that was judged"
        yield bad(STEP, "subject-changed", SUBJECT, message, _ASK)
    ruling = None
    for step in _bundle_steps(judged, head):
        if isinstance(step, Ruling):
            ruling = step
        else:
            yield step
    if ruling is not None:
        yield _judged_again(judged, in_order(ruling, judged.assessment))


def _bundle_steps(judged: Judged, head: AssessmentHead) -> Iterator[Step | Ruling]:
    """Yield what is wrong with the bundle or, at the end, the bundle where it can be used."""
    digest = head.bundle
    try:
        ruling = recorded_ruling(bundle_told(judged))
    except AssayError as error:
        yield _unused(error, judged, head)
        return
    if ruling.bundle.digest != digest or _beside(judged) != (digest, head.engine):
        message = "these are not the policies that judged"
        yield bad(STEP, "bundle-changed", BUNDLE, message, _ASK)
        return
    count = len(ruling.bundle.policies)
    yield good(STEP, "bundle", BUNDLE, f"{count} policies under the digest that was judged by")
    yield ruling


def _unused(error: AssayError, judged: Judged, head: AssessmentHead) -> Step:
    """Return what to say of a bundle that cannot be used here."""
    if error.code == "catalog-changed":
        hint = "Verify with the version of Assaybook that made the pack."
        return unsure(STEP, error.code, BUNDLE, error.message, hint)
    told = bundle_told(judged)
    if head.engine == ENGINE or (digest_of(canonical(told)), head.engine) != _beside(judged):
        return bad(STEP, error.code, BUNDLE, error.message, _ASK)
    what = f"this version does not judge by its policies ({error.code}: {error.message})"
    return otherwise(STEP, BUNDLE, head.engine, what)


def bundle_told(judged: Judged) -> JsonValue:
    """Return the bundle of a pack as plain values.

    Raises:
        AuthorError: ``bundle-malformed``.
    """
    told = judged.bundle
    if not isinstance(told, dict) or told.keys() != _BUNDLE_KEYS:
        raise AuthorError("bundle-malformed", "it is no bundle as we write it", where=BUNDLE)
    return told["bundle"]


def _beside(judged: Judged) -> tuple[JsonValue, JsonValue]:
    """Return the digest and the engine that stand beside the bundle of a pack."""
    told = judged.bundle if isinstance(judged.bundle, dict) else {}
    return told.get("digest"), told.get("engine")


def in_order(ruling: Ruling, found: Assessment) -> Ruling:
    """Return a bundle with its catalogs in the order of the report, which decides nothing."""
    places = {one.catalog: place for place, one in enumerate(found.conclusion)}
    ordered = sorted(ruling.catalogs, key=lambda one: places.get(one.id, len(places)))
    return Ruling(ruling.bundle, tuple(ordered))


def inputs_of(judged: Judged, ruling: Ruling) -> Inputs:
    """Return all that an assessment in a pack rests on, to judge it again."""
    found, head = judged.assessment, judged.assessment.assessment
    return Inputs(
        bundle=ruling.bundle,
        subject=judged.subject,
        evidence=judged.evidence,
        catalogs=ruling.catalogs,
        as_of=head.as_of,
        sentence=rule_sentence,
        engine=head.engine,
        waivers=judged.statements.waivers,
        baseline=judged.statements.baseline,
        retirements=judged.statements.retirements,
        fail_on=found.gate.fail_on,
        problems=len(judged.problems),
        unrecognised=judged.unrecognised,
        asserted=head.asserted,
    )


def _judged_again(judged: Judged, ruling: Ruling) -> Step:
    found, head = judged.assessment, judged.assessment.assessment
    again = assess(inputs_of(judged, ruling))
    if again == found:
        count = len(found.findings)
        message = f"all {count} findings came out the same when they were judged again"
        by = f" by {ENGINE}; {head.engine} made them" if head.engine != ENGINE else ""
        return good(STEP, "judged-again", FINDINGS, message + by)
    if again.assessment.evidence_set != head.evidence_set:
        message = "it does not hold the evidence that was judged"
        return bad(STEP, "facts-changed", FACTS, message, _ASK)
    if head.engine != ENGINE:
        return judged_otherwise(STEP, found, again)
    place = _difference(found, again)
    message = f"{place} does not follow from the facts that the pack carries"
    return bad(STEP, "judged-otherwise", FINDINGS, message, _ASK)


def _difference(found: Assessment, again: Assessment) -> str:
    """Name the first thing that differs."""
    for one, other in zip(found.findings, again.findings, strict=False):
        if one != other:
            return f"{one.policy}/{one.rule}"
    if len(found.findings) != len(again.findings):
        return "the number of findings"
    if found.standings != again.standings or found.conclusion != again.conclusion:
        return "a standing or a conclusion"
    return "the gate, a waiver or the list of unused documents"


def _sealed_digest(found: Assessment) -> str:
    """Return the digest over everything but itself."""
    head = found.assessment.model_copy(update={"digest": ""})
    return digest_of_model(found.model_copy(update={"assessment": head}))
