#!/bin/sh
# Writes the reports of real tools under tests/data/evidence again. It needs uv, openssl, node and the
# package index; the tests need none of them. Run it in the root of the repository, then look at
# `git diff tests/data` and at what `make golden` makes of it.
set -eu

out="$PWD/tests/data/evidence"
room="$(mktemp -d)"
trap 'rm -rf "$room"' EXIT
cd "$room"

mkdir src
cat > src/app.py <<'PY'
import pickle

PASSWORD = "correct horse battery"


def load(raw):
    return pickle.loads(raw)


def run(text):
    eval(text)  # nosec
PY
printf 'def broken(:\n' > src/broken.py

uvx --from 'bandit[sarif]==1.9.4' bandit -q -r src -f sarif -o "$out/sarif/bandit.sarif" || true

cat > rules.yml <<'YAML'
rules:
- {id: credential, languages: [python], severity: ERROR, message: "credential $V",
   pattern: PASSWORD = $V, metadata: {cwe: "CWE-798: Use of Hard-coded Credentials"}}
- {id: of-no-use, languages: [python], severity: ERROR, message: x, pattern: "def f(((("}
YAML
uvx --from 'semgrep==1.182.0' semgrep scan --config rules.yml --metrics off \
  --disable-version-check --no-git-ignore -q --sarif --output "$out/sarif/semgrep.sarif" src || true

mkdir models
python3 -c 'import pickle; pickle.dump({"weights": [1.0]}, open("models/clean.pkl", "wb"))'
head -c 64 /dev/zero > models/weights.xyz
PROMPTFOO_DISABLE_TELEMETRY=1 uvx --from 'modelaudit==0.2.54' modelaudit scan models \
  --format sarif --output audit.sarif > scan.txt
sed -e "s#$room/##g" -e "s#$room#.#g" audit.sarif > "$out/sarif/modelaudit.sarif"

cat > test_data.py <<'PY'
import unittest


class Rows(unittest.TestCase):
    def test_all(self):
        for row in range(3):
            with self.subTest(row=row):
                self.assertLess(row, 3)

    @unittest.skip("no labels yet")
    def test_labels(self):
        pass


if __name__ == "__main__":
    import xmlrunner

    with open("xmlrunner.xml", "wb") as file:
        unittest.main(testRunner=xmlrunner.XMLTestRunner(output=file), exit=False)
PY
uvx --from 'pytest==9.2.0' pytest -q -p no:cacheprovider --junit-xml pytest.xml test_data.py
sed -e 's/hostname="[^"]*"/hostname="ci"/' -e "s#$room/##" pytest.xml > "$out/junit/subtests.xml"
uvx --with 'unittest-xml-reporting==4.0.0' python test_data.py
cp xmlrunner.xml "$out/junit/xmlrunner.xml"

cat > data.test.mjs <<'JS'
import assert from "node:assert";
import { test } from "node:test";

test("no größe is missing", () => {});
test("ids are unique", () => assert.equal(1, 2));
test("labels", { skip: true }, () => {});
test("rows", async (all) => {
  await all.test("are enough", () => {});
});
JS
node --test --test-reporter=junit data.test.mjs > node.xml || true
sed -e 's/hostname="[^"]*"/hostname="ci"/' -e "s#$room/##" node.xml > "$out/junit/node.xml"

cat > audit.py <<'PY'
import inspect
import sys

from packaging.version import Version
from pip_audit._format.json import JsonFormat
from pip_audit._service import interface as said

words = inspect.signature(said.VulnerabilityResult).parameters
known = {"id": "PYSEC-2018-28", "description": "d", "fix_versions": [Version("2.20.0")]}
known |= {name: {"CVE-2018-18074"} if name == "aliases" else None for name in words.keys() - known}
old = said.ResolvedDependency("requests", Version("2.19.0"))
found = {
    old: [said.VulnerabilityResult(**known)],
    said.ResolvedDependency("flask", Version("3.0.0")): [],
    said.SkippedDependency(name="inside", skip_reason="not on the index: inside (1.0)"): [],
}
words = inspect.signature(JsonFormat).parameters
form = JsonFormat(*(True for _ in words))
more = []
if "fixes" in inspect.signature(form.format).parameters:
    from pip_audit._fix import ResolvedFixVersion

    more.append([ResolvedFixVersion(old, Version("2.20.0"))])
