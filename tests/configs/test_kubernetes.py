"""The manifest: the shape that Kubernetes takes, one run at a time, answers that end well, no rights to spare."""

import subprocess
from pathlib import Path

import jsonschema
import pytest
import yaml

MANIFEST = Path(__file__).parents[2] / "configs" / "kubernetes" / "cronjob.yaml"


def table(required, **properties):
    return {"type": "object", "additionalProperties": False, "required": required.split(), "properties": properties}


def listed(items):
    return {"type": "array", "minItems": 1, "items": items}


TEXT, COUNT, TRUTH, NAME = (
    {"type": "string"},
    {"type": "integer"},
    {"type": "boolean"},
    {"pattern": "^[a-z0-9-]{1,63}$"},
)
NAMED = table("name", name=NAME)
AMOUNTS = {"type": "object", "additionalProperties": {"type": ["string", "integer"]}}
# The fields of batch/v1 CronJob that we use, and no others: a slip of the pen is a field that Kubernetes drops.
CONTAINER = table(
    "name image command args env resources securityContext volumeMounts",
    name=NAME, image={"pattern": r"^[\w./-]+:[\w.-]+$"}, command=listed(TEXT), args=listed(TEXT),
    env=listed(table("name", name=TEXT, value=TEXT, valueFrom=table(
        "secretKeyRef", secretKeyRef=table("name key", name=NAME, key=TEXT)))),
    resources=table("requests limits", requests=AMOUNTS, limits=AMOUNTS),
    securityContext=table(
        "allowPrivilegeEscalation", allowPrivilegeEscalation={"const": False}, readOnlyRootFilesystem={"const": True},
        capabilities=table("drop", drop={"const": ["ALL"]})),
    volumeMounts=listed(table("name mountPath", name=NAME, mountPath={"pattern": "^/"}, readOnly=TRUTH)),
)  # fmt: skip
POD = table(
    "restartPolicy containers volumes securityContext",
    restartPolicy={"const": "Never"},  # a podFailurePolicy needs it
    automountServiceAccountToken={"const": False},
    securityContext=table(
        "runAsNonRoot", runAsNonRoot={"const": True}, runAsUser=COUNT, runAsGroup=COUNT, fsGroup=COUNT,
        seccompProfile=table("type", type={"const": "RuntimeDefault"})),
    containers=listed(CONTAINER),
    volumes=listed(table("name", name=NAME, persistentVolumeClaim=table("claimName", claimName=NAME), configMap=NAMED,
                         emptyDir={"type": "object", "maxProperties": 0})),
)  # fmt: skip
RULE = table(
    "action", action={"enum": ["Ignore", "FailJob", "Count"]},
    onPodConditions=listed(table("type status", type={"const": "DisruptionTarget"}, status={"const": "True"})),
    onExitCodes=table("operator values", containerName=NAME, operator={"enum": ["In", "NotIn"]},
                      values=listed({"type": "integer", "minimum": 1})),
)  # fmt: skip
CRON_JOB = table(
    "apiVersion kind metadata spec",
    apiVersion={"const": "batch/v1"}, kind={"const": "CronJob"}, metadata=NAMED,
    spec=table(
        "schedule jobTemplate concurrencyPolicy",
        schedule={"pattern": r"^(\S+ ){4}\S+$"}, timeZone={"const": "Etc/UTC"},
        concurrencyPolicy={"const": "Forbid"}, startingDeadlineSeconds=COUNT,
        successfulJobsHistoryLimit=COUNT, failedJobsHistoryLimit=COUNT,
        jobTemplate=table("spec", spec=table(
            "backoffLimit podFailurePolicy template activeDeadlineSeconds",
            activeDeadlineSeconds=COUNT, ttlSecondsAfterFinished=COUNT, backoffLimit=COUNT,
            podFailurePolicy=table("rules", rules=listed(RULE)), template=table("spec", spec=POD))),
    ),
)  # fmt: skip
CLAIM = table(
    "apiVersion kind metadata spec",
    apiVersion={"const": "v1"}, kind={"const": "PersistentVolumeClaim"}, metadata=NAMED,
    spec=table("accessModes resources", accessModes={"const": ["ReadWriteOnce"]},
               resources=table("requests", requests=AMOUNTS)),
)  # fmt: skip
CONFIG = table(
    "apiVersion kind metadata data",
    apiVersion={"const": "v1"}, kind={"const": "ConfigMap"}, metadata=NAMED,
    data={"type": "object", "additionalProperties": TEXT},
)  # fmt: skip


