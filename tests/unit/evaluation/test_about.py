"""What a document is about decides whether it counts."""

from datetime import timedelta

import pytest

from assaybook.domain.evidence import AboutArtifact, Scope
from assaybook.domain.policy import About
from assaybook.domain.subject import Artifact, Release, replaces
from assaybook.evaluation.about import binding, targets, what_it_is_about
from support.evidence import AS_OF, MODEL, TRAIN, a_document, a_fact, a_subject

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


ASKED = "and release 1 is asked for"


@pytest.mark.parametrize(
    ("document", "why"),
    [
        pytest.param({"release": "2"}, f"it is about release 2, {ASKED}", id="another release"),
        pytest.param({"release": None}, f"it names no release, {ASKED}", id="nothing"),
        pytest.param(
            {"release": None, "artifacts": [AboutArtifact(digest=TRAIN, kind="dataset")]},
            f"it names dataset sha256:222222222222... and no release, {ASKED}",
            id="shared data",
        ),
        pytest.param(
            {"system": "other"},
            "it is about the system other, and the system s is asked for",
            id="another system",
        ),
        pytest.param(
            {"artifacts": [AboutArtifact(digest=OTHER, kind="model")]},
            "it is about model sha256:999999999999..., and release 1 has"
            " model m sha256:111111111111...",
            id="another model",
        ),
        pytest.param(
            {"artifacts": [AboutArtifact(digest="sha256:9")]},
            "it is about an artifact sha256:9, and release 1 has model m sha256:111111111111..."
            " or dataset d sha256:222222222222...",
            id="other bytes of any kind",
        ),
    ],
)
def test_a_document_about_something_else_says_what_it_names_and_what_is_asked_for(
    document: dict[str, object], why: str
) -> None:
    subject = a_subject()
    envelope = a_document(**document).envelope  # type: ignore[arg-type]
    (target,) = targets("release", subject)
    assert binding(envelope, target, subject) == "other"
    assert what_it_is_about(envelope, target, "s") == why


@pytest.mark.parametrize(
    ("document", "why"),
    [
        pytest.param(
            {"artifacts": [AboutArtifact(digest=MODEL, kind="model")], "release": None},
            "it names no dataset, and dataset d is asked for",
            id="none",
        ),
        pytest.param(
            {"scope": Scope(dataset="other")},
            "it is about dataset other, and dataset d is asked for",
            id="another one",
        ),
        pytest.param(
            {"scope": Scope(dataset="d"), "release": None},
            f"it names no release, {ASKED}",
            id="no release",
        ),
    ],
)
def test_a_document_about_no_data_set_says_which_one_was_asked(
    document: dict[str, object], why: str
) -> None:
    subject = a_subject()
    (target,) = targets("dataset", subject)
    envelope = a_document(**document).envelope  # type: ignore[arg-type]
    assert binding(envelope, target, subject) == "other"
    assert what_it_is_about(envelope, target, "s") == why


def test_of_many_artifacts_a_few_are_told() -> None:
    many = tuple(Artifact(name=f"m{n}", kind="model", digest=f"sha256:{n}") for n in range(5))
    release = Release(version="1", artifacts=many)
    subject = a_subject().model_copy(update={"release": release})
    document = a_document(artifacts=[AboutArtifact(digest=OTHER, kind="model")])
    (target,) = targets("release", subject)
    said = what_it_is_about(document.envelope, target, "s")
    assert said.endswith(
        "has model m0 sha256:0 or model m1 sha256:1 or model m2 sha256:2 or 2 more"
    )


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


@pytest.mark.parametrize("about", ["release", "model"])
@pytest.mark.parametrize(("hours", "expected"), [(-1, "claim"), (0, "claim"), (1, "other")])
def test_what_came_before_a_release_got_other_bytes_counts_by_its_digest_alone(
    about: About, hours: int, expected: str
) -> None:
    subject = a_subject(replaced_at=AS_OF + timedelta(hours=hours))
    (target,) = targets(about, subject)
    assert binding(a_document().envelope, target, subject) == expected
    named = a_document(artifacts=[AboutArtifact(digest=MODEL)])
    assert binding(named.envelope, target, subject) == "digest"


def test_a_document_of_the_bytes_before_is_told_what_to_do() -> None:
    subject = a_subject(replaced_at=AS_OF + timedelta(hours=1))
    assert what_it_is_about(a_document().envelope, targets("release", subject)[0], "s") == (
        "it names no digest, and was received before release 1 got other artifacts: say which "
        "digest it is about, and submit it again"
    )


def test_the_bytes_of_a_release_say_nothing_of_its_system_and_its_baseline() -> None:
    subject = a_subject(replaced_at=AS_OF + timedelta(hours=1))
    assert targets("system", subject)[0].replaced_at is None
    assert targets("baseline", subject)[0].replaced_at is None


@pytest.mark.parametrize(
    ("new", "replaced"),
    [
        pytest.param((MODEL, TRAIN), False, id="the same"),
        pytest.param((MODEL, TRAIN, OTHER), False, id="one more"),
        pytest.param((MODEL,), False, id="without its data"),
        pytest.param((OTHER, TRAIN), True, id="another model"),
        pytest.param((TRAIN,), True, id="without its model"),
    ],
)
def test_a_release_is_of_other_bytes_where_something_that_it_was_is_gone(
    new: tuple[str, ...], *, replaced: bool
) -> None:
    artifacts = tuple(Artifact(name=str(n), kind="model", digest=x) for n, x in enumerate(new))
    after = Release(version="1", artifacts=artifacts)
    assert replaces(after, a_subject().release) is replaced
