"""k8s/example changes what there is in k8s/base, and makes a system with the sandbox of it."""

import re
import shutil
import subprocess

import pytest
import yaml

from apps.environment import WrongSettings, load
from tests.services.kubernetes_files import BASE, EXAMPLE, OBJECTS, VERSIONS, config_maps, kustomization, spec, taken

SAID = kustomization(EXAMPLE)


@pytest.fixture(scope="module")
def made():
    """By kind and name, what kustomize makes of it."""
    kubectl = shutil.which("kubectl")
    if kubectl is None:
        pytest.skip("kubectl is not here, which has kustomize in it")
    told = subprocess.run([kubectl, "kustomize", EXAMPLE], capture_output=True, text=True, timeout=120, check=True)
    return {(it["kind"], it["metadata"]["name"]): it for it in yaml.safe_load_all(told.stdout)}


def test_every_image_is_named_anew():
    images = {
        it["image"].split(":")[0] for kind, name in OBJECTS if kind == "Deployment" for it in spec(name)["containers"]
    }
    assert sorted(it["name"] for it in SAID["images"]) == sorted(images)


def test_settings_are_said_otherwise_and_none_is_new():
    base, said = config_maps(BASE), config_maps(EXAMPLE)
    assert {it["behavior"] for it in SAID["configMapGenerator"]} == {"merge"}
    assert [key for name in said for key in said[name] if key not in base[name]] == []


def test_whom_the_services_believe_is_said_by_each_team_or_nothing_starts():
    """A network that is not theirs would have visitors in it, who could call themselves what they like."""
    with pytest.raises(WrongSettings, match="TRUSTED_PROXIES"):
        load({"TRUSTED_PROXIES": config_maps(BASE)["myticket"]["TRUSTED_PROXIES"]})
    (pods,) = load({"TRUSTED_PROXIES": config_maps(EXAMPLE)["myticket"]["TRUSTED_PROXIES"]}).trusted_proxies
    assert pods.prefixlen >= 16


def test_links_are_for_the_name_that_is_routed():
    (rule,) = OBJECTS["Ingress", "myticket"]["spec"]["rules"]
    assert config_maps(BASE)["myticket"]["PUBLIC_URL"] == f"https://{rule['host']}"
    assert config_maps(BASE)["myticket-alarm"]["PAGES_URL"] == f"https://{rule['host']}/web"
    (patch,) = (it["patch"] for it in SAID["patches"] if it.get("target", {}).get("kind") == "Ingress")
    hosts = {it["value"] for it in yaml.safe_load(patch)}
    assert {config_maps(EXAMPLE)["myticket"]["PUBLIC_URL"]} == {f"https://{host}" for host in hosts}
    assert {config_maps(EXAMPLE)["myticket-alarm"]["PAGES_URL"]} == {f"https://{host}/web" for host in hosts}


def test_it_says_all_that_is_everybodys_to_say(made):
    """A name of the base that is left is nobody's: mails would lead there."""
    said = " ".join(it.read_text() for it in sorted(BASE.iterdir()))
    left = set(re.findall(r"\b[a-z-]+\.example\b", said))
    assert left >= {"tickets.example", "pods.example"}
    assert left.isdisjoint(re.findall(r"[\w.-]+\.example\b", yaml.safe_dump_all(made.values())))


def test_what_is_patched_is_there():
    """kustomize says nothing of a patch for what is not."""
    targets = {(it["target"]["kind"], it["target"]["name"]) for it in SAID["patches"] if "target" in it}
    assert targets
    assert targets <= OBJECTS.keys()


def test_what_kustomize_makes_of_it_is_taken(made):
    assert made.keys() >= OBJECTS.keys() - {("HorizontalPodAutoscaler", "pay")}
    for it in made.values():
        taken(it, VERSIONS[-1])
    assert {it["metadata"].get("namespace") for key, it in made.items() if key[0] != "Namespace"} == {"myticket"}


def test_there_is_one_pay_with_one_bank(made):
    pay = made["Deployment", "pay"]["spec"]
    assert (pay["replicas"], pay["strategy"]) == (1, {"type": "Recreate"})
    assert ("HorizontalPodAutoscaler", "pay") not in made
    (data,) = (it for it in pay["template"]["spec"]["volumes"] if it["name"] == "data")
    assert ("PersistentVolumeClaim", data["persistentVolumeClaim"]["claimName"]) in made
    (container,) = pay["template"]["spec"]["containers"]
    assert [it["name"] for it in container["env"]] == ["DATABASE_URL_FILE"]


def test_where_kustomize_gives_a_name_to_a_config_map_it_is_the_one_that_is_read(made):
    read = {
        source["configMapRef"]["name"]
        for kind, name in OBJECTS
        if kind == "Deployment"
        for source in made[kind, name]["spec"]["template"]["spec"]["containers"][0]["envFrom"]
    }
    assert read == {name for kind, name in made if kind == "ConfigMap"}
    assert read.isdisjoint(config_maps(BASE))  # a hash of what it says is in it
