"""Policies of folders: the shipped shelf and the user's own, none skipped without a word.

Every YAML file of a folder is a policy (``<theme>/<name>.yaml``, id ``<theme>.<name>``) or the
cases of one (``<name>.cases.yaml``); a file of another kind must say so with its first key
(``overlay``, ``scope``, ``waivers``, ``system``, ``persons``, ``signers``, ``authorities``) and is
listed as such.
"""

from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from fnmatch import fnmatchcase
from importlib.resources.abc import Traversable
from typing import TYPE_CHECKING, Final

from assaybook.domain.errors import AuthorError, did_you_mean
from assaybook.domain.policy import Policy
from assaybook.domain.record import record
from assaybook.language.build import References, build_policy
from assaybook.language.document import DocumentKind
from assaybook.language.document_problems import problems_of, raise_all
from assaybook.language.source import Source, read_file

if TYPE_CHECKING:
    from assaybook.language.cases import Cases

CASES: Final = ".cases.yaml"
MOST_FILES: Final = 5_000
MOST_FOLDERS_DEEP: Final = 12
_YAML: Final = (".yaml", ".yml")
_KINDS: Final[dict[str, DocumentKind]] = {
    "overlay": "overlay",
    "scope": "scope",
    "waivers": "waivers",
    "baseline": "baseline",
    "system": "system",
    "persons": "trust",
    "signers": "trust",
    "authorities": "trust",
    "cases": "cases",
    "tables": "cases",
    "policy": "policy",
}


@record
class Folder:
    """A folder of policies, and what errors call it."""

    place: Traversable
    name: str


@record
class Found:
    """A file of a folder, before it is read; ``path`` has forward slashes, under the folder."""

    folder: Folder
    path: str
    file: Traversable

    @property
    def name(self) -> str:
        """What errors call the file."""
        return f"{self.folder.name}/{self.path}" if self.folder.name else self.path


@record
class Loaded:
    """A policy with its file and its cases; ``cases`` None where no file is beside it."""

    policy: Policy
    file: str
    cases: "Cases | None"
    source: Source


@record
class Library:
    """What was loaded from where.

    ``others`` are files of other kinds that stood in the folders, with their kinds; ``aside`` are
    policies that no pattern matched, which overlays and scopes may still speak of.
    """

    loaded: tuple[Loaded, ...]
    others: tuple[tuple[Found, DocumentKind], ...] = ()
    aside: tuple[Policy, ...] = ()

    @property
    def policies(self) -> tuple[Policy, ...]:
        """The policies, by id."""
        return tuple(each.policy for each in self.loaded)


def load_policies(
    folders: Sequence[Folder],
    known: References,
    *,
    globs: Sequence[str] = (),
    with_cases: bool = False,
) -> Library:
    """Return the policies of folders, by id.

    Args:
        folders: the shipped shelf, user folders, or both.
        known: what policies may refer to.
        globs: patterns of ids; only those that match one are kept, but every file is read.
        with_cases: read the cases too.

    Raises:
        ProblemsError: a file cannot be read or is not sound, an id is used twice, a folder holds
            no policy, or a pattern matches none.
    """
    library, problems = read_policies(folders, known, with_cases=with_cases)
    kept = tuple(each for each in library.loaded if _matches(each.policy.id, globs))
    aside = tuple(each.policy for each in library.loaded if each not in kept)
    raise_all([*problems, *_unmatched(globs, library)])
    return Library(kept, library.others, aside)


def read_policies(
    folders: Sequence[Folder], known: References, *, with_cases: bool = False
) -> tuple[Library, tuple[AuthorError, ...]]:
    """Return what folders hold that is sound, and every problem with the rest."""
    problems: list[AuthorError] = []
    loaded: dict[str, Loaded] = {}
    others: list[tuple[Found, DocumentKind]] = []
    for folder in folders:
        try:
            problems += _read_folder(folder, known, loaded, others, with_cases=with_cases)
        except AuthorError as error:
            problems += problems_of(error)
    ordered = tuple(each for _, each in sorted(loaded.items()))
    return Library(ordered, tuple(others)), tuple(problems)


def _read_folder(
    folder: Folder,
    known: References,
    loaded: dict[str, Loaded],
    others: list[tuple[Found, DocumentKind]],
    *,
    with_cases: bool,
) -> list[AuthorError]:
    """Add the policies of a folder to those that are loaded; return what is wrong."""
    problems: list[AuthorError] = []
    cases: dict[str, Found] = {}
    policies = 0
    for found in _files(folder):
        if found.path.endswith(CASES):
            cases[found.path.removesuffix(CASES)] = found
            continue
        try:
            one = _load(found, known)
        except AuthorError as error:
            policies += 1
            problems += problems_of(error)
            continue
        if isinstance(one, Loaded):
            policies += 1
            problems += _add(one, loaded)
        else:
            others.append((found, one))
    problems += [] if policies else [_nothing(folder)]
    return problems + _join_cases(cases, loaded, read=with_cases)