def documents():
    return {document["kind"]: document for document in yaml.safe_load_all(MANIFEST.read_text(encoding="utf-8"))}


def job():
    return documents()["CronJob"]["spec"]["jobTemplate"]["spec"]


def pod():
    return job()["template"]["spec"]


def test_each_document_has_the_shape_that_kubernetes_takes():
    schemas = {"ConfigMap": CONFIG, "PersistentVolumeClaim": CLAIM, "CronJob": CRON_JOB}
    assert list(documents()) == list(schemas)
    for kind, schema in schemas.items():
        jsonschema.validate(documents()[kind], schema)


def test_it_is_valid_to_the_schemas_of_kubernetes_itself():
    validate = pytest.importorskip("kubernetes_validate", reason="pip install kubernetes-validate")
    for document in documents().values():
        validate.validate(document, "1.31", strict=True)


def test_what_is_mounted_is_there():
    (container,), here = pod()["containers"], documents()
    volumes = {volume["name"]: volume for volume in pod()["volumes"]}
    assert {mount["name"] for mount in container["volumeMounts"]} == set(volumes)
    assert volumes["state"]["persistentVolumeClaim"]["claimName"] == here["PersistentVolumeClaim"]["metadata"]["name"]
    assert volumes["job"]["configMap"]["name"] == here["ConfigMap"]["metadata"]["name"]
    mounts = {mount["name"]: mount["mountPath"] for mount in container["volumeMounts"]}
    (file,) = here["ConfigMap"]["data"]
    assert f"{mounts['job']}/{file}" in container["args"][0]
    assert next(e["value"] for e in container["env"] if e["name"] == "TEXTDRIFT_CACHE").startswith(mounts["state"])


def test_there_is_a_gpu_and_the_password_comes_from_a_secret():
    (container,) = pod()["containers"]
    assert container["resources"]["limits"]["nvidia.com/gpu"] == 1
    (password,) = [entry for entry in container["env"] if "PASSWORD" in entry["name"]]
    assert set(password) == {"name", "valueFrom"}


def test_a_run_is_ended_before_the_next_night_and_an_error_fails_the_job_at_once():
    assert (
        job()["activeDeadlineSeconds"] + documents()["CronJob"]["spec"]["startingDeadlineSeconds"] < 86400 - 2.5 * 3600
    )
    ignored, failed = job()["podFailurePolicy"]["rules"]
    assert (ignored["action"], failed["action"], failed["onExitCodes"]["values"]) == ("Ignore", "FailJob", [2])
    assert failed["onExitCodes"]["containerName"] == pod()["containers"][0]["name"]


@pytest.mark.parametrize(("code", "ends"), [(0, 0), (1, 0), (2, 2), (3, 0), (137, 137)])
def test_answers_end_well_and_errors_do_not(code, ends, fake_textdrift):
    (container,) = pod()["containers"]
    message = fake_textdrift.folder / "message"
    script = container["args"][0].replace("/dev/termination-log", str(message))
    done = subprocess.run([*container["command"], script], env=fake_textdrift.environment(code), check=False)
    assert done.returncode == ends
    assert fake_textdrift.called() == ["run /etc/textdrift/nightly.yaml"]
    assert message.read_text() == f"textdrift ended with {code}\n"
