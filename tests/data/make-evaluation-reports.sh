#!/bin/sh
# Writes reports of real tools into tests/data/evidence, on made-up data: tables of 40 rows.
# Needs uv and a package index. Ids and times differ from run to run: look at the diff of the
# golden files (`make golden`) and commit both.
set -eu
here=$(cd "$(dirname "$0")" && pwd)/evidence
run() { uv run --quiet --no-project --python 3.11 "$@"; }

evidently() {
  run --with "evidently==$1" --with 'pandas<2.3' --with 'numpy<2.2' python - "$here/evidently/$2" <<'PY'
import sys
import numpy as np
import pandas as pd
from evidently import BinaryClassification, DataDefinition, Dataset, Report
from evidently.metrics import *
from evidently.metrics.group_by import GroupBy
from evidently.presets import DataDriftPreset
from evidently.tests import gte, lte

draw = np.random.default_rng(1)
def table(shift):
    return pd.DataFrame({
        "num": draw.normal(shift, 1, 40), "Größe": draw.exponential(1, 40),
        "ward": draw.choice(["a", "b"], 40),
        "target": draw.integers(0, 2, 40), "prediction": draw.integers(0, 2, 40),
    })
now, then = table(2), table(0)
now.loc[:3, "num"] = np.nan
labels = BinaryClassification(target="target", prediction_labels="prediction")
said = DataDefinition(
    classification=[labels], numerical_columns=["num", "Größe"], categorical_columns=["ward"]
)
report = Report([
    DataDriftPreset(num_method="wasserstein", cat_method="chisquare", drift_share=0.9,
                    per_column_method={"num": "ks"}),
    ValueDrift(column="num", method="psi", threshold=0.2),
    Accuracy(tests=[gte(0.9)]), Recall(), RecallByLabel(),
    MissingValueCount(column="num", tests=[lte(1)]), DatasetMissingValueCount(),
    EmptyColumnsCount(), RowCount(), ColumnCount(), MeanValue(column="num"),
    GroupBy(metric=MissingValueCount(column="num"), column_name="ward"),
], include_tests=True)
both = [Dataset.from_pandas(each, data_definition=said) for each in (now, then)]
open(sys.argv[1], "w", encoding="utf-8").write(report.run(*both).json())
PY
}

evidently_tested() {
  run --with "evidently==$1" --with 'pandas<2.3' --with 'numpy<2.2' python - "$here/evidently/$2" <<'PY'
import sys
import numpy as np
import pandas as pd
from evidently import DataDefinition, Dataset, Report
from evidently.metrics import *
from evidently.tests import gte, lte

rows = pd.DataFrame({"empty": [np.nan] * 40, "Größe": [np.nan] * 10 + [float(n) for n in range(30)]})
rows["code"] = ["a", "b"] * 20
said = DataDefinition(numerical_columns=["empty", "Größe"], categorical_columns=["code"])
report = Report([
    OutRangeValueCount(column="empty", left=0, right=1),
    OutRangeValueCount(column="Größe", left=0, right=19),
    OutListValueCount(column="code", values=["a", "b"]),
    RowCount(tests=[gte(10), gte(1000), lte(5000)]), ColumnCount(), MeanValue(column="Größe"),
    MaxValue(column="Größe", tests=[lte(29)]), QuantileValue(column="Größe", quantile=0.5, tests=[lte(1)]),
])
data = Dataset.from_pandas(rows, data_definition=said)
open(sys.argv[1], "w", encoding="utf-8").write(report.run(data, None).json())
PY
}

openlineage() {
  run --with openlineage-python==1.54.0 python - "$here/openlineage/facets.jsonl" <<'PY'
import sys
import uuid
from openlineage.client.event_v2 import InputDataset, Job, OutputDataset, Run, RunEvent, RunState
from openlineage.client.facet_v2 import (
    data_quality_assertions_dataset as quality, dataset_version_dataset as version,
    job_type_job, lineage, set_producer, test_run,
)
from openlineage.client.serde import Serde

set_producer("https://example.org/pipeline")
def event(job, kind, inputs, outputs=(), **facets):
    told = {"jobType": job_type_job.JobTypeJobFacet(
        processingType="BATCH", integration="PIPELINE", jobType=kind)}
    return RunEvent(
        eventTime="2026-11-20T09:00:00Z", eventType=RunState.COMPLETE,
        run=Run(runId=str(uuid.uuid4()), facets=facets), job=Job("ml", job, facets=told),
        inputs=list(inputs), outputs=list(outputs))
bytes_of = {"version": version.DatasetVersionDatasetFacet(datasetVersion="sha256:" + "a" * 64)}
asked = [
    quality.Assertion(assertion="custom_sql", success=True, name="positive"),
    quality.Assertion(assertion="custom_sql", success=False, name="orphans", severity="warn"),
    quality.Assertion(assertion="not_null", success=True, column="id"),
]
facets = {"dataQualityAssertions": quality.DataQualityAssertionsDatasetFacet(assertions=asked)}
tests = [
    test_run.TestExecution(name="not_null_id", status="pass", type="not_null"),
    test_run.TestExecution(name="unique_id", status="fail", type="unique", severity="warn"),
    test_run.TestExecution(name="later", status="skip"),
]
read = lineage.LineageDatasetInput("s3://data", "raw", "DATASET")
made = {"lineage": lineage.LineageDatasetFacet(inputs=[read])}
events = [
    event("train", "TRAINING", [InputDataset("s3://data", "train.parquet", facets=bytes_of)]),
    event("check", "QUERY", [InputDataset("s3://data", "Kunden", inputFacets=facets)]),
    event("dbt", "COMMAND", [], test=test_run.TestRunFacet(tests=tests)),
    event("clean", "COMMAND", [], [OutputDataset("s3://data", "clean", facets=made)]),
]
open(sys.argv[1], "w").write("".join(f"{Serde.to_json(one)}\n" for one in events))
PY
}

