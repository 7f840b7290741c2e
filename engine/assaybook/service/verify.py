"""Checking an audit pack offline: from the bytes of a file to good, bad, or cannot tell.

Nothing is asked of a network, a database or the maker of the pack. The links of the chain are
checked in order, each on what the ones before it have shown, and the first broken one is named.
Whatever the bytes are, the answer is a verdict: what cannot be read is bad.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final, TypeVar

from assaybook.domain.errors import AssayError, OperatorError
from assaybook.ledger.root import Root
from assaybook.service.judge import ENGINE
from assaybook.service.verify_derived import derived_steps, not_checked
from assaybook.service.verify_engine import otherwise
from assaybook.service.verify_judgement import judgement_steps
from assaybook.service.verify_left_out import COMPLETE
from assaybook.service.verify_log import (
    held_note,
    held_step,
    log_state,
    no_log_step,
    proof_steps,
)
from assaybook.service.verify_manifest import (
    Anchor,
    anchor_step,
    anchored,
    fault,
    file_steps,
    held_root,
    key_steps,
    unsigned_steps,
)
from assaybook.service.verify_pages import page_steps
from assaybook.service.verify_parts import (
    Judged,
    Manifest,
    PartError,
    Parts,
    read_judged,
    read_manifest,
)
from assaybook.service.verify_pdf import (
    PdfContents,
    PdfSignature,
    read_contents,
    read_signature,
)
from assaybook.service.verify_period import period_steps
from assaybook.service.verify_report import Standing, Step, Verification, bad, good, verification
from assaybook.service.verify_statements import statement_steps

_Found = TypeVar("_Found")
_TELLING: Final = {"judgement", "statements", "pages", "derived", "period"}
"""Steps about what a version writes. Signatures, parts, keys and log are the same for all."""
_SHAPES: Final = {"attachment-missing", "pages-unreadable", "pdf-otherwise"}
"""What is wrong with a pack of this version, and may be the shape of another's."""
_ASK: Final = "Ask whoever made the pack for the original; do not rely on this one."


@dataclass(slots=True)
class _Chain:
    """The steps so far."""

    steps: list[Step] = field(default_factory=list[Step])
    anchor: str = "nobody"
    pack: str = ""
    unchecked: list[str] = field(default_factory=list[str])
    other: str = ""
    """The version that made the pack, once that is known to be another than this one."""

    def read(self, step: str, read: Callable[[], _Found]) -> _Found | None:
        """Return what is read; where it cannot be, the step is broken."""
        try:
            return read()
        except OperatorError:
            raise
        except AssayError as error:
            self.steps.append(self._open(error, step) or fault(error, step))
        except PartError as error:
            self._unread(step, error.name, error.why)
        except Exception as error:  # noqa: BLE001 - whatever the bytes are, the answer is a verdict
            self._unread(step, step, type(error).__name__)
        return None

    def _unread(self, step: str, where: str, why: str) -> None:
        """Add that a part, or what a step is about, cannot be read."""
        if self.other and step in _TELLING:
            what = f"this version cannot read all of it ({why})"
            self.steps.append(otherwise(step, where, self.other, what))
            return
        message = f"it cannot be read as what a pack holds ({why})"
        code = f"{where.removesuffix('.json')}-unreadable"
        self.steps.append(bad(step, code, where, message, _ASK))

    def _open(self, error: AssayError, step: str) -> Step | None:
        """Return what another version may have written otherwise, where an error is of that."""
        if not self.other or step not in _TELLING or error.code not in _SHAPES:
            return None
        return otherwise(step, error.where or step, self.other, f"{error.message} ({error.code})")

    def follow(self, step: str, steps: Callable[[], Iterator[Step]]) -> None:
        """Add steps until there are no more or one cannot go on."""

        def added() -> None:
            self.steps.extend(steps())

        self.read(step, added)


@dataclass(frozen=True, slots=True)
class _Held:
    """What the auditor holds: the keys that are trusted, and a state of the log."""

    root: Root | None
    checkpoint: bytes | None


