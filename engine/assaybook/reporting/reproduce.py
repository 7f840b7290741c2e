"""The last section: words, versions, and the commands that make the same pack again."""

from typing import Final

from assaybook.domain.ids import written
from assaybook.domain.policy import Scope
from assaybook.reporting.context import Context, PackInput
from assaybook.reporting.pages import ReproducePage
from assaybook.reporting.parts import Labelled, Pair
from assaybook.reporting.words import catalog_name

_WORDS: Final = (
    ("Control", "A node of a published framework that can be judged."),
    ("Policy, rule", "One claim in a file; a determination statement in it with its own id."),
    ("Bundle", "Policies, catalogs, scope and overlays under one digest."),
    ("Evidence", "The record that one document was submitted about this release."),
    ("Fact", "One typed row read out of a document, with the place it was read from."),
    ("Finding", "What one rule came to for one release in one assessment."),
    ("Standing", "What the findings make of a control."),
    ("Waiver", "A person's acceptance of a fail, with an end. It never makes a pass."),
    ("Crosswalk", "Which controls of two frameworks are related. It never carries a verdict."),
    ("Stale", "Older than the policy allows at the instant of the pack."),
    ("n of m", "n of the m that apply; what does not apply is in neither number."),
    ("n, 95 % interval", "Trials behind a value, and where the true share lies (Wilson)."),
    ("ROC AUC, Brier, ECE", "How well scores rank, and how well they read as probabilities."),
    ("KS, PSI", "Measures of drift: Kolmogorov-Smirnov, population stability index."),
    ("TEVV", "Test, evaluation, verification and validation, as NIST says."),
    ("SHA-256, DSSE", "A fingerprint of bytes; the envelope in which statements are signed."),
    ("OSCAL", "The format of NIST in which results and plan are attached."),
    ("Annex IV", "What the EU AI Act asks of a technical file."),
)


def reproduce_page(context: Context) -> ReproducePage:
    """Return the glossary, what was used in which version, and how to do it again."""
    source = context.source
    head = source.assessment.assessment
    profile = "" if source.profile == "full" else f" --profile {source.profile}"
    control = f" --control '{source.control}'" if source.control else ""
    catalogs = [
        Labelled(label=catalog_name(each.id), text=f"version {each.version}")
        for name in sorted(source.bundle.catalogs)
        for each in [source.catalogs.get(name)]
        if each is not None
    ]
    subject = f"--system {source.subject.system.id} --release {source.subject.release.version}"
    instant, files = f"--as-of {written(head.as_of)}", _files(source)
    span = _span(source) or instant
    return ReproducePage(
        words=tuple(Pair(name=name, text=text) for name, text in _WORDS),
        versions=(
            Labelled(label="Engine", text=head.engine),
            *catalogs,
            Labelled(
                label="Policies",
                text=f"{len(source.bundle.policies)}, each with its version in section 3",
            ),
        ),
        commands=(
            Labelled(
                label="Judge again",
                text=f"assay assess {subject} {instant}{files}",
                mono=True,
            ),
            Labelled(
                label="Make this pack again",
                text=f"assay pack build {subject} {span}{files}{profile}{control} -o PACK.pdf",
                mono=True,
            ),
            Labelled(label="With the same files", text=_SAME_FILES),
            Labelled(label="Check it without a server", text=VERIFY, mono=True),
            Labelled(label="Check it without us", text=_ALONE),
        ),
    )


def _span(source: PackInput) -> str:
    """Return the options that name a period; empty for a pack as of an instant."""
    period = source.period
    if period is None:
        return ""
    return f"--from {written(period.asked_since)} --to {written(period.until)}"


def _files(source: PackInput) -> str:
    """Return the options that name what judged beside the release and its evidence."""
    stated = any(fact.type == "attestation" for one in source.evidence for fact in one.facts)
    given = [
        *("--overlay OVERLAY" for _overlay in source.bundle.overlays),
        *(["--scope SCOPE"] if source.bundle.scope != Scope() else []),
        *(["--waivers WAIVERS"] if source.assessment.waivers else []),
        *(["--trust TRUST"] if stated else []),
    ]
    return "".join(f" {option}" for option in given)


VERIFY: Final = "assay verify PACK.pdf --root root.json"
_ALONE: Final = (
    "tools/verify_pack.py of the source distribution is one file, made apart from the product, and "
    "asks for Python and the package cryptography alone. It says what it does not ask."
)
_SAME_FILES: Final = (
    "Names in capitals stand for files that judged. The digest of the bundle tells whether they "
    "are the same: it is in section 1 and in what the command writes. The bundle itself is inside "
    "this PDF."
)
