"""The shape of ``evidence.yaml``, for editors: what may be said of files that lie beside it.

Intake reads manifests with readers of its own, which know the files; a test holds both to one
list of keys.
"""

from typing import Annotated, Literal

from pydantic import Field, JsonValue

from assaybook.domain.base import Frozen
from assaybook.domain.evidence import Coverage, Scope
from assaybook.domain.ids import Digest
from assaybook.language.document_words import InstantText, Line, QuestionName

Paths = Line | tuple[Line, ...]
Count = Annotated[int, Field(ge=0)]


class ByDigest(Frozen):
    """An artifact by its digest."""

    digest: Digest = Field(description="sha256:<hex> of its bytes.")
    name: Line | None = Field(default=None, description="Its name, where it is known.")
    kind: Literal["model", "dataset", "code", "docs", "image"] | None = Field(
        default=None, description="What it is."
    )


class ByPath(Frozen):
    """Artifacts by kind and path; the digest of each file is computed."""

    model: Paths | None = Field(default=None, description="File of the model.")
    dataset: Paths | None = Field(default=None, description="File of a data set.")
    code: Paths | None = Field(default=None, description="File or archive of the code.")
    docs: Paths | None = Field(default=None, description="File of documentation.")
    image: Paths | None = Field(default=None, description="File of an image.")


Artifacts = ByDigest | ByPath
WhenMade = Literal["mtime"] | InstantText


class CountsDocument(Frozen):
    """Sample counts for fields that the format leaves open."""

    n: Count | dict[Line, Count] | None = Field(
        default=None, description="Trials behind each metric, or by recall[sex=female]."
    )
    n_reference: Count | None = Field(default=None, description="Rows of the reference data.")
    n_current: Count | None = Field(default=None, description="Rows of today's data.")


class _SaidOfAll(Frozen):
    """What can be said of every file at once."""

    about: Artifacts | tuple[Artifacts, ...] | None = Field(
        default=None, description="What the document is about."
    )
    scope: Scope = Field(default=Scope(), description="Data set, split, path and job.")
    produced_at: WhenMade | None = Field(
        default=None, description="When it was made, or mtime for the time of the file."
    )
    observed_at: InstantText | None = Field(
        default=None, description="When equal bytes were observed again."
    )
    system: Line | None = Field(default=None, description="Id of the system.")
    release: Line | None = Field(default=None, description="Version of the release.")


class ManifestDefaults(_SaidOfAll):
    """What holds for each file that does not say otherwise."""


class ManifestFile(_SaidOfAll):
    """One file, and what its format does not say."""

    path: Line = Field(description="Path under the folder of this file.")
    as_: Line | None = Field(
        default=None, alias="as", description="Its format, where the content cannot tell."
    )
    run: Line | None = Field(default=None, description="The run that made it.")
    asked: tuple[QuestionName, ...] = Field(
        default=(), description="Questions that the tool was asked, such as security/secret."
    )
    coverage: tuple[Coverage, ...] = Field(
        default=(), description="How far each question was examined."
    )
    counts: CountsDocument = Field(
        default=CountsDocument(), description="Counts that the format leaves open."
    )
    facts: Literal["metric", "drift", "data_check"] | None = Field(
        default=None, description="Of a table: what its rows are."
    )
    columns: dict[Line, Paths] = Field(
        default_factory=dict, description="Of a table: the column for each field of a fact."
    )
    always: dict[Line, JsonValue] = Field(
        default_factory=dict, description="Of a table: one word for all rows, by field."
    )
    unit: Literal["ratio", "percent"] | None = Field(
        default=None, description="Of a table: how it writes metrics that are ratios."
    )
    separator: Literal[",", ";", "|", "tab"] | None = Field(
        default=None, description="Of a table as text: what stands between two cells."
    )
    decimal: Literal[".", ","] | None = Field(
        default=None, description="Of a table as text: what stands in a number that is not whole."
    )


class ManifestDocument(Frozen):
    """What a submitter says about files: ``evidence.yaml``, beside them."""

    defaults: ManifestDefaults = Field(
        default=ManifestDefaults(), description="What holds for each file."
    )
    files: tuple[ManifestFile, ...] = Field(
        default=(),
        description="The files, each with what is said of it; without it, the defaults hold for "
        "every file of the folder.",
    )
