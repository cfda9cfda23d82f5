"""k8s/ is what Kubernetes takes, and tells the services what they read."""

import copy
import re

import attrs
import kubernetes_validate
import pytest

from adapters.rest.probes import OPEN
from apps import door, places
from apps.calling import credential
from apps.places import SERVICES
from apps.settings import Settings
from tests.services.container_files import COMPOSE, VERSION, image_environment
from tests.services.kubernetes_files import (
    BASE,
    EXAMPLE,
    OBJECTS,
    SECRETS,
    config_maps,
    environment,
    kustomization,
    objects,
    settings,
    spec,
    taken,
)

PODS = (*SERVICES, "tools")
FOR_ALL = {"public_url", "kafka_bootstrap_servers", "oidc_issuer", "trusted_proxies"}
CLIENT = {"oidc_client_id", "oidc_client_secret"}
NEEDED = {
    "ticket": FOR_ALL | {"database_url"},
    "book": FOR_ALL | CLIENT | {"database_url", "api_url_payment", "api_url_ticket", "oidc_token_url"},
    "pay": FOR_ALL | {"database_url", "stripe_api_key", "stripe_webhook_secret"},
    "mypage": FOR_ALL | CLIENT | {"mongodb_url", "pages_secret", "api_url_ticket", "api_url_book", "api_url_alarm"},
    "alarm": FOR_ALL | {"database_url", "pages_url"},
    "tools": FOR_ALL | {"mongodb_url", *(f"{name}_database_url" for name in SERVICES if name != "mypage")},
}
"""What has no default and has to be said of each."""
OTHERS = {
    "data", "port", "kafka_replication", "oidc_audience", "payment_provider", "payment_currency", "log_level",
    "notification_prefix",
}  # fmt: skip
P8S = "prometheus.io"
LITTLE = {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]}}


def containers(name):
    return [*spec(name).get("initContainers", ()), *spec(name)["containers"]]


@pytest.mark.parametrize("folder", [BASE, EXAMPLE], ids=lambda it: it.name)
def test_every_file_is_listed(folder):
    said = kustomization(folder)
    generators = [name for it in said["configMapGenerator"] for name in it.get("envs", ())]
    patches = [it["path"] for it in said.get("patches", ()) if "path" in it]
    listed = ["kustomization.yaml", *said["resources"], *generators, *patches]
    assert sorted(set(listed) - {"../base"}) == sorted(file.name for file in folder.iterdir())


@pytest.mark.parametrize("key", [*OBJECTS, *objects(EXAMPLE)], ids="-".join)
def test_kubernetes_takes_it(key):
    taken((OBJECTS | objects(EXAMPLE))[key])


def test_a_member_that_kubernetes_does_not_know_is_noticed():
    wrong = copy.deepcopy(OBJECTS["Deployment", "book"])
    wrong["spec"]["template"]["spec"]["containers"][0]["securityContext"]["readOnlyRootFileSystem"] = True
    with pytest.raises(kubernetes_validate.ValidationError, match="readOnlyRootFileSystem"):
        taken(wrong)


@pytest.mark.parametrize("name", PODS)
def test_what_it_is_told_are_settings_of_its_own_and_all_it_needs(name, tmp_path):
    read = settings(spec(name)["containers"][0], tmp_path)
    default = {it.name: it.default for it in attrs.fields(Settings)}
    without = {name for name in read.sources if default[name] is None}
    assert without == NEEDED[name]
    assert read.sources.keys() - without == OTHERS


def test_a_name_that_no_setting_has_is_noticed(tmp_path):
    container = copy.deepcopy(spec("book")["containers"][0])
    container["env"].append({"name": "API_URL_PAY", "value": "http://pay:8080"})
    with pytest.raises(LookupError, match="book is told API_URL_PAY"):
        settings(container, tmp_path)


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_may_listen_outside_and_keeps_nothing_in_files(service, tmp_path):
    read = settings(spec(service)["containers"][0], tmp_path)
    door.check(read, "0.0.0.0")
    assert service != "book" or credential(read)
    assert places.files(places.stores(read, service), places.needed(read, [service])) == []


