"""Tell where the tables and the model came from, as OpenLineage events."""

import json
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from openlineage.client.event_v2 import (
    InputDataset,
    Job,
    OutputDataset,
    Run,
    RunEvent,
    RunState,
)
from openlineage.client.facet_v2 import (
    DatasetFacet,
    dataset_type_dataset,
    dataset_version_dataset,
    documentation_dataset,
    job_type_job,
)
from openlineage.client.serde import Serde

from triage.releases import SYSTEM, Release, instant

PRODUCER = "https://ward.example/diabetes-triage/pipeline"
NAMES = uuid.uuid5(uuid.NAMESPACE_DNS, "diabetes-triage.ward.example")


@dataclass(frozen=True)
class Thing:
    """A data set or a model in a run: its name, its kind and, if told, its digest."""

    name: str
    kind: str
    digest: str | None
    note: str = ""

    def facets(self) -> dict[str, DatasetFacet]:
        """Give the facets. The digest is the data set's version: the format has no other place."""
        told: dict[str, DatasetFacet] = {
            "datasetType": dataset_type_dataset.DatasetTypeDatasetFacet(datasetType=self.kind)
        }
        if self.digest:
            told["version"] = dataset_version_dataset.DatasetVersionDatasetFacet(
                datasetVersion=self.digest
            )
        if self.note:
            told["documentation"] = documentation_dataset.DocumentationDatasetFacet(
                description=self.note
            )
        return told


def events(
    job: str, release: Release, began: datetime, reads: list[Thing], writes: list[Thing]
) -> list[str]:
    """Give the START and COMPLETE lines of one run, three minutes apart."""
    key = str(uuid.uuid5(NAMES, f"{release.version}/{job}/{instant(began)}"))
    kind = job_type_job.JobTypeJobFacet(
        processingType="BATCH", integration="PYTHON", jobType=job.upper()
    )
    lines = []
    for state, moment in (
        (RunState.START, began),
        (RunState.COMPLETE, began + timedelta(minutes=3)),
    ):
        event = RunEvent(
            eventType=state,
            eventTime=instant(moment),
            run=Run(runId=key),
            job=Job(namespace=SYSTEM, name=f"{SYSTEM}.{job}", facets={"jobType": kind}),
            inputs=[InputDataset(SYSTEM, thing.name, facets=thing.facets()) for thing in reads],
            outputs=[OutputDataset(SYSTEM, thing.name, facets=thing.facets()) for thing in writes],
            producer=PRODUCER,
        )
        lines.append(json.dumps(json.loads(Serde.to_json(event)), sort_keys=True))
    return lines


def write(release: Release, digests: dict[str, str], began: datetime, path: Path) -> None:
    """Write the three runs of a release: prepare, train, evaluate.

    A release without digests also leaves out the run that prepared its tables.
    """
    told = digests if release.digests else {}
    source = Thing(
        "sklearn-diabetes", "FILE", told.get("source"), "442 patients, Efron et al. 2004"
    )
    train = Thing("diabetes-train", "FILE", told.get("train"))
    holdout = Thing("diabetes-holdout", "FILE", told.get("holdout"))
    model = Thing("diabetes-triage-model", "MODEL", told.get("model"))
    lines = []
    if release.digests:
        lines += events("prepare", release, began - timedelta(hours=1), [source], [train, holdout])
    lines += events("train", release, began - timedelta(minutes=30), [train], [model])
    measured = Thing("diabetes-triage-evaluation", "FILE", None)
    lines += events("evaluate", release, began, [model, holdout], [measured])
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
