"""What may happen to the evidence of a policy, and what the policy then says."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import cache
from typing import Any, Final

from assaybook.domain.canonical import digest_of
from assaybook.domain.documents import Evidence
from assaybook.domain.evidence import AboutSubject, Envelope
from assaybook.domain.finding import Assessment
from assaybook.domain.ids import written
from assaybook.domain.policy import (
    Assurance,
    Overlay,
    OverlaySet,
    ParamValue,
    Policy,
    Scope,
)
from assaybook.domain.subject import Subject
from assaybook.domain.waiver import Retirement, Waiver
from assaybook.evaluation.assess import Inputs, assess
from assaybook.language.bundle import make_bundle
from assaybook.language.sentence import rule_sentence
from assaybook.service.bundles import BundleFiles, read_library
from support.evidence import (
    AS_OF,
    a_fact,
    a_subject,
    days,
)
from support.specimens import Facts, Specimen


@cache
def policies() -> Mapping[str, Policy]:
    """Return the shipped policies by id."""
    return {one.id: one for one in read_library(BundleFiles()).policies}


def judged(  # noqa: PLR0913 - everything that an assessment depends on
    policy: str,
    documents: Sequence[Evidence],
    *,
    subject: Subject | None = None,
    params: Mapping[str, ParamValue] | None = None,
    waivers: tuple[Waiver, ...] = (),
    retirements: tuple[Retirement, ...] = (),
    as_of: datetime = AS_OF,
) -> Assessment:
    """Return the assessment of one shipped policy alone; its controls play no part."""
    alone = replace(policies()[policy], controls=())
    sets = OverlaySet(policy, params or {}, allow_relax=True, reason="a test")
    overlays = (Overlay("test", (sets,)),) if params else ()
    return assess(
        Inputs(
            bundle=make_bundle((alone,), overlays, Scope(), {}),
            subject=subject or a_subject(),
            evidence=tuple(documents),
            catalogs=(),
            as_of=as_of,
            sentence=rule_sentence,
            engine="test",
            waivers=waivers,
            retirements=retirements,
        )
    )


def letters(found: Assessment) -> str:
    """Return the outcomes of the rules, in their order, by their first letters."""
    return "".join(one.outcome.value[0].upper() for one in found.findings)


def judged_specimen(specimen: Specimen, *documents: Evidence, **rest: Any) -> str:
    """Return the outcomes of a specimen's policy over documents, as letters."""
    rest["subject"] = specimen.subject(rest.get("subject"))
    return letters(judged(specimen.policy, documents, params=specimen.params, **rest))


def an_answer(
    person: str | None, answer: str = "yes", *, role: str = "release-approver", age: float = 2
) -> Evidence:
    """Return a verified answer about release 1, signed ``age`` days before ``AS_OF``."""
    at = AS_OF - days(age)
    blob = digest_of(f"{person} {answer} {role} {written(at)}".encode())
    fact = a_fact(
        "attestation",
        policy="approval.two-persons",
        rule="go-ahead",
        person=person,
        answer=answer,
        role=role,
        signed_at=at,
    )
    envelope = Envelope(
        id=f"ev-{blob[7:23]}",
        blob=blob,
        size=1,
        subject=AboutSubject(system="s", release="1"),
        format="assaybook-statement",
        produced_at=at,
        received_at=at,
        assurance=Assurance.SIGNED,
    )
    return Evidence(envelope=envelope, facts=(fact,))


Situation = Callable[[Specimen], Sequence[Evidence] | None]


def _maybe(specimen: Specimen, facts: Facts | None) -> Sequence[Evidence] | None:
    return None if facts is None else (specimen.document(facts),)


SITUATIONS: Final[Mapping[str, Situation]] = {
    "all is well": lambda s: (s.sound(),),
    "all is ill": lambda s: (s.broken(),),
    "nothing": lambda _: (),
    "another tool's clean file only": lambda s: (s.alien,),
    "stale": lambda s: (s.sound(age=400, received=400),),
    "undated": lambda s: (s.sound(age=None),),
    "another release of the system": lambda s: (s.sound(release="2"),),
    "another system": lambda s: (s.sound(system="t"),),
    "a bad one, then a weaker clean one": lambda s: (
        s.broken(age=5, received=5),
        s.sound(assurance=Assurance.SELF),
    ),
    "a clean one, then a weaker bad one": lambda s: (
        s.sound(age=5, received=5),
        s.broken(assurance=Assurance.SELF),
    ),
    "examined nothing": lambda s: (s.document((), counts={"examined": 0}),),
    "unknown counts and no rows": lambda s: (
        s.document((), counts=dict.fromkeys(("examined", "failed", "errored", "skipped"))),
    ),
    "1 examined and 99 skipped": lambda s: (s.sound(counts={"examined": 1, "skipped": 99}),),
    "10 examined and 50 skipped": lambda s: (s.sound(counts={"examined": 10, "skipped": 50}),),
    "3 failures told and none shown": lambda s: (s.sound(counts={"failed": len(s.good) + 3}),),
    "a hit plus an errored file": lambda s: (
        s.broken(),
        s.document((), tool="b", counts={"examined": 5, "errored": 1}),
    ),
    "a pass plus an errored file": lambda s: (
        s.sound(),
        s.document((), tool="b", counts={"examined": 5, "errored": 1}),
    ),
    "a field that the format lacks": lambda s: _maybe(s, s.lacking),
    "two sources that disagree": lambda s: (s.sound(), s.broken(tool="b")),
    "a newer document without the rows": lambda s: (
        s.sound(age=5, received=5),
        s.document(()),
    ),
    "some of what is asked is missing": lambda s: _maybe(s, s.part),
    "too few samples": lambda s: _maybe(s, s.thin),
    "per cent instead of ratio": lambda s: _maybe(s, s.percent),
    "bad last week and clean today": lambda s: (s.broken(age=7, received=7), s.sound()),
    "clean last week and bad today": lambda s: (s.sound(age=7, received=7), s.broken()),
    "the same bytes again next week": lambda s: (
        s.sound(age=None, received=8, observed_at=AS_OF - days(8)),
        s.sound(age=None, observed_at=AS_OF - days(1)),
    ),
    "a source that found something and is silent since": lambda s: (
        s.broken(tool="b", age=400, received=400),
        s.sound(),
    ),
    "two tools of which the newer is clean": lambda s: (
        s.broken(tool="b", age=4, received=4),
        s.sound(),
    ),
    "a bad one, then a scan that broke off": lambda s: (
        s.broken(age=5, received=5),
        s.document((), counts={"examined": 97, "errored": 3}),
    ),
    "a bad one, then an empty list without counts": lambda s: (
        s.broken(age=5, received=5),
        s.document((), counts=dict.fromkeys(("examined", "failed", "errored", "skipped"))),
    ),
    "a clean one, then an undated bad one": lambda s: (
        s.sound(age=5, received=5),
        s.broken(age=None),
    ),
    "a bad and a clean one of one submission": lambda s: (
        s.broken(age=2, submission="one"),
        s.sound(submission="one"),
    ),
    "only a part could be read": lambda s: (s.sound(malformed=True),),
}
"""What was submitted, for a specimen; None where the situation cannot arise."""
NO_DATA_SET: Final = a_subject(
    release={
        "artifacts": tuple(one for one in a_subject().release.artifacts if one.kind == "model")
    }
)
