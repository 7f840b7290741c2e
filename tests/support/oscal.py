"""OSCAL documents of the sample assessment, and the models of compliance-trestle as judges."""

import json
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any

from assaybook.domain.documents import Evidence
from assaybook.reporting.oscal import OscalSource, assessment_plan, assessment_results, poam
from support import packs

Document = dict[str, Any]


@cache
def the_source() -> OscalSource:
    """Return the sample assessment with everything that can stand beside it."""
    given = packs.a_source()
    evidence: tuple[Evidence, ...] = given.evidence
    return OscalSource(
        assessment=given.assessment,
        bundle=given.bundle,
        subject=given.subject,
        evidence=evidence,
        catalogs=given.catalogs,
        organisation=given.organisation,
    )


@cache
def a_few() -> OscalSource:
    """Return the first findings of the sample: passes, fails, one of them waived."""
    source = the_source()
    assessment = packs.an_assessment(
        source.assessment.findings[:5], standings=source.assessment.standings[:2], conclusion=()
    )
    return replace(source, assessment=assessment)


@cache
def alone() -> OscalSource:
    """Return the sample assessment with nothing beside it, as a server answers it."""
    return replace(the_source(), bundle=None, subject=None, evidence=(), catalogs={})


@cache
def the_results() -> bytes:
    """Return the results of the sample, with the plan inside."""
    return assessment_results(the_source())


@cache
def the_plan() -> bytes:
    """Return the plan of the sample."""
    return assessment_plan(the_source())


@cache
def the_poam() -> bytes:
    """Return the plan of action of the sample."""
    written = poam(the_source())
    assert written is not None
    return written


def told_by_trestle(raw: bytes) -> str:
    """Return what the models of compliance-trestle have against a document; empty if nothing.

    The metaschemas that NIST published judge too, in tests/integration/test_oscal_published.py.
    """
    from pydantic import BaseModel, ValidationError
    from trestle.oscal.assessment_plan import Model as PlanModel
    from trestle.oscal.assessment_results import Model as ResultsModel
    from trestle.oscal.catalog import Model as CatalogModel
    from trestle.oscal.poam import Model as PoamModel

    models: dict[str, type[BaseModel]] = {
        "assessment-plan": PlanModel,
        "assessment-results": ResultsModel,
        "catalog": CatalogModel,
        "plan-of-action-and-milestones": PoamModel,
    }
    (name,) = json.loads(raw)
    try:
        models[name].model_validate_json(raw)
    except ValidationError as error:
        return str(error)
    return ""


def changed(raw: bytes, change: Callable[[Any], object]) -> bytes:
    """Return a document after a change of its body."""
    document: Document = json.loads(raw)
    (body,) = document.values()
    change(body)
    return json.dumps(document).encode()
