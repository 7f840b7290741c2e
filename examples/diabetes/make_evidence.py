"""Make all releases of the example anew: train, measure, scan, document, list.

    python make_evidence.py --as-of 2026-11-12T00:00:00Z

Needs the packages of requirements.txt. Writes releases/, trust.yaml and, where there are none, the
private keys, into a folder that git ignores and no package holds.
"""

import argparse
import hashlib
import os
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

# Neither MLflow nor Evidently shall report its use to anybody; both read this when imported.
os.environ.update(DO_NOT_TRACK="1", MLFLOW_DISABLE_TELEMETRY="true")  # noqa: TID251

from presidio_analyzer import BatchAnalyzerEngine
from triage import (
    attacks,
    card,
    checks,
    data,
    datacard,
    drift,
    evaluate,
    lineage,
    model,
    operations,
    people,
    privacy,
    provenance,
    supply,
)
from triage.manifest import Manifest
from triage.releases import RELEASES, Release, evaluated_at, instant

HOME = Path(__file__).resolve().parent
KEYS = HOME.parents[1] / ".work" / "diabetes-keys"


def sha256(path: Path) -> str:
    """Give the digest of a file as Assaybook writes it."""
    return "sha256:" + hashlib.sha256(path.read_bytes()).hexdigest()


class Work:
    """One release while it is being made: its rows, its model, its folders, its two days."""

    def __init__(self, release: Release, as_of: datetime, keys: Path) -> None:
        self.release = release
        self.keys = keys
        self.scanned = as_of + timedelta(hours=10)
        self.evaluated = evaluated_at(release, as_of)
        self.folder = HOME / "releases" / release.version
        shutil.rmtree(self.folder, ignore_errors=True)
        self.artifacts = self.folder / "artifacts"
        self.evidence = self.folder / "evidence"
        self.artifacts.mkdir(parents=True)
        self.evidence.mkdir()
        self.train, self.holdout = data.split(release)
        trained = model.train(release, self.train)
        data.save(self.train, self.artifacts / "train.csv")
        data.save(self.holdout, self.artifacts / "holdout.csv")
        model.save(trained, self.artifacts / "model.json")
        self.trained = trained
        self.shipped = model.load(self.artifacts / "model.json")
        self.manifest = Manifest()

    def write(self, name: str, content: object) -> str:
        """Write one JSON document into the evidence folder and give its name back."""
        evaluate.write(content, self.evidence / name)
        return name


def measure(work: Work) -> dict[str, float]:
    """Evaluate the whole and the slices, and give what the model card repeats."""
    at = work.evaluated
    run = evaluate.mlflow_run(work.release, work.shipped, work.holdout, at)
    work.manifest.add(
        work.write("mlflow-run.json", run),
        "mlflow",
        split="holdout",
        counts={"n": len(work.holdout)},
    )
    overall: dict[str, float] = {}
    for dimension in ("sex", "age_band"):
        frame = evaluate.fairness(work.shipped, work.holdout, dimension)
        overall = frame["overall"]
        name = work.write(f"fairlearn-{dimension.replace('_', '-')}.json", frame)
        work.manifest.add(
            name,
            "fairlearn",
            produced_at=at + timedelta(minutes=2),
            split="holdout",
            counts={"n": evaluate.trials(frame, dimension)},
        )
    return overall


def document(work: Work, overall: dict[str, float]) -> None:
    """Write the two cards, the lineage and the signed provenance."""
    sizes = {
        "train": len(work.train),
        "holdout": len(work.holdout),
        "positives": int(work.holdout["label"].sum()),
    }
    text = card.card(work.release, work.shipped, sizes, overall)
    (work.evidence / "model-card.md").write_text(text, encoding="utf-8")
    work.manifest.add("model-card.md", "hf-model-card", produced_at=work.evaluated)
    text = datacard.card(work.release, sizes)
    (work.evidence / "data-card.md").write_text(text, encoding="utf-8")
    work.manifest.add("data-card.md", "hf-data-card", produced_at=work.evaluated, dataset="train")
    source = data.patients().to_csv(index=False, lineterminator="\n").encode()
    digests = {name: sha256(work.artifacts / f"{name}.csv") for name in ("train", "holdout")}
    digests["model"] = sha256(work.artifacts / "model.json")
    digests["source"] = "sha256:" + hashlib.sha256(source).hexdigest()
    lineage.write(work.release, digests, work.evaluated, work.evidence / "openlineage.jsonl")
    work.manifest.add("openlineage.jsonl", "openlineage")
    if work.release.digests:
        built = provenance.statement(work.release, digests, work.evaluated - timedelta(minutes=30))
        provenance.write(work.keys, built, work.evidence / "provenance.dsse.json")
        work.manifest.add("provenance.dsse.json", "dsse")