sys.stdout.write(form.format(found, *more) + "\n")
PY
uvx --with 'pip-audit==1.1.2' --with 'cyclonedx-python-lib<2' python audit.py \
  > "$out/pip-audit/list.json"
uvx --with 'pip-audit==2.10.1' python audit.py > "$out/pip-audit/fixes.json"

cat > spdx.py <<'PY'
import datetime
import sys

from spdx_python_model import v3_0_1 as spdx

made = spdx.CreationInfo(_id="_:made", specVersion="3.0.1",
                         created=datetime.datetime(2026, 10, 1, tzinfo=datetime.UTC))
maker = spdx.Organization(_id="urn:acme", name="ACME", creationInfo=made)
made.createdBy.append(maker)
model = spdx.ai_AIPackage(_id="urn:model", name="scorer", creationInfo=made, suppliedBy=maker,
                          software_packageVersion="3.1", ai_limitation="short texts only",
                          ai_useSensitivePersonalInformation=spdx.PresenceType.noAssertion)
model.ai_metric.append(spdx.DictionaryEntry(key="accuracy", value="0.91"))
model.ai_energyConsumption = spdx.ai_EnergyConsumption()
data = spdx.dataset_DatasetPackage(_id="urn:data", name="tickets", creationInfo=made)
data.dataset_datasetType.append(spdx.dataset_DatasetType.text)
data.dataset_knownBias.append("English only")
flaw = spdx.security_Vulnerability(_id="urn:flaw", name="CVE-2026-0001", creationInfo=made)
trained = spdx.Relationship(_id="urn:trained", creationInfo=made,
                            relationshipType=spdx.RelationshipType.trainedOn)
trained.from_ = model
trained.to.append(data)
document = spdx.SpdxDocument(_id="urn:document", creationInfo=made)
document.rootElement.append(model)
whole = spdx.SHACLObjectSet()
for one in (made, maker, model, data, flaw, trained, document):
    whole.add(one)
spdx.JSONLDSerializer().write(whole, sys.stdout.buffer)
PY
uvx --with 'spdx-python-model==0.0.6' python spdx.py > "$out/spdx/made.jsonld"

mkdir -p model/extra "$out/dsse"
printf 'weights' > model/model.bin
printf 'left out' > model/extra/notes.txt
curve='-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes'
openssl req -x509 $curve -keyout root.key -out root.crt -subj /CN=root -days 36500 \
  -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign
openssl req $curve -keyout leaf.key -out leaf.csr -subj /CN=signer
printf '%s\n' basicConstraints=CA:FALSE keyUsage=critical,digitalSignature \
  extendedKeyUsage=codeSigning subjectAltName=email:signer@example.org > leaf.txt
openssl x509 -req -in leaf.csr -CA root.crt -CAkey root.key -out leaf.crt -days 36500 \
  -CAcreateserial -extfile leaf.txt
uvx --from 'model-signing==1.1.1' --with pyOpenSSL model_signing sign certificate \
  --private_key leaf.key --signing_certificate leaf.crt --certificate_chain root.crt \
  --ignore-paths model/extra --signature "$out/dsse/model-signing.sig" model
cp root.crt "$out/../model-signing-root.pem"

mkdir -p leaks/app leaks/vendor "$out/detect-secrets"
printf 'password = "correct-horse-battery"\npassword = "another-made-up-word"\n' > leaks/app/settings.py
printf 'token = "made-up-for-a-test"\n' > leaks/vendor/old.py
(
  cd leaks
  secrets() { uvx 'detect-secrets==1.5.0' "$@"; }
  secrets scan --all-files --exclude-files '^vendor/' . > "$room/found.json"
  cp "$room/found.json" . && printf 'y\nn\n' | secrets audit found.json
  cp found.json "$out/detect-secrets/found.json"
  secrets scan --all-files --slim app > "$out/detect-secrets/slim.json"
  secrets scan --all-files --disable-plugin KeywordDetector app > "$out/detect-secrets/clean.json"
)
