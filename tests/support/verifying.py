"""One small signed pack with everything that it was made from, and ways to make broken ones.

The pages are laid out once; what a pack carries is changed in the PDF, and signed anew by whoever
the attacker has the keys of.
"""

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from importlib.util import module_from_spec, spec_from_file_location
from io import BytesIO
from pathlib import Path
from types import ModuleType
from typing import Any, Final

import pikepdf
from cryptography.x509 import load_der_x509_certificate

from assaybook.domain.attachment import CHECKPOINT, MANIFEST, PROOFS, Attachment
from assaybook.domain.canonical import canonical
from assaybook.domain.policy import Assurance, Severity
from assaybook.domain.trust import Trust
from assaybook.reporting.html import template_text
from assaybook.reporting.pdf import PdfLimits, write_pdf
from assaybook.reporting.pdf.sign import sign_pdf
from assaybook.reporting.verdicts import conclusion_line, cover_lines, verdict_line
from assaybook.service.bundles import BundleFiles, Ruling, read_ruling
from assaybook.service.erase_evidence import erase_evidence
from assaybook.service.judge import Judgement
from assaybook.service.ledger import sign_log
from assaybook.service.ledger_keys import Change, make_keys, read_keys, rotate_key
from assaybook.service.pack_contents_manifest import manifest, predicate
from assaybook.service.pack_contents_store import stored_sources
from assaybook.service.pack_keys import PackKeys
from assaybook.service.pack_parts import pack_parts
from assaybook.service.pack_sources import PackSources
from assaybook.service.people import read_trust
from assaybook.service.register_system import register_releases, register_system
from assaybook.service.run_assessment import run_assessment
from assaybook.service.store_access import reading, writing
from assaybook.service.subjects import read_subject
from assaybook.service.submission import Submission
from assaybook.service.submit_documents import record_submission
from assaybook.service.submit_files import read_submission
from assaybook.shelf import shelf
from assaybook.store.engine import open_engine
from assaybook.store.refusals import save_refusals
from assaybook.store.unit_of_work import Reading, UnitOfWork
from support.evidence import AS_OF, a_document, a_metric
from support.floor import POLICY
from support.refusals import a_refusal
from support.stores import SteadyClock, registered, submitted

SYSTEM: Final = "diabetes-triage"
RELEASE: Final = "1.0.0-sound"
FLAWED: Final = "1.1.0-flawed"
MADE: Final = AS_OF + timedelta(hours=1)
_ROOT: Final = Path(__file__).resolve().parents[2]
_GLOBS: Final = ("approval.two-persons", "drift.features")


@dataclass(frozen=True)
class World:
    """A store, a judgement in it, its keys, and the pack of it: the parts and the pages.

    Attributes:
        pages: the PDF before it is signed.
        files: what it carries, by name.
        old_note: a checkpoint from before the assessment.
    """

    folder: Path
    database: str
    judgement: Judgement
    keys: PackKeys
    sources: PackSources
    pages: bytes
    files: Mapping[str, bytes]
    old_note: bytes

    @property
    def root(self) -> bytes:
        """Return the keys as an auditor holds them."""
        return self.keys.root.raw()

    @property
    def predicate(self) -> dict[str, Any]:
        """Return what the manifest says of the pack."""
        return self.said(self.files)

    def said(self, files: Mapping[str, bytes]) -> dict[str, Any]:
        """Return what the manifest says for these files."""
        said = predicate(
            self.judgement.assessment,
            self.judgement.subject,
            attachments(files),
            pack="AB-1",
            organisation="Ward",
            profile="full",
            verdicts=lines_of(self.judgement),
            keys=self.keys,
            made_at=self.sources.made_at,
        )
        assert isinstance(said, dict)
        return said

    def relisted(
        self,
        files: Mapping[str, bytes],
        *,
        keys: PackKeys | None = None,
        said: Mapping[str, Any] | None = None,
    ) -> dict[str, bytes]:
        """Return files with a manifest over them, as whoever has keys can make it."""
        told = {**self.said(files), **(said or {})}
        parts = [one for one in attachments(files) if one.name != MANIFEST]
        return {**files, MANIFEST: manifest(parts, told, keys or self.keys).data}

    def renewed(self) -> bytes:
        """Return the root after a new key for statements took over."""
        folder = self.folder / "renewing"
        if not folder.exists():
            copied(self.folder / "keys", folder)
            rotate_key(folder, "statement", Change(MADE + timedelta(days=1)))
        return (folder / "root.json").read_bytes()

    def unsigned(self) -> bytes:
        """Return the pack as it is made without keys."""
        without = PackSources(self.sources.kept)
        parts = {
            one.name: one.data for one in pack_parts(self.judgement, without, organisation="Ward")
        }
        told = self.said(parts) | {"keys": "none", "made_at": None}
        listed = manifest(attachments(parts), told, None).data
        return with_files(self.pages, {**parts, MANIFEST: listed})

    def without_log(self) -> bytes:
        """Return the pack as it is signed without a log."""
        logged = {CHECKPOINT, PROOFS}
        files = {name: data for name, data in self.files.items() if name not in logged}
        return self.packed(self.relisted(files))

    def packed(
        self,
        files: Mapping[str, bytes] | None = None,
        *,
        pages: bytes | None = None,
        keys: PackKeys | None = None,
        at: datetime | None = None,
    ) -> bytes:
        """Return a signed pack that carries these files on these pages."""
        carried = with_files(pages or self.pages, self.files if files is None else files)
        return signed(carried, keys or self.keys, at or self.sources.made_at or MADE)