def inspect(work: Work, scanner: BatchAnalyzerEngine) -> None:
    """Check both tables for quality and for personal data, and the intake for drift."""
    tables = {"train": (work.train, work.holdout), "holdout": (work.holdout, work.train)}
    for part, (table, other) in tables.items():
        facts = checks.quality(table, other)
        if part == "holdout":
            facts.append(checks.skew(work.trained, work.shipped, work.holdout))
        path = f"artifacts/{part}.csv"
        content = checks.document(work.release, part, facts, work.scanned)
        name = work.write(f"checks-{part}.json", content)
        work.manifest.add(name, "assaybook", dataset=part)
        name = f"presidio-{part}.json"
        evaluate.write_compact(privacy.scan(scanner, table), work.evidence / name)
        work.manifest.add(
            name,
            "presidio",
            produced_at=work.scanned,
            split=part,
            path=path,
            dataset=part,
            asked=privacy.ASKED,
        )
    current = data.intake(work.release)
    counts = {"n_reference": len(work.holdout), "n_current": len(current)}
    for method in ("psi", "ks"):
        report = drift.report(work.holdout, current, method)
        name = work.write(f"evidently-{method}.json", report)
        work.manifest.add(
            name, "evidently", produced_at=work.scanned, split="intake", counts=counts
        )


def secure(work: Work) -> None:
    """Audit the packages, look for secrets, attack the model."""
    supply.audit(work.release.requirements, work.evidence / "pip-audit.json")
    work.manifest.add(
        "pip-audit.json",
        "pip-audit",
        produced_at=work.scanned,
        path=f"serving/{work.release.requirements}",
    )
    report = work.evidence / "gitleaks.json"
    files = supply.secrets(work.release.requirements, work.artifacts, report)
    coverage = {"examined": files, "passed": files, "failed": 0, "errored": 0, "skipped": 0}
    work.manifest.add(
        "gitleaks.json",
        "gitleaks",
        produced_at=work.scanned,
        path="release files",
        asked=("security/secret",),
        coverage=[{"question": "security/secret", **coverage}],
    )
    if work.release.digests:
        content = supply.model_code(work.release, work.artifacts / "model.json", work.scanned)
        work.manifest.add(work.write("model-code.json", content), "assaybook")
    tables = (work.train, work.holdout)
    content = attacks.document(work.release, work.shipped, tables, work.evaluated)
    work.manifest.add(work.write("attacks.json", content), "assaybook")


def operate(work: Work) -> None:
    """List the alert rules and, where they took place, the drills and the reviews."""
    operations.rules(work.evidence / "alerts.rules.yml")
    work.manifest.add("alerts.rules.yml", "prometheus-rules", produced_at=work.scanned)
    if not work.release.drilled:
        return
    for tool, facts in (
        ("triage-drills", operations.drills(work.scanned)),
        ("triage-reviews", operations.reviews(work.scanned)),
    ):
        content = operations.document(work.release, tool, facts, work.scanned)
        name = work.write(f"{tool.removeprefix('triage-')}.json", content)
        work.manifest.add(name, "assaybook")


def make(release: Release, as_of: datetime, keys: Path, scanner: BatchAnalyzerEngine) -> None:
    """Make one release from its rows to its manifest."""
    work = Work(release, as_of, keys)
    overall = measure(work)
    if not release.evaluation_only:
        document(work, overall)
        inspect(work, scanner)
        secure(work)
        operate(work)
    work.manifest.save(work.evidence / "evidence.yaml")
    print(f"{release.version}: {len(work.manifest.files)} evidence files")


def main() -> None:
    """Read the instant and make every release."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--as-of", default="2026-11-12T00:00:00Z", help="the day of the pipeline")
    parser.add_argument("--keys", type=Path, default=KEYS, help="the folder of private keys")
    given = parser.parse_args()
    as_of = datetime.fromisoformat(given.as_of).astimezone(UTC)
    people.write_trust(given.keys, HOME / "trust.yaml")
    scanner = privacy.engine()
    for release in RELEASES:
        make(release, as_of, given.keys, scanner)
    print(f"as of {instant(as_of)}")


if __name__ == "__main__":
    main()
