"""SageMaker and Vertex: the requests are those that the services take, and answers end well while errors do not."""

import json
import re
import subprocess
from pathlib import Path

import jsonschema
import pytest
import yaml

CONFIGS = Path(__file__).parents[2] / "configs"
REQUEST = CONFIGS / "sagemaker" / "processing_job.json"
SCRIPT = CONFIGS / "sagemaker" / "run.sh"
CUSTOM_JOB = CONFIGS / "vertex" / "custom_job.yaml"

_TEXTS = {"type": "array", "minItems": 1, "items": {"type": "string"}}


def table(*required, **properties):
    return {
        "type": "object",
        "additionalProperties": False,
        "required": list(required),
        "properties": {name: {"type": of} if isinstance(of, str) else of for name, of in properties.items()},
    }


# The fields of a CustomJobSpec that we use, and no others.
CUSTOM_JOB_SPEC = table(
    "workerPoolSpecs",
    workerPoolSpecs={"type": "array", "minItems": 1, "maxItems": 1, "items": table(
        "machineSpec", "replicaCount", "containerSpec",
        machineSpec=table(
            "machineType", machineType="string", acceleratorCount={"type": "integer", "minimum": 1},
            acceleratorType={"enum": ["NVIDIA_TESLA_T4", "NVIDIA_L4", "NVIDIA_TESLA_A100"]}),
        replicaCount={"const": 1},
        diskSpec=table(bootDiskType={"enum": ["pd-ssd", "pd-standard"]}, bootDiskSizeGb="integer"),
        containerSpec=table(
            "imageUri", imageUri="string", command=_TEXTS, args=_TEXTS,
            env={"type": "array", "items": table("name", "value", name="string", value="string")}),
    )},
    scheduling=table(timeout={"type": "string", "pattern": r"^\d+s$"}, disableRetries="boolean"),
    serviceAccount={"type": "string", "pattern": "@.*gserviceaccount.com$"},
    network={"type": "string", "pattern": "^projects/[0-9]+/global/networks/"},
)  # fmt: skip


def container():
    return yaml.safe_load(CUSTOM_JOB.read_text(encoding="utf-8"))["workerPoolSpecs"][0]["containerSpec"]


def test_sagemaker_takes_the_request():
    session = pytest.importorskip("botocore.session", reason="the extra s3 brings botocore")
    from botocore.validate import ParamValidator

    request = json.loads(REQUEST.read_text(encoding="utf-8"))
    model = session.get_session().get_service_model("sagemaker")
    report = ParamValidator().validate(request, model.operation_model("CreateProcessingJob").input_shape)
    assert not report.has_errors(), report.generate_report()
    assert (
        request["ProcessingResources"]["ClusterConfig"]["InstanceType"]
        in model.shape_for("ProcessingInstanceType").enum
    )
    for shape, value in (
        ("ProcessingJobName", request["ProcessingJobName"]), ("RoleArn", request["RoleArn"]),
        ("ImageUri", request["AppSpecification"]["ImageUri"]),
    ):  # fmt: skip
        assert re.fullmatch(model.shape_for(shape).metadata["pattern"], value)


def test_the_job_of_sagemaker_reads_and_writes_where_the_request_mounts():
    request = json.loads(REQUEST.read_text(encoding="utf-8"))
    job = yaml.safe_load((CONFIGS / "sagemaker" / "job.yaml").read_text(encoding="utf-8"))
    inputs = {entry["InputName"]: entry["S3Input"]["LocalPath"] for entry in request["ProcessingInputs"]}
    (output,) = request["ProcessingOutputConfig"]["Outputs"]
    assert job["report"]["folder"] == output["S3Output"]["LocalPath"]
    assert "sagemaker" in job["report"]["formats"]
    for role in ("reference", "current"):
        assert job[role]["path"].startswith(inputs[role])
    asked = request["AppSpecification"]
    assert asked["ContainerEntrypoint"][1] == f"{inputs['job']}/{SCRIPT.name}"
    assert asked["ContainerArguments"][0] == f"{inputs['job']}/job.yaml"


@pytest.mark.parametrize(
    ("code", "ends", "told"),
    [
        (0, 0, "Completed: "),
        (1, 0, "CompletedWithViolations: "),
        (2, 2, "textdrift ended with 2"),
        (3, 0, "Completed: inconclusive"),
        (137, 137, "textdrift ended with 137"),
    ],
)
@pytest.mark.parametrize("date", [(), ("2026-11-25",)])
def test_the_entry_point_of_sagemaker_says_how_it_ended(code, ends, told, date, fake_textdrift):
    message = fake_textdrift.folder / "message"
    environment = fake_textdrift.environment(code, TEXTDRIFT_MESSAGE=str(message))
    done = subprocess.run(["/bin/sh", SCRIPT, "job.yaml", *date], env=environment, check=False)
    assert done.returncode == ends
    assert message.read_text(encoding="utf-8").startswith(told)
    assert len(message.read_bytes()) <= 1024  # more is cut off
    assert fake_textdrift.called() == [" ".join(["run job.yaml", *(("--date", *date) if date else ())])]


def test_vertex_takes_the_job():
    jsonschema.validate(yaml.safe_load(CUSTOM_JOB.read_text(encoding="utf-8")), CUSTOM_JOB_SPEC)


@pytest.mark.parametrize(("code", "ends"), [(0, 0), (1, 0), (2, 2), (3, 0)])
def test_answers_end_well_on_vertex_and_errors_do_not(code, ends, fake_textdrift):
    secret, taken = fake_textdrift.folder / "pgpass", fake_textdrift.folder / "taken"
    secret.write_text("10.0.0.3:5432:textdrift:textdrift:hush\n")
    script = (
        container()["args"][0].replace("/gcs/example-secrets/pgpass", str(secret)).replace("/tmp/pgpass", str(taken))  # noqa: S108
    )
    done = subprocess.run(
        [*container()["command"], script], env=fake_textdrift.environment(code), capture_output=True, check=False
    )
    assert (done.returncode, done.stdout) == (ends, b"textdrift ended with %d\n" % code)
    assert fake_textdrift.called() == ["run /gcs/example-texts/job.yaml"]
    assert taken.stat().st_mode & 0o777 == 0o600


def test_no_run_begins_on_vertex_without_its_password(fake_textdrift):
    script = container()["args"][0].replace("/gcs/example-secrets/pgpass", str(fake_textdrift.folder / "none"))
    done = subprocess.run(
        [*container()["command"], script], env=fake_textdrift.environment(0), capture_output=True, check=False
    )
    assert done.returncode == 2


def test_the_password_of_vertex_stands_in_no_file():
    job = (CONFIGS / "vertex" / "job.yaml").read_text(encoding="utf-8")
    assert re.search(r"^history: postgresql://textdrift@", job, flags=re.MULTILINE)
    assert {entry["name"]: entry["value"] for entry in container()["env"]}["PGPASSFILE"] in container()["args"][0]
