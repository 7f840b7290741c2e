"""Assessments in OSCAL, from every face, with all that is known there."""

from collections.abc import Mapping
from typing import Protocol

from assaybook.domain.documents import Problem
from assaybook.domain.finding import Assessment
from assaybook.reporting.oscal import OscalSource, assessment_results
from assaybook.service.controls import shipped_catalogs
from assaybook.service.judge import Judgement


class Told(Protocol):
    """An assessment with what could not be read and the paths of what could."""

    @property
    def assessment(self) -> Assessment:
        """Return what was judged."""
        ...

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Return what could not be read."""
        ...

    @property
    def files(self) -> Mapping[str, str]:
        """Return the path of each piece of evidence."""
        ...


def results_oscal(told: Told) -> str:
    """Return a judgement as OSCAL assessment results, its plan inside.

    One that a server made is known by its assessment alone.
    """
    if not isinstance(told, Judgement):
        return assessment_oscal(told.assessment, told.problems, told.files)
    source = judgement_source(told)
    return assessment_results(source).decode()


def judgement_source(judgement: Judgement, *, organisation: str = "") -> OscalSource:
    """Return what OSCAL documents of a judgement are made from."""
    return OscalSource(
        assessment=judgement.assessment,
        bundle=judgement.bundle,
        subject=judgement.subject,
        evidence=judgement.evidence,
        catalogs={one.id: one for one in judgement.catalogs},
        files=judgement.files,
        organisation=organisation,
        problems=judgement.problems,
    )


def assessment_oscal(
    found: Assessment, problems: tuple[Problem, ...], files: Mapping[str, str]
) -> str:
    """Return an assessment as OSCAL assessment results, its plan inside."""
    source = OscalSource(found, catalogs=shipped_catalogs(), files=files, problems=problems)
    return assessment_results(source).decode()