def a_world(folder: Path, release: str = RELEASE) -> World:
    """Return a world in a folder: one release of the example, judged by two policies.

    Of the flawed one a document was refused too, and the bytes of another were erased.
    """
    database = f"sqlite:///{folder / 'assay.db'}"
    example = Path(str(shelf("examples"))) / "diabetes"
    scope = None if release == RELEASE else example / "scope.yaml"
    overlays = (example / "overlay.yaml",)
    ruling = read_ruling(BundleFiles(globs=_GLOBS, overlays=overlays, scope=scope))
    _filled(database, example, release)
    make_keys(folder / "keys", "log.example.org", Change(AS_OF))
    with reading(database) as store:
        old_note = sign_log(store, folder / "keys", AS_OF).note.encode()
    with writing(database, lambda: AS_OF, _quiet) as work:
        judgement = run_assessment(work, SYSTEM, release, ruling, fail_on=Severity.HIGH).judgement
    if release != RELEASE:
        with writing(database, lambda: AS_OF, _quiet) as work:
            gone = judgement.evidence[0].envelope.id
            erase_evidence(work, gone, person="ann", reason="It named a patient.")
    return sealed(folder, judgement, old_note, read_trust(example / "trust.yaml"))


def a_small_world(folder: Path) -> World:
    """Return a world in a folder: one document, one rule and one control, for what takes long."""
    database, clock = f"sqlite:///{folder / 'assay.db'}", SteadyClock()
    with writing(database, clock, _quiet):
        engine = open_engine(database)
    registered(engine, clock)
    submitted(engine, a_document(a_metric(value=0.9)), clock=clock)
    ruling = small_ruling(folder)
    make_keys(folder / "keys", "log.example.org", Change(AS_OF))
    with Reading(engine) as store:
        old_note = sign_log(store, folder / "keys", clock()).note.encode()
    with UnitOfWork(engine, clock) as work:
        judgement = run_assessment(work, "s", "1", ruling, fail_on=Severity.HIGH).judgement
    engine.dispose()
    return sealed(folder, judgement, old_note, Trust(), face="Assay Mono")


def small_ruling(folder: Path) -> Ruling:
    """Return a ruling of one rule and one control, from a file that it writes."""
    (folder / "policies" / "quality").mkdir(parents=True)
    policy = POLICY.replace("nist-ai-rmf-1.0: {MEASURE 2.3:", "owasp-ml-top10-2023: {ML01:2023:")
    policy = policy.replace("ML01:2023:", '"ML01:2023":')
    (folder / "policies" / "quality" / "floor.yaml").write_text(policy, encoding="utf-8")
    return read_ruling(BundleFiles(policies=(folder / "policies",)))


def sealed(  # noqa: PLR0913 - what a pack is made of
    folder: Path,
    judgement: Judgement,
    old_note: bytes,
    trust: Trust,
    *,
    face: str = "",
    hidden: Mapping[str, Any] | None = None,
) -> World:
    """Return the world of a judgement that is recorded in the store of a folder.

    ``hidden`` says otherwise what the store would add to its pack.
    """
    database = f"sqlite:///{folder / 'assay.db'}"
    with reading(database) as store:
        sources = stored_sources(
            store,
            judgement,
            keys=folder / "keys",
            now=MADE,
            trust=trust,
            held=[old_note],
        )
    sources = replace(sources, **(hidden or {}))
    keys = read_keys(folder / "keys", MADE)
    parts = {one.name: one.data for one in pack_parts(judgement, sources, organisation="Ward")}
    world = World(folder, database, judgement, keys, sources, b"", parts, old_note)
    files = world.relisted(parts)
    pages = laid_out(folder, shown_of(judgement), attachments(files), face)
    return World(folder, database, judgement, keys, sources, pages, files, old_note)


def _quiet(words: str) -> None:
    del words


def _filled(database: str, example: Path, release: str) -> None:
    """Register one release of the example, and submit its evidence."""
    sound = read_subject(example / "system.yaml", RELEASE)
    judged = read_subject(example / "system.yaml", release)
    releases = [one for one in (sound.baseline, sound.release) if one is not None]
    releases += [judged.release] if release != RELEASE else []
    with writing(database, lambda: AS_OF, _quiet) as work:
        register_system(work, judged.system)
        register_releases(work, SYSTEM, tuple(releases))
    if release != RELEASE:
        with writing(database, lambda: AS_OF, _quiet) as work:
            save_refusals(work, [a_refusal(system=SYSTEM, release=release)])
    submission = Submission(
        paths=(example / "releases" / release / "evidence",),
        system=SYSTEM,
        release=release,
        assurance=Assurance.CI,
        submitted_by="demo",
        trust=read_trust(example / "trust.yaml"),
    )
    with writing(database, lambda: AS_OF, _quiet) as work:
        record_submission(work, submission.origin, read_submission(submission, work.now))


