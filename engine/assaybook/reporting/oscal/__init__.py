"""An assessment as OSCAL 1.2.1: its plan, its results, and what is left to do.

Source: NIST OSCAL 1.2.1 (assessment-plan, assessment-results, plan-of-action-and-milestones). The
same assessment gives the same bytes: every UUID is of version 5, from digests. OSCAL knows
satisfied and not satisfied; what is missing, stale, in error or accepted is never satisfied, and
says its own name in properties of our namespace.
"""

from assaybook.reporting.oscal.frameworks import frameworks
from assaybook.reporting.oscal.plan import assessment_plan
from assaybook.reporting.oscal.poam import poam
from assaybook.reporting.oscal.results import assessment_results
from assaybook.reporting.oscal.source import OscalSource

__all__ = ["OscalSource", "assessment_plan", "assessment_results", "frameworks", "poam"]
