"""k8s/: who reaches whom, how many there are, how they come and go, and that the five are alike."""

import json
import re
from datetime import timedelta
from urllib.parse import parse_qsl, urlsplit

import pytest

from adapters.rest.probes import is_open
from adapters.web.addresses import BASE as PAGES
from apps.places import SERVICES
from tests.services.container_files import COMPOSE, ROOT, image_environment
from tests.services.kubernetes_files import BASE, OBJECTS, SECRETS, config_maps, keys, spec

README = (ROOT / "k8s" / "README.md").read_text()
PORT = int(image_environment()["PORT"])
PATHS = OBJECTS["Ingress", "myticket"]["spec"]["rules"][0]["http"]["paths"]
STORES = {"mypage": {27017}, "tools": {5432, 27017}} | {name: {5432} for name in SERVICES if name != "mypage"}
FOR_ALL = {"app.kubernetes.io/part-of": "myticket"}


def named(name):
    return FOR_ALL | {"app.kubernetes.io/name": name}


def routed(path):
    """Who answers, as Kubernetes chooses: the exact path, or the longest one before a slash."""
    fitting = [it for it in PATHS if path == it["path"] or (it["pathType"] == "Prefix" and _below(it["path"], path))]
    chosen = max(fitting, key=lambda it: (it["pathType"] == "Exact", len(it["path"])), default=None)
    return chosen and chosen["backend"]["service"]["name"]


def _below(prefix, path):
    return path.startswith(f"{prefix.rstrip('/')}/")


def offered(service):
    paths = json.loads((ROOT / "contracts" / "openapi" / f"{service}.json").read_text())["paths"]
    return {re.sub(r"\{.*?\}", "7", path) for path in paths}


@pytest.mark.parametrize("service", SERVICES)
def test_who_asks_for_a_path_gets_to_who_has_it_and_to_nothing_of_the_inside(service):
    for path in offered(service):
        assert routed(path) == (None if is_open(path) else service), path


def test_the_pages_are_those_of_mypage_and_no_path_leads_nowhere():
    assert {routed(PAGES), routed(f"{PAGES}/tickets"), routed("/")} == {"mypage"}
    known = {f"/{path.split('/')[1]}" for service in SERVICES for path in offered(service)}
    assert {it["path"] for it in PATHS} <= known | {PAGES, "/"}
    assert routed("/graphql") is routed("/bookshop") is None


def rules(name, direction):
    return OBJECTS["NetworkPolicy", name]["spec"].get(direction, [])


def peers(name, direction):
    """The services that it may ask, or that may ask it."""
    (side,) = {"egress": ["to"], "ingress": ["from"]}[direction]
    said = [rule for rule in rules(name, direction) if side in rule]
    assert all(rule["ports"] == [{"port": PORT}] for rule in said)
    selected = [peer["podSelector"]["matchLabels"] for rule in said for peer in rule[side]]
    assert all(it == named(it["app.kubernetes.io/name"]) for it in selected)
    return {it["app.kubernetes.io/name"] for it in selected}


@pytest.mark.parametrize("name", STORES)
def test_a_pod_gets_to_its_stores_and_to_whom_it_asks_and_to_nobody_else(name):
    asked = {urlsplit(it["value"]) for it in spec(name)["containers"][0]["env"] if it["name"].startswith("API_URL_")}
    assert {it.port for it in asked} <= {PORT}
    assert peers(name, "egress") == {it.hostname for it in asked} <= set(SERVICES)
    assert all(name in peers(it.hostname, "ingress") for it in asked)
    out = {port["port"] for rule in rules(name, "egress") if "to" not in rule for port in rule["ports"]}
    assert out == STORES[name] | ({465, 587} if name == "alarm" else set())


@pytest.mark.parametrize("service", SERVICES)
def test_only_who_asks_is_let_in(service):
    assert all(service in peers(name, "egress") for name in peers(service, "ingress"))
    assert peers(service, "ingress") or "Ingress" not in OBJECTS["NetworkPolicy", service]["spec"]["policyTypes"]


def test_what_is_not_let_through_is_refused():
    spec = OBJECTS["NetworkPolicy", "default-deny"]["spec"]
    assert spec == {"podSelector": {"matchLabels": FOR_ALL}, "policyTypes": ["Ingress", "Egress"]}
    assert {kind_name for kind_name in OBJECTS if kind_name[0] == "NetworkPolicy"} == {
        ("NetworkPolicy", name)
        for name in (*STORES, "default-deny", "from-gateway-and-monitoring", "to-names-kafka-and-internet")
    }


