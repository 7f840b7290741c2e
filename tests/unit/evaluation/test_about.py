"""What a document is about decides whether it counts."""

import pytest

from assaybook.domain.evidence import AboutArtifact, Scope
from assaybook.domain.subject import Artifact, Release
from assaybook.evaluation.about import binding, targets, what_it_is_about
from support.evidence import MODEL, TRAIN, a_document, a_fact, a_subject

OTHER = f"sha256:{'9' * 64}"


def _bound(about: str = "release", **document: object) -> str:
    subject = a_subject()
    evidence = a_document(**document)  # type: ignore[arg-type]
    return binding(evidence.envelope, targets(about, subject)[0], subject)  # type: ignore[arg-type]


def test_a_digest_of_the_release_binds_whatever_else_is_unsaid() -> None:
    about = AboutArtifact(digest=MODEL)
    assert _bound(release=None, system=None, artifacts=[about]) == "digest"


@pytest.mark.parametrize(
    ("release", "expected"), [("1", "digest"), (None, "other"), ("2", "other")]
)
def test_data_that_two_releases_share_do_not_carry_the_numbers_of_one_to_the_other(
    release: str | None, expected: str
) -> None:
    shared = [AboutArtifact(digest=TRAIN, kind="dataset")]
    assert _bound(release=release, artifacts=shared) == expected
    assert _bound("dataset", release=release, artifacts=shared) == "digest"
    model = [AboutArtifact(digest=MODEL, kind="model")]
    assert _bound(release=release, artifacts=model) == "digest"


@pytest.mark.parametrize(
    ("document", "why"),
    [
        ({"release": "2"}, "it is about release 2"),
        ({"release": None}, "it is not about release 1"),
        ({"system": "other"}, "it is about the system other"),
        (
            {"artifacts": [AboutArtifact(digest=OTHER, kind="model")]},
            "it is about other bytes than those of release 1",
        ),
    ],
    ids=["another release", "nothing", "another system", "another model"],
)
def test_a_document_about_something_else_says_what(document: dict[str, object], why: str) -> None:
    subject = a_subject()
    envelope = a_document(**document).envelope  # type: ignore[arg-type]
    assert what_it_is_about(envelope, targets("release", subject)[0], "s") == why


def test_a_document_about_no_data_set_says_which_one_was_asked() -> None:
    subject = a_subject()
    (target,) = targets("dataset", subject)
    about_model = a_document(artifacts=[AboutArtifact(digest=MODEL, kind="model")], release=None)
    assert binding(about_model.envelope, target, subject) == "other"
    assert what_it_is_about(about_model.envelope, target, "s") == "it is not about dataset d"


def test_a_digest_is_the_same_in_capitals() -> None:
    assert AboutArtifact(digest="sha256:AB12", kind="model").digest == "sha256:ab12"
    assert AboutArtifact(digest="mlflow:aB12", kind="model").digest == "mlflow:aB12"
    edge = a_fact("lineage", source="r", target="d", digest="sha512:AB12")
    assert edge.model_dump()["digest"] == "sha512:ab12"


def test_naming_the_release_without_a_digest_is_a_claim() -> None:
    assert _bound() == "claim"


def test_another_release_or_system_is_something_else() -> None:
    assert _bound(release="2") == "other"
    assert _bound(system="t") == "other"


def test_a_document_that_names_nothing_is_about_something_else() -> None:
    assert _bound(release=None) == "other"


@pytest.mark.parametrize(
    ("artifact", "expected"),
    [
        pytest.param(AboutArtifact(digest=OTHER, kind="model", name="m"), "other", id="same name"),
        pytest.param(AboutArtifact(digest=OTHER, kind="model"), "other", id="no name"),
        pytest.param(AboutArtifact(digest=OTHER), "other", id="neither name nor kind"),
        pytest.param(AboutArtifact(digest="mlflow:12345678"), "claim", id="another algorithm"),
        pytest.param(AboutArtifact(digest=OTHER, kind="image", name="i"), "claim", id="other kind"),
        pytest.param(AboutArtifact(digest=OTHER, kind="model", name="n"), "claim", id="other name"),
    ],
)
def test_a_digest_contradicts_only_one_that_it_can_be_compared_with(
    artifact: AboutArtifact, expected: str
) -> None:
    assert _bound(artifacts=[artifact]) == expected


def test_every_data_set_of_the_release_must_be_answered() -> None:
    two = (
        Artifact(name="d1", kind="dataset", digest=TRAIN),
        Artifact(name="d2", kind="dataset", digest=OTHER),
    )
    subject = a_subject(release={"artifacts": two})
    assert [one.name for one in targets("dataset", subject)] == ["dataset d1", "dataset d2"]
    first, second = targets("dataset", subject)
    scanned = a_document(artifacts=[AboutArtifact(digest=TRAIN)]).envelope
    assert binding(scanned, first, subject) == "digest"
    assert binding(scanned, second, subject) == "other"


def test_a_claim_is_for_the_data_set_that_its_scope_names() -> None:
    two = (
        Artifact(name="d1", kind="dataset", digest=TRAIN),
        Artifact(name="d2", kind="dataset", digest=OTHER),
    )
    subject = a_subject(release={"artifacts": two})
    first, second = targets("dataset", subject)
    named = a_document(scope=Scope(dataset="d2")).envelope
    assert binding(named, first, subject) == "other"
    assert binding(named, second, subject) == "claim"
    unnamed = a_document().envelope
    assert binding(unnamed, first, subject) == "other"


def test_a_release_without_a_registered_data_set_cannot_be_answered() -> None:
    (only,) = targets("dataset", a_subject(release={"artifacts": ()}))
    assert only.problem == "missing"


def test_any_release_of_the_system_will_do_where_the_system_is_asked() -> None:
    assert _bound("system", release="7") == "claim"
    assert _bound("system", system=None, release=None) == "other"
    digest = AboutArtifact(digest=MODEL)
    assert _bound("system", system=None, release=None, artifacts=[digest]) == "digest"


def test_a_baseline_with_the_same_model_is_no_baseline() -> None:
    same = Release(version="0", artifacts=(Artifact(name="m", kind="model", digest=MODEL),))
    (only,) = targets("baseline", a_subject(release={"baseline": "0"}, baseline=same))
    assert only.problem == "wrong_subject"


def test_a_baseline_that_nobody_registered_is_missing() -> None:
    (only,) = targets("baseline", a_subject(release={"baseline": "0"}))
    assert only.problem == "missing"


def test_a_document_about_the_baseline_binds_to_it() -> None:
    old = Release(version="0", artifacts=(Artifact(name="m", kind="model", digest=OTHER),))
    subject = a_subject(release={"baseline": "0"}, baseline=old)
    (target,) = targets("baseline", subject)
    about = a_document(release="0", artifacts=[AboutArtifact(digest=OTHER)]).envelope
    assert binding(about, target, subject) == "digest"
