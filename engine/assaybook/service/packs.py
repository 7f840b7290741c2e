"""Audit packs: an assessment on paper, with everything that it takes to check it."""

from collections.abc import Sequence
from datetime import datetime
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

from assaybook.domain.attachment import MANIFEST, Attachment
from assaybook.domain.period import Period
from assaybook.domain.record import record
from assaybook.domain.trust import Trust
from assaybook.reporting.context import PackInput
from assaybook.reporting.html import render_html
from assaybook.reporting.pack import build_pack
from assaybook.reporting.pdf import PdfLimits, Press
from assaybook.reporting.sections import Profile
from assaybook.service.files import make_room, read_bytes, replace_file
from assaybook.service.judge import Judgement
from assaybook.service.pack_parts import pack_manifest, pack_parts
from assaybook.service.pack_related import related
from assaybook.service.pack_sources import PackSources
from assaybook.service.people import read_trust
from assaybook.service.period_part import period_parts


@record
class Edition:
    """Which pages a pack has, and whose it is.

    Attributes:
        organisation: whose pack it is, for the cover.
        profile: which of the sections.
        control: the control that a pack of the profile ``control`` is about.
        period: how the release stood from when to when; None for a pack as of an instant.
    """

    organisation: str = ""
    profile: Profile = "full"
    control: str = ""
    period: Period | None = None


def write_pack(
    judgement: Judgement,
    target: Path,
    edition: Edition = Edition(),  # noqa: B008 - immutable
    *,
    press: Press,
    sources: PackSources = PackSources(),  # noqa: B008 - immutable
) -> None:
    """Write the audit pack of a judgement as a PDF with its parts, signed where there are keys.

    It is laid out by ``press``, which lays out one PDF and is best started long before.

    Raises:
        UsageError: ``file-unwritable``, before anything is laid out.
        OperatorError: the PDF cannot be made, signed or written here; the hint says what is
            missing.
    """
    make_room(target)
    parts = (
        *pack_parts(judgement, sources, organisation=edition.organisation),
        *period_parts(edition.period),
    )
    pack = build_pack(_input(judgement, edition, sources, parts))
    whose, profile = edition.organisation, edition.profile
    listed = pack_manifest(judgement, sources, parts, pack, organisation=whose, profile=profile)
    with TemporaryDirectory(prefix="assay-pack-") as folder:
        made = Path(folder) / "pack.pdf"
        press.write(render_html(pack), made, attachments=(*parts, listed))
        replace_file(target, _signed(made.read_bytes(), sources))


def write_stored_pack(  # noqa: PLR0913 - where it is stored, what goes in, who signs
    database: str,
    judgement: Judgement,
    target: Path,
    edition: Edition,
    *,
    keys: Path | None,
    now: datetime,
    trust: Path | None,
    held: Sequence[Path] = (),
    cache: Path | None = None,
) -> bool:
    """Write the audit pack of a judgement that is recorded, and tell whether it is signed.

    Args:
        database: where it is recorded.
        judgement: what the pack shows.
        target: the file.
        edition: which pages.
        keys: folder of the keys of the log; None leaves the pack unsigned.
        now: the present.
        trust: the file of persons whose signatures counted, if any.
        held: files of checkpoints that readers of the pack hold.
        cache: folder of painted parts, if any.

    Raises:
        AssayError: a file, a key or the database cannot be used, or the PDF cannot be made.
    """
    # Here, since a pack of files alone opens no store, and a store's libraries take long to load.
    from assaybook.service.pack_contents_store import stored_sources
    from assaybook.service.store_access import reading

    make_room(target)
    with Press(limits=PdfLimits(), cache=cache) as press:
        with reading(database) as store:
            sources = stored_sources(
                store,
                judgement,
                keys=keys,
                now=now,
                trust=read_trust(trust) if trust else Trust(),
                held=[read_bytes(one) for one in held],
                period=edition.period,
            )
        write_pack(judgement, target, edition, press=press, sources=sources)
    return keys is not None


def can_sign() -> bool:
    """Tell whether the library that signs PDFs is installed."""
    return find_spec("pyhanko") is not None


def _input(
    judgement: Judgement, edition: Edition, sources: PackSources, parts: tuple[Attachment, ...]
) -> PackInput:
    found = judgement.assessment
    catalogs, crosswalks = related(judgement.catalogs)
    return PackInput(
        assessment=found,
        subject=judgement.subject,
        bundle=judgement.bundle,
        evidence=judgement.evidence,
        catalogs=catalogs,
        crosswalks=crosswalks,
        as_of=found.assessment.as_of,
        organisation=edition.organisation,
        waivers=found.waivers,
        problems=judgement.problems,
        profile=edition.profile,
        control=edition.control,
        history=sources.history,
        refused=sources.refused,
        changes=sources.changes,
        erased=sources.kept.erased,
        log=sources.kept.places,
        attachments=(*(one.name for one in parts), MANIFEST),
        period=edition.period,
    )


def _signed(pdf: bytes, sources: PackSources) -> bytes:
    """Return the PDF signed by the report's key; as it is where nobody signs."""
    keys, made_at = sources.keys, sources.made_at
    if keys is None or made_at is None:
        return pdf
    from cryptography.x509 import load_der_x509_certificate

    from assaybook.reporting.pdf.sign import sign_pdf

    return sign_pdf(
        pdf,
        certificate=load_der_x509_certificate(keys.report.certificate),
        key=keys.report.key,
        signed_at=made_at,
        reason="Audit pack",
    )