def verify_pack(
    raw: bytes, *, root: bytes | None = None, checkpoint: bytes | None = None
) -> Verification:
    """Return what checking a pack comes to.

    Args:
        raw: the PDF.
        root: the keys that the auditor trusts, as ``root.json``; without it the pack's own are
            believed, and that is said.
        checkpoint: an older state of the log that the auditor holds.

    Raises:
        OperatorError: ``sign-extra-missing``.
        SubmitterError: what the auditor gave is no root, as `read_root` says, or no checkpoint
            (``checkpoint-unreadable``): the pack was not judged.
    """
    chain = _Chain()
    held = _Held(held_root(root), held_note(checkpoint))
    _follow(chain, raw, held)
    return verification(
        chain.steps, anchor=chain.anchor, pack=chain.pack, unchecked=tuple(chain.unchecked)
    )


def _follow(chain: _Chain, raw: bytes, held: _Held) -> None:
    before = len(chain.steps)
    signature = chain.read("signature", lambda: read_signature(raw))
    if len(chain.steps) > before:
        return
    if signature is not None:
        message = "it covers every byte of the file but its own digits"
        chain.steps.append(good("signature", "coverage", "the PDF", message))
    contents = chain.read("attachments", lambda: read_contents(raw, signature))
    if contents is None:
        return
    manifest = chain.read("manifest", lambda: read_manifest(contents.files))
    if manifest is None:
        return
    chain.pack = manifest.predicate.pack
    chain.other = manifest.predicate.engine if manifest.predicate.engine != ENGINE else ""
    chain.follow("manifest", lambda: file_steps(manifest, contents.files))
    judged = chain.read("judgement", lambda: read_judged(contents.files))
    anchor = _keys(chain, manifest, signature, contents, held.root)
    if judged is not None:
        _rest(chain, manifest, judged, contents)
    if anchor is not None and judged is not None and manifest.has_log:
        _log(chain, manifest, judged, anchor, (contents.files, held.checkpoint))
    elif not manifest.has_log:
        chain.steps.append(no_log_step())
    if judged is not None and all(one.standing is not Standing.BAD for one in chain.steps):
        said = manifest.predicate
        chain.follow("derived", lambda: derived_steps(judged, said, contents.files))
        chain.follow("period", lambda: period_steps(judged, said, contents.files))
    whole = any(one.code == COMPLETE for one in chain.steps)
    chain.unchecked += (
        chain.read("derived", lambda: not_checked(contents.files, complete=whole)) or ()
    )


def _keys(
    chain: _Chain,
    manifest: Manifest,
    signature: PdfSignature | None,
    contents: PdfContents,
    root: Root | None,
) -> Anchor | None:
    """Follow the keys to the root; None where there is none to hold anything against."""
    if manifest.keys is None:
        chain.follow("keys", lambda: unsigned_steps(manifest, signature))
        return None
    anchor = chain.read("keys", lambda: anchored(contents.files, root))
    if anchor is None:
        return None
    chain.anchor = anchor.whose
    chain.steps.append(anchor_step(anchor))
    chain.follow("keys", lambda: key_steps(manifest, signature, contents.signed_at, anchor))
    return anchor


def _rest(chain: _Chain, manifest: Manifest, judged: Judged, contents: PdfContents) -> None:
    """Follow the findings to their facts, the statements to their persons, the words to both."""
    said = manifest.predicate
    chain.follow("judgement", lambda: judgement_steps(judged, said))
    chain.follow("statements", lambda: statement_steps(judged))
    chain.follow("pages", lambda: page_steps(contents.document, judged.assessment, said))


def _log(
    chain: _Chain,
    manifest: Manifest,
    judged: Judged,
    anchor: Anchor,
    given: tuple[Parts, bytes | None],
) -> None:
    """Follow everything that the pack rests on into the log, and the log to the one you know."""
    made_at, (files, held) = manifest.predicate.made_at, given
    state = chain.read("log", lambda: log_state(files, manifest, anchor.root))
    if state is None or made_at is None:
        return
    chain.follow("log", lambda: proof_steps(files, state, judged, made_at))
    if held is not None:
        step = chain.read("log", lambda: held_step(files, state, held, anchor.root, made_at))
        if step is not None:
            chain.steps.append(step)