def copied(keys: Path, folder: Path) -> None:
    """Copy a folder of keys, for only its owner to read."""
    folder.mkdir()
    for file in keys.iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
        (folder / file.name).chmod(0o600)


def lines_of(judgement: Judgement) -> tuple[str, ...]:
    """Return the verdict lines of a full pack."""
    found = judgement.assessment
    return (*map(conclusion_line, found.conclusion), *map(verdict_line, found.findings))


def shown_of(judgement: Judgement) -> tuple[str, ...]:
    """Return what a verifier looks for on pages: the cover's words, and the verdict lines."""
    return (*cover_lines(judgement.assessment), *lines_of(judgement))


def laid_out(
    folder: Path, lines: Sequence[str], parts: Sequence[Attachment], face: str = ""
) -> bytes:
    """Return a PDF that shows these lines in one face of the pack or in all, to be signed."""
    when = f"{AS_OF:%Y-%m-%dT%H:%M:%SZ}"
    names = {"author": "Ward", "description": "A pack", "generator": "Assaybook"}
    names |= {"dcterms.created": when, "dcterms.modified": when}
    metas = "".join(f'<meta name="{name}" content="{text}">' for name, text in names.items())
    known = template_text("pack.css").partition("@page")[0].split("@font-face")[1:]
    style = "".join(f"@font-face{one}" for one in known if face in one)
    family = face or "Assay Sans"
    style += f'body {{ font-family: "{family}"; font-variant-ligatures: none }}'
    shown = "".join(f"<p>{line}</p>" for line in lines)
    html = (
        f'<!DOCTYPE html><html lang="en"><head><title>A pack</title>{metas}<style>{style}</style>'
        f"</head><body><h1>A pack</h1>{shown}</body></html>"
    )
    target = folder / "pages.pdf"
    write_pdf(html, target, limits=PdfLimits(), attachments=parts)
    return target.read_bytes()


def with_files(pdf: bytes, files: Mapping[str, bytes]) -> bytes:
    """Return an unsigned PDF that carries these files and no others."""
    with pikepdf.open(BytesIO(pdf)) as document:
        for name in list(document.attachments):
            if name not in files:
                del document.attachments[name]
        tree = document.Root.Names.EmbeddedFiles.Names
        known = {str(tree[place]): tree[place + 1] for place in range(0, len(tree), 2)}
        for name, data in files.items():
            stream = pikepdf.Stream(document, data)
            stream.Type = pikepdf.Name.EmbeddedFile
            if name in known:
                known[name].EF = pikepdf.Dictionary(F=document.make_indirect(stream))
                continue
            named = pikepdf.Dictionary(Type=pikepdf.Name.Filespec, F=name, UF=name)
            named.EF = pikepdf.Dictionary(F=document.make_indirect(stream))
            tree.extend([pikepdf.String(name), document.make_indirect(named)])
        made = BytesIO()
        document.save(
            made, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.generate
        )
    return made.getvalue()


def signed(pdf: bytes, keys: PackKeys, at: datetime) -> bytes:
    """Return a PDF signed by the report's key."""
    return sign_pdf(
        pdf,
        certificate=load_der_x509_certificate(keys.report.certificate),
        key=keys.report.key,
        signed_at=at,
        reason="Audit pack",
    )


def attachments(files: Mapping[str, bytes]) -> tuple[Attachment, ...]:
    """Return files as parts of a pack."""
    return tuple(
        Attachment(
            name=name,
            media_type="application/json",
            relationship="Data",
            description="A part",
            data=data,
        )
        for name, data in files.items()
    )


def edited(raw: bytes, change: Any) -> bytes:
    """Return canonical JSON after a change to what it says."""
    value = json.loads(raw)
    change(value)
    return canonical(value)


SECOND_FILES: Final = ("verify_pack", "verify_oscal", "verify_pdf", "verify_parts")
"""The files of the second verifier; each loads only those before it."""


@cache
def second_verifier() -> ModuleType:
    """Return the verifier of ``tools`` that asks all; its files are in no package."""
    for name in SECOND_FILES:
        sys.modules[name] = loaded(name, _ROOT / "tools" / f"{name}.py")
    return sys.modules["verify_parts"]


def lone_verifier(folder: Path) -> ModuleType:
    """Return the first file of the verifier of ``tools`` alone, in an empty folder."""
    copy = folder / "verify_pack.py"
    copy.write_bytes((_ROOT / "tools" / copy.name).read_bytes())
    return loaded("lone_verifier", copy)


def loaded(name: str, file: Path) -> ModuleType:
    """Return what a file is as a module of a name, which other modules may ask for."""
    spec = spec_from_file_location(name, file)
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules[name] = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