def test_all_are_reached_at_their_port_and_reach_kafka():
    assert [rule["ports"] for rule in rules("from-gateway-and-monitoring", "ingress")] == [[{"port": PORT}]]
    out = [port for rule in rules("to-names-kafka-and-internet", "egress") for port in rule["ports"]]
    kafka = int(config_maps(BASE)["myticket"]["KAFKA_BOOTSTRAP_SERVERS"].rpartition(":")[2])
    assert [it["port"] for it in out if it["port"] <= kafka <= it.get("endPort", it["port"])] == [kafka]
    assert {"UDP", "TCP"} == {it["protocol"] for it in out if it["port"] == 53}


@pytest.mark.parametrize("service", SERVICES)
def test_what_is_selected_is_there(service):
    deployment = OBJECTS["Deployment", service]
    assert deployment["spec"]["template"]["metadata"]["labels"] == named(service)
    budget = OBJECTS["PodDisruptionBudget", service]["spec"]
    spread = [it["labelSelector"] for it in spec(service)["topologySpreadConstraints"]]
    for selector in (deployment["spec"]["selector"], budget["selector"], *spread):
        assert selector == {"matchLabels": named(service)}
    assert OBJECTS["Service", service]["spec"]["selector"] == named(service)
    assert OBJECTS["NetworkPolicy", service]["spec"]["podSelector"] == {"matchLabels": named(service)}


@pytest.mark.parametrize("service", SERVICES)
def test_there_are_always_two_and_one_goes_when_another_has_come(service):
    deployment, scaling = OBJECTS["Deployment", service]["spec"], OBJECTS["HorizontalPodAutoscaler", service]["spec"]
    assert scaling["scaleTargetRef"] == {"apiVersion": "apps/v1", "kind": "Deployment", "name": service}
    assert (scaling["minReplicas"], scaling["maxReplicas"], "replicas" in deployment) == (2, 3, False)
    assert deployment["strategy"]["rollingUpdate"] == {"maxUnavailable": 0, "maxSurge": 1}
    assert OBJECTS["PodDisruptionBudget", service]["spec"]["maxUnavailable"] == 1


@pytest.mark.parametrize("service", SERVICES)
def test_nobody_is_sent_to_who_ends_and_ending_has_its_time(service):
    (container,) = spec(service)["containers"]
    (grace,) = {COMPOSE["services"][service]["stop_grace_period"]}
    asleep = timedelta(seconds=container["lifecycle"]["preStop"]["sleep"]["seconds"])
    assert asleep >= 2 * timedelta(seconds=container["readinessProbe"]["periodSeconds"])
    assert spec(service)["terminationGracePeriodSeconds"] >= asleep.total_seconds() + int(grace.removesuffix("s"))


def test_the_five_are_alike():
    def common(service):
        text = json.dumps([spec(service), OBJECTS["PodDisruptionBudget", service], OBJECTS["Service", service]])
        pod, *others = json.loads(re.sub(rf"\b{service}\b", "SERVICE", text))
        for it in [*pod["containers"], *pod["initContainers"]]:
            for own in ("env", "envFrom", "resources"):
                it.pop(own, None)
        return [pod, *others]

    assert [service for service in SERVICES if common(service) != common("ticket")] == []


def test_the_secrets_to_be_made_are_told():
    needed = {it for name in STORES for it in keys(name).values()}
    assert set(re.findall(r"^ *\| `(myticket-\w+)` \| `([\w-]+)` \|", README, re.MULTILINE)) == needed


def test_the_secret_that_is_shown_has_all_that_its_pods_read():
    ((secret, told),) = re.findall(r"create secret generic (myticket-\w+) (.*)", README)
    needed = {key for name in STORES for of, key in keys(name).values() if of == secret}
    assert set(re.findall(r"--from-file=([\w-]+)=", told)) == needed | {"postgres-ca"}


WHOSE_WORD = {
    "postgresql": ({"sslmode": "verify-full"}, "sslrootcert", 5432),
    "mongodb": ({"tls": "true"}, "tlsCAFile", 27017),
}
"""By scheme: what asks for TLS, what names the authority, and the port of those who ask."""


@pytest.mark.parametrize("scheme", WHOSE_WORD)
def test_whose_word_counts_about_a_store_is_where_its_url_says(scheme):
    sealed, authority, port = WHOSE_WORD[scheme]
    (url,) = re.findall(rf"{scheme}://\S+", README)
    said = dict(parse_qsl(urlsplit(url).query))
    folder, _, name = said.pop(authority).rpartition("/")
    assert (said, folder) == (sealed, SECRETS)
    assert f"| `{name}` |" in README
    for pod in {name for name, ports in STORES.items() if port in ports} - {"tools"}:
        (volume,) = (it for it in spec(pod)["volumes"] if it["name"] == "secrets")
        assert volume["secret"] == {"secretName": f"myticket-{pod}"}, "all of its keys are files"
    (volume,) = (it for it in spec("tools")["volumes"] if it["name"] == "secrets")
    paths = [item["path"] for it in volume["projected"]["sources"] for item in it["secret"]["items"]]
    assert name in paths