mlflow() {
  run --with 'mlflow-skinny==3.17.2' --with pandas python - "$here/mlflow" <<'PY'
import json
import os
import re
import sys
import tempfile

os.environ["MLFLOW_ALLOW_FILE_STORE"] = "true"
import mlflow
import pandas as pd
from mlflow.protos.service_pb2 import SearchRuns
from mlflow.utils.proto_json_utils import message_to_json

folder = tempfile.mkdtemp()
mlflow.set_tracking_uri(f"file://{folder}")
mlflow.set_experiment("Übung")
rows = pd.DataFrame({"a": range(5), "y": [0, 1, 0, 1, 1]})
data = mlflow.data.from_pandas(rows, name="train", targets="y")
client = mlflow.MlflowClient()
with mlflow.start_run(run_name="good") as good:
    mlflow.log_input(data, context="training")
    mlflow.log_metrics({"test_accuracy": 0.91, "recall_pct": 88.5, "weird": float("nan")})
    model = mlflow.initialize_logged_model(name="clf", source_run_id=good.info.run_id)
    mlflow.log_metric("accuracy", 0.83, model_id=model.model_id, dataset=data)
    mlflow.finalize_logged_model(model.model_id, "READY")
try:
    with mlflow.start_run(run_name="bad"):
        mlflow.log_metric("test_accuracy", 0.99)
        raise RuntimeError
except RuntimeError:
    pass
answer = SearchRuns.Response()
answer.runs.extend(one.to_proto() for one in mlflow.search_runs(output_format="list"))
logged = json.dumps(client.get_logged_model(model.model_id).to_dictionary(), default=str, indent=1)
for name, text in (("search-runs", message_to_json(answer)), ("logged-model", logged)):
    text = re.sub(r'"file:[^"]*"', '"s3://store"', text)
    text = re.sub(r'((?:mlflow\.user|user_id)\\?": \\?")[^"\\]*', r"\1jane", text)
    text = re.sub(r'("key": "mlflow.user",\s*"value": )"[^"]*"', r'\1"jane"', text)
    open(f"{sys.argv[1]}/{name}.json", "w", encoding="utf-8").write(f"{text}\n")
PY
}

inspect() {
  run --with 'inspect-ai==0.3.285' python - "$here/inspect" <<'PY'
import json
import pathlib
import sys
import tempfile

import tiktoken

class Words:
    def encode(self, text, **kwargs):
        return text.split()

# The counting of tokens would fetch a table.
tiktoken.get_encoding = tiktoken.encoding_for_model = lambda name: Words()
from inspect_ai import Task, eval
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.scorer import Score, accuracy, exact, grouped, includes, mean, scorer, std, stderr
from inspect_ai.solver import generate, solver

ward = MemoryDataset(
    [
        Sample(input=f"Frage {n}", target="Default output" if n % 3 else "nein", id=n,
               metadata={"sex": "f" if n % 2 else "m"})
        for n in range(10)
    ],
    name="Visite",
)

@scorer(metrics=[grouped(accuracy(), "sex"), stderr()])
def by_sex():
    async def score(state, target):
        return Score(value="C" if target.text in state.output.completion else "I")
    return score

@scorer(metrics={"helpful": [mean(), std()]})
def judged():
    async def score(state, target):
        return Score(value={"helpful": 0.5})
    return score

@scorer(metrics=[accuracy()])
def silent():
    async def score(state, target):
        return None if state.sample_id < 2 else Score(value="C")
    return score

@solver
def fragile():
    async def solve(state, generate):
        if state.sample_id == 3:
            raise RuntimeError("the third breaks")
        return await generate(state)
    return solve

def log(name, task, **how):
    with tempfile.TemporaryDirectory() as folder:
        eval(task, model="mockllm/model", log_dir=folder, log_format="json", display="none",
             log_samples=name == "limited", **how)
        (found,) = pathlib.Path(folder).glob("*.json")
        said = json.loads(found.read_text())
    for one in said.get("samples") or []:
        one["events"] = one["events"][:1]
    if said.get("error"):
        said["error"] = {"message": said["error"]["message"], "traceback": "", "traceback_ansi": ""}
    text = json.dumps(said, ensure_ascii=False, indent=1)
    pathlib.Path(sys.argv[1], f"{name}.json").write_text(f"{text}\n", encoding="utf-8")

several = Task(dataset=ward, solver=generate(), name="several", epochs=2,
               scorer=[includes(), by_sex(), judged(), exact()])
broken = Task(dataset=ward, solver=fragile(), scorer=includes(), name="broken")
log("several", several)
log("tolerated", broken, fail_on_error=False)
log("broken", broken)
log("silent", Task(dataset=ward, solver=generate(), scorer=[includes(), silent()], name="silent"))
log("limited", Task(dataset=ward, solver=generate(), scorer=includes(), name="few"), limit=2)
PY
}

mkdir -p "$here/evidently" "$here/openlineage" "$here/mlflow" "$here/inspect"
evidently 0.7.5 report-0.7.5.json
evidently 0.7.23 report-0.7.23.json
evidently_tested 0.7.23 tested-0.7.23.json
openlineage
mlflow
inspect
