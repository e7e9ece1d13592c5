"""The manifests: valid by the schemas of Kubernetes, strictly, and their parts fit each other, the image and the broker."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from kubernetes_validate import ValidationError, validate  # type: ignore[import-untyped]

from broker.environment import SERVER, misspelt
from broker.server.session import LAST_WORDS_SECONDS
from broker.settings import Settings
from broker.store.open import open_store
from broker.version import VERSION

from .dockerfile import instructions, last_stage

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "deploy" / "kubernetes"
# The oldest that still has all that is used here, and the newest that there are schemas of.
VERSIONS = ("1.30", "1.37")
Manifest = dict[str, Any]


def read(name: str) -> Manifest:
    manifest: Manifest = yaml.safe_load((FOLDER / f"{name}.yaml").read_text())
    return manifest


NAMES = sorted(path.stem for path in FOLDER.glob("*.yaml") if path.stem != "kustomization")
DEPLOYMENT = read("deployment")
POD = DEPLOYMENT["spec"]["template"]["spec"]
(CONTAINER,) = POD["containers"]
CONFIG = read("configmap")["data"]
SCALER = read("horizontalpodautoscaler")["spec"]
IMAGE = last_stage(instructions((ROOT / "Dockerfile").read_text()))
LABELS = {"app.kubernetes.io/name": "colonies-broker"}


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("name", NAMES)
def test_every_manifest_is_valid_by_the_schema_of_kubernetes(name: str, version: str) -> None:
    validate(read(name), version, strict=True)


@pytest.mark.parametrize(
    ("name", "right", "wrong"),
    [
        ("deployment", "terminationGracePeriodSeconds", "terminationGracePeriodSecond"),
        ("deployment", "readOnlyRootFilesystem", "readonlyRootFilesystem"),
        ("deployment", "failureThreshold: 150", "failureThreshold: many"),
        ("poddisruptionbudget", "maxUnavailable", "maxUnavailabel"),
        ("horizontalpodautoscaler", "averageUtilization", "averageUtilisation"),
        ("service", "targetPort", "targetport"),
        ("ingress.example", "pathType: Exact", "patType: Exact"),
    ],
)
def test_a_typing_error_would_be_seen(name: str, right: str, wrong: str) -> None:
    text = (FOLDER / f"{name}.yaml").read_text()
    assert right in text
    with pytest.raises(ValidationError):
        validate(yaml.safe_load(text.replace(right, wrong)), VERSIONS[-1], strict=True)


def test_applying_the_folder_leaves_out_only_what_needs_something_of_your_own() -> None:
    kustomization = read("kustomization")
    applied = {Path(name).stem for name in kustomization["resources"]}
    assert applied == {name for name in NAMES if not name.endswith(".example")}
    text = (FOLDER / "kustomization.yaml").read_text()
    for left_out in ("ingress.example.yaml", "secret.example.yaml", "monitoring/"):
        assert (FOLDER / left_out).exists()
        assert f"#   {left_out} " in text


def test_all_parts_mean_the_same_pods() -> None:
    assert DEPLOYMENT["spec"]["template"]["metadata"]["labels"] == LABELS
    selectors = [
        DEPLOYMENT["spec"]["selector"]["matchLabels"],
        read("service")["spec"]["selector"],
        read("poddisruptionbudget")["spec"]["selector"]["matchLabels"],
        read("monitoring/podmonitor")["spec"]["selector"]["matchLabels"],
        *(spread["labelSelector"]["matchLabels"] for spread in POD["topologySpreadConstraints"]),
    ]
    assert selectors == [LABELS] * len(selectors)
    target = SCALER["scaleTargetRef"]
    assert (target["kind"], target["name"]) == (DEPLOYMENT["kind"], DEPLOYMENT["metadata"]["name"])


def test_the_way_from_outside_leads_to_the_port_that_the_image_serves() -> None:
    (port,) = CONTAINER["ports"]
    assert [str(port["containerPort"])] == IMAGE["EXPOSE"]
    (served,) = read("service")["spec"]["ports"]
    assert served["targetPort"] == port["name"]
    (rule,) = read("ingress.example")["spec"]["rules"]
    backends = [path["backend"]["service"] for path in rule["http"]["paths"]]
    assert {backend["name"] for backend in backends} == {read("service")["metadata"]["name"]}
    assert {backend["port"]["name"] for backend in backends} == {served["name"]}
    (endpoint,) = read("monitoring/podmonitor")["spec"]["podMetricsEndpoints"]
    assert (endpoint["port"], endpoint["path"]) == (port["name"], "/metrics")


def test_the_way_from_outside_has_all_that_the_dashboard_names_and_nothing_for_operators() -> None:
    (rule,) = read("ingress.example")["spec"]["rules"]
    paths = {path["path"]: path["pathType"] for path in rule["http"]["paths"]}
    assert paths["/ws"] == paths["/"] == "Exact"
    for named in re.findall(r'(?:href|src)="(/[^"]+)"', (ROOT / "web_dashboard" / "index.html").read_text()):
        assert named in paths or f"/{named.split('/')[1]}/" in paths, named
    assert not paths.keys() & {"/metrics", "/readyz", "/healthz"}


def test_no_socket_is_cut_that_the_broker_still_pings() -> None:
    annotations = read("ingress.example")["metadata"]["annotations"]
    for name in ("proxy-read-timeout", "proxy-send-timeout"):
        assert int(annotations[f"nginx.ingress.kubernetes.io/{name}"]) > 2 * Settings().ping_seconds


def test_living_is_not_asked_of_the_store_and_being_ready_is() -> None:
    paths = {name: CONTAINER[f"{name}Probe"]["httpGet"]["path"] for name in ("startup", "liveness", "readiness")}
    assert paths == {"startup": "/healthz", "liveness": "/healthz", "readiness": "/readyz"}
    # What /readyz may take while the store is away; a probe that gives up sooner says nothing else.
    assert CONTAINER["readinessProbe"]["timeoutSeconds"] > 2
    probe = CONTAINER["startupProbe"]
    assert probe["periodSeconds"] * probe["failureThreshold"] >= 120, "bringing on an older schema takes its time"


def test_a_broker_that_is_told_to_go_has_the_time_to_drain() -> None:
    (wait,) = CONTAINER["lifecycle"]["preStop"]["exec"]["command"][1:]
    needed = int(wait) + float(CONFIG["COLONIES_DRAIN"]) + LAST_WORDS_SECONDS
    assert POD["terminationGracePeriodSeconds"] >= needed + 5


def test_a_rolling_update_and_an_emptied_node_take_no_broker_before_another_is_ready() -> None:
    strategy = DEPLOYMENT["spec"]["strategy"]
    assert strategy["type"] == "RollingUpdate"
    assert strategy["rollingUpdate"] == {"maxSurge": 1, "maxUnavailable": 0}
    assert read("poddisruptionbudget")["spec"]["maxUnavailable"] == 1
    assert SCALER["minReplicas"] >= 2
    assert "replicas" not in DEPLOYMENT["spec"], "applying it again would undo what the autoscaler did"


def test_a_broker_may_do_nothing_on_its_machine() -> None:
    assert POD["securityContext"]["runAsNonRoot"] is True
    assert str(POD["securityContext"]["runAsUser"]) == IMAGE["USER"][0]
    assert CONTAINER["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert POD["automountServiceAccountToken"] is False
    mounted = {mount["mountPath"] for mount in CONTAINER["volumeMounts"]}
    assert set(json.loads(IMAGE["VOLUME"][0])) <= mounted
    assert {mount["name"] for mount in CONTAINER["volumeMounts"]} == {volume["name"] for volume in POD["volumes"]}


def test_a_broker_is_given_only_what_it_knows_and_the_address_of_the_store_as_a_secret() -> None:
    given = {*CONFIG, *(variable["name"] for variable in CONTAINER["env"])}
    assert misspelt(given) == ""
    assert given == {"COLONIES_OWNER", "COLONIES_DRAIN", "COLONIES_STORE"} <= set(SERVER)
    assert CONTAINER["envFrom"] == [{"configMapRef": {"name": read("configmap")["metadata"]["name"]}}]
    (store,) = [variable["valueFrom"]["secretKeyRef"] for variable in CONTAINER["env"]]
    secret = read("secret.example")
    assert (store["name"], [store["key"]]) == (secret["metadata"]["name"], list(secret["stringData"]))
    assert open_store(secret["stringData"]["address"]).name == "mongodb"


def test_kubernetes_adds_no_variable_that_a_broker_would_refuse() -> None:
    """It names them after services, and ours begins as our own variables do."""
    service = read("service")["metadata"]["name"].upper().replace("-", "_")
    assert misspelt([f"{service}_SERVICE_HOST"])
    assert POD["enableServiceLinks"] is False


def test_the_autoscaler_asks_for_a_metric_that_brokers_have_under_the_name_that_the_adapter_gives() -> None:
    (external,) = [metric["external"]["metric"] for metric in SCALER["metrics"] if metric["type"] == "External"]
    (rule,) = read("monitoring/adapter")["rules"]["external"]
    assert external["name"] == rule["name"]["as"] == rule["seriesQuery"]
    assert external["selector"]["matchLabels"] == {"state": "waiting"}
    source = (ROOT / "broker" / "engine" / "inventory.py").read_text()
    assert f'"{external["name"]}"' in source
    assert "max by (colony) (<<.Series>>{<<.LabelMatchers>>})" in rule["metricsQuery"]


def test_the_autoscaler_watches_the_container_that_there_is_within_what_it_may_use() -> None:
    (processor,) = [m["containerResource"] for m in SCALER["metrics"] if m["type"] == "ContainerResource"]
    assert processor["container"] == CONTAINER["name"]
    requested = int(CONTAINER["resources"]["requests"]["cpu"].removesuffix("m"))
    # A broker uses one core; a figure beyond it would never be reached.
    assert requested * processor["target"]["averageUtilization"] / 100 < 1000
    assert "cpu" not in CONTAINER["resources"]["limits"]


def test_the_image_is_of_the_version_that_this_is() -> None:
    assert CONTAINER["image"] == f"colonies-broker:{VERSION}"