@pytest.mark.parametrize("service", SERVICES)
def test_its_schema_is_there_before_it_starts(service, tmp_path):
    (step,) = spec(service)["initContainers"]
    assert step["command"] == COMPOSE["services"][f"migrate-{service}"]["command"]
    assert places.files(places.stores(settings(step, tmp_path), service), [service]) == []
    assert environment(step).items() <= environment(spec(service)["containers"][0]).items()


def test_the_originals_prefix_is_a_setting_and_the_same_for_who_writes_it_and_who_leaves_it_out():
    assert config_maps(BASE)["myticket"]["NOTIFICATION_PREFIX"] == "Hello"
    assert not any("NOTIFICATION_PREFIX" in config_maps(BASE)[f"myticket-{name}"] for name in ("alarm", "mypage"))


@pytest.mark.parametrize("name", PODS)
def test_a_pod_can_do_little(name):
    pod = spec(name)
    assert (pod["automountServiceAccountToken"], pod["enableServiceLinks"]) == (False, False)
    assert pod["securityContext"] == {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}}
    for it in containers(name):
        assert it["securityContext"] == LITTLE
        assert it["resources"].keys() == {"requests", "limits"}
        folders = {mount["mountPath"] for mount in it["volumeMounts"]}
        assert folders == {SECRETS, image_environment()["MYTICKET_DATA"]}


@pytest.mark.parametrize("name", PODS)
def test_it_runs_this_version_of_its_image(name):
    assert {it["image"] for it in containers(name)} == {f"myticket-{'ticket' if name == 'tools' else name}:{VERSION}"}


def test_ports_and_probes_are_there():
    port = int(image_environment()["PORT"])
    for service in SERVICES:
        (container,) = spec(service)["containers"]
        assert container["ports"] == [{"name": "http", "containerPort": port}]
        assert OBJECTS["Service", service]["spec"]["ports"] == [{"name": "http", "port": port, "targetPort": "http"}]
        probed = [container[probe]["httpGet"] for probe in ("startupProbe", "livenessProbe", "readinessProbe")]
        assert probed == [{"path": path, "port": "http"} for path in ("/livez", "/livez", "/readyz")]
        told = OBJECTS["Deployment", service]["spec"]["template"]["metadata"]["annotations"]
        looked_at = {"kubectl.kubernetes.io/default-container": container["name"]}
        assert told == {f"{P8S}/scrape": "true", f"{P8S}/port": str(port), f"{P8S}/path": "/metrics"} | looked_at
    assert {"/livez", "/readyz", "/metrics"} <= OPEN


@pytest.mark.parametrize("service", SERVICES)
def test_who_does_not_answer_is_restarted_after_a_minute_and_who_is_slow_is_not(service):
    """As long as /livez itself waits for a worker: on a busy node a shorter patience restarts one after the other."""
    (container,) = spec(service)["containers"]
    probe = container["livenessProbe"]
    assert probe["periodSeconds"] * probe["failureThreshold"] == 60


WRITTEN = [BASE.parent / "README.md", BASE.parent / "alerts.yaml", BASE / "tools.yaml"]
IN_A_POD = re.compile(r"exec deploy/(\S+) -- myticket ([^`\n]*)")
WHOSE = {"notifications": {"alarm"}, "payments": {"pay", "book"}} | {name: {name} for name in SERVICES}


def elsewhere(text):
    """Of the commands that are said to be given in a pod, the words that another one would have to be asked."""
    return [
        (pod, word)
        for pod, words in IN_A_POD.findall(text)
        for word in re.findall(r"\w+", words)
        if pod not in WHOSE.get(word, {pod})
    ]


@pytest.mark.parametrize("file", WRITTEN, ids=lambda it: it.name)
def test_what_is_asked_in_a_pod_is_its_own_service(file):
    text = file.read_text().replace("{{ $labels.service }}", "pay")
    assert IN_A_POD.search(text)
    assert elsewhere(text) == []


def test_what_is_asked_in_the_pod_of_another_is_noticed():
    said = "kubectl exec deploy/mypage -- myticket rebuild mypage  # also dlq list alarm, notifications list"
    assert elsewhere(said) == [("mypage", "alarm"), ("mypage", "notifications")]