def kind_of(source: Source) -> DocumentKind | None:
    """Return what a document is, by its keys; None where none of them says it."""
    keys = source.root.value if isinstance(source.root.value, dict) else {}
    return next((kind for key, kind in _KINDS.items() if key in keys), None)


def policy_id_of(path: str) -> str:
    """Return the id that a path under a policy folder gives: ``a/b.yaml`` is ``a.b``."""
    stem = path.removesuffix(".yaml").removesuffix(".yml")
    return stem.replace("/", ".")


def _load(found: Found, known: References) -> Loaded | DocumentKind:
    source = read_file(found.file, found.name)
    kind = kind_of(source)
    if kind is not None and kind not in {"policy", "cases"}:
        return kind
    if kind == "cases":
        message = f"a file of cases is named <policy>{CASES}, beside its policy"
        raise AuthorError("cases-name", message, where=source.where())
    policy = build_policy(source, known, policy_id=policy_id_of(found.path))
    return Loaded(policy, found.name, None, source)


def _add(one: Loaded, loaded: dict[str, Loaded]) -> list[AuthorError]:
    twin = loaded.setdefault(one.policy.id, one)
    if twin is one:
        return []
    message = f"the policy {one.policy.id} is in {twin.file} already"
    hint = "Change its values with an overlay, or give the copy another path and id."
    return [AuthorError("policy-twice", message, where=one.file, hint=hint)]


def _join_cases(
    cases: dict[str, Found], loaded: dict[str, Loaded], *, read: bool
) -> list[AuthorError]:
    """Put cases beside their policies; cases without a policy are an error, read or not."""
    problems: list[AuthorError] = []
    for stem, found in cases.items():
        one = loaded.get(policy_id_of(stem))
        if one is None:
            if not (found.folder.place / f"{stem}.yaml").is_file():
                message = "there is no policy beside these cases"
                problems.append(AuthorError("cases-alone", message, where=found.name))
            continue
        if not read:
            continue
        from assaybook.language.cases import load_cases  # a sixth of the start, for cases only

        try:
            held = load_cases(read_file(found.file, found.name), one.policy)
            loaded[one.policy.id] = Loaded(one.policy, one.file, held, one.source)
        except AuthorError as error:
            problems += problems_of(error)
    return problems


def _files(folder: Folder) -> list[Found]:
    if not folder.place.is_dir():
        message = "there is no such folder"
        hint = "Check the path; a folder is wanted here, and no file."
        raise AuthorError("folder-missing", message, where=folder.name, hint=hint)
    found: list[Found] = []
    for path, file in _walk(folder.place, "", MOST_FOLDERS_DEEP):
        found.append(Found(folder, path, file))
        if len(found) > MOST_FILES:
            message = f"the folder holds more than {MOST_FILES} files"
            raise AuthorError("folder-too-large", message, where=folder.name)
    return found


def _walk(place: Traversable, before: str, levels: int) -> Iterator[tuple[str, Traversable]]:
    for entry in sorted(place.iterdir(), key=lambda each: each.name):
        if entry.name.startswith("."):
            continue
        path = f"{before}{entry.name}"
        if entry.is_dir():
            if not levels:
                message = f"folders are nested more than {MOST_FOLDERS_DEEP} deep"
                raise AuthorError("folder-too-deep", message, where=path)
            yield from _walk(entry, f"{path}/", levels - 1)
        elif entry.name.endswith(_YAML):
            yield path, entry


def _nothing(folder: Folder) -> AuthorError:
    message = "the folder holds no policy, so nothing would be judged"
    hint = "A policy is a file such as fairness/slice-floor.yaml."
    return AuthorError("folder-empty", message, where=folder.name or ".", hint=hint)


def _matches(policy_id: str, globs: Sequence[str]) -> bool:
    return not globs or any(fnmatchcase(policy_id, glob) for glob in globs)


def _unmatched(globs: Sequence[str], library: Library) -> list[AuthorError]:
    ids = [each.id for each in library.policies]
    return [
        AuthorError(
            "policy-unmatched",
            f"no policy matches {glob!r}",
            where=glob,
            hint=_meant(glob, ids),
        )
        for glob in globs
        if not any(fnmatchcase(each, glob) for each in ids)
    ]


def _meant(glob: str, ids: Sequence[str]) -> str:
    if any(each.startswith(f"{glob}.") for each in ids):
        return f"For all of that theme write '{glob}.*'."
    near = get_close_matches(glob, ids, n=2, cutoff=0.6)
    return did_you_mean(near) or "assay policy list shows them all."
