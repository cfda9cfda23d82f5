"""compose.yaml runs what there is: its settings are read as a container reads them, its parts fit each other."""

import re
from urllib.parse import urlsplit

import pytest

from apps import door, places
from apps.cli import PORTS
from apps.places import SERVICES
from scripts import passwords
from tests.services.container_files import COMPOSE, ONCE, OURS, ROOT, STORES, VERSION, image_environment, settings

CONTAINERS = COMPOSE["services"]
KEYS = {
    "build", "cap_drop", "command", "depends_on", "environment", "healthcheck", "image", "ports", "profiles",
    "read_only", "restart", "secrets", "security_opt", "stop_grace_period", "stop_signal", "tmpfs", "volumes",
}  # fmt: skip
"""All that is used, as the compose specification spells it."""


def test_it_has_the_services_their_schema_steps_their_stores_and_nothing_else():
    assert CONTAINERS.keys() == {*OURS, *STORES}
    assert {key for container in CONTAINERS.values() for key in container} <= KEYS


@pytest.mark.parametrize("container", OURS)
def test_every_setting_is_one_and_can_be_read(container, tmp_path):
    settings(container, tmp_path)


def test_a_name_that_no_setting_has_is_noticed(tmp_path, monkeypatch):
    monkeypatch.setitem(CONTAINERS["book"]["environment"], "KAFKA_SERVERS", "kafka:9092")
    with pytest.raises(LookupError, match="book is told KAFKA_SERVERS"):
        settings("book", tmp_path)


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_may_listen_outside_and_keeps_nothing_in_files(service, tmp_path):
    read = settings(service, tmp_path)
    door.check(read, "0.0.0.0")
    assert places.files(places.stores(read, service), places.needed(read, [service])) == []
    assert CONTAINERS[f"migrate-{service}"]["command"] == ["myticket", "migrate", service]


def test_who_looks_after_all_stores_has_all_of_them(tmp_path):
    read = settings("tools", tmp_path)
    assert places.files(places.stores(read), SERVICES) == []


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_is_published_on_loopback_under_its_own_port_and_says_so(service, tmp_path):
    assert CONTAINERS[service]["ports"] == [f"127.0.0.1:{PORTS[service]}:{image_environment()['PORT']}"]
    assert settings(service, tmp_path).public_url == f"http://127.0.0.1:{PORTS[service]}"


def test_no_mail_leads_to_pages_that_are_not_served(tmp_path):
    """Where nobody is asked who they are, nobody is anybody."""
    assert settings("mypage", tmp_path).auth is False
    assert settings("alarm", tmp_path).pages_url is None


def test_nothing_else_is_published():
    assert {name for name, container in CONTAINERS.items() if "ports" in container} == set(SERVICES)


def test_whom_a_container_asks_is_there(tmp_path):
    read = settings("book", tmp_path)
    assert (read.api_url_payment, read.api_url_ticket) == ("http://pay:8080", "http://ticket:8080")
    assert read.kafka_bootstrap_servers == "kafka:9092"
    assert CONTAINERS["kafka"]["environment"]["KAFKA_ADVERTISED_LISTENERS"] == "PLAINTEXT://kafka:9092"
    hosts = {urlsplit(text).hostname for text in passwords.contents().values() if "://" in text}
    assert hosts == {"postgres", "mongo"}


@pytest.mark.parametrize("service", SERVICES)
def test_the_schema_is_there_before_the_service_starts(service):
    store = "mongo" if service == "mypage" else "postgres"
    assert CONTAINERS[f"migrate-{service}"]["depends_on"] == {store: {"condition": "service_healthy"}}
    assert CONTAINERS[service]["depends_on"] == {
        f"migrate-{service}": {"condition": "service_completed_successfully"},
        "kafka": {"condition": "service_started"},
    }


@pytest.mark.parametrize("store", STORES)
def test_a_store_is_pinned_looked_after_and_keeps_its_data(store):
    container = CONTAINERS[store]
    assert re.fullmatch(r"([a-z]+/)?[a-z]+:\d+\.\d+(\.\d+)?", container["image"])
    assert container["healthcheck"]["test"]
    kept = [mount.partition(":")[0] for mount in container["volumes"] if not mount.startswith("./")]
    assert kept
    assert set(kept) <= COMPOSE["volumes"].keys()


@pytest.mark.parametrize("store", STORES)
def test_no_secret_is_in_a_command_line(store):
    """Whoever lists the processes of the host reads those of its containers; no shell puts one in."""
    kind, *words = CONTAINERS[store]["healthcheck"]["test"]
    assert kind == "CMD"
    assert {type(word) for word in words} == {str}
    assert "$" not in "".join(words)


@pytest.mark.parametrize("container", OURS)
def test_a_container_of_ours_can_do_little(container):
    described = CONTAINERS[container]
    assert (described["read_only"], described["cap_drop"]) == (True, ["ALL"])
    assert described["security_opt"] == ["no-new-privileges:true"]
    assert described["tmpfs"] == ["/data"] or described["volumes"] == ["sandbox:/data"]
    assert image_environment()["MYTICKET_DATA"] == "/data"


@pytest.mark.parametrize("container", OURS)
def test_an_image_is_built_here_for_its_service_under_this_version(container):
    service = CONTAINERS[container]["build"]["args"]["SERVICE"]
    assert service == (container.removeprefix("migrate-") if container != "tools" else "ticket")
    assert CONTAINERS[container]["image"] == f"myticket-{service}:{VERSION}"


@pytest.mark.parametrize("container", [*ONCE, "tools"])
def test_what_runs_once_is_neither_watched_nor_restarted(container):
    assert CONTAINERS[container]["healthcheck"] == {"disable": True}
    assert CONTAINERS[container]["restart"] == "no"


def test_charges_of_the_sandbox_outlive_the_container():
    assert CONTAINERS["pay"]["volumes"] == ["sandbox:/data"] == CONTAINERS["tools"]["volumes"]


def test_secrets_are_made_here_kept_out_of_git_and_each_is_used():
    files = {name: secret["file"] for name, secret in COMPOSE["secrets"].items()}
    assert files == {name: f".secrets/{name}" for name in passwords.contents()}
    assert {name for container in CONTAINERS.values() for name in container.get("secrets", ())} == files.keys()
    assert "/.secrets/" in (ROOT / ".gitignore").read_text().splitlines()


@pytest.mark.parametrize("container", OURS)
def test_a_container_gets_the_secrets_that_it_reads_and_no_others(container):
    told = CONTAINERS[container]["environment"]
    read = {value.removeprefix("/run/secrets/") for name, value in told.items() if name.endswith("_FILE")}
    assert set(CONTAINERS[container]["secrets"]) == read


def test_passwords_are_made_once_and_readable_in_a_container(tmp_path):
    made = passwords.make(tmp_path / "kept")
    before = {name: (tmp_path / "kept" / name).read_text() for name in made}
    assert passwords.make(tmp_path / "kept") == []
    assert before == {name: (tmp_path / "kept" / name).read_text() for name in passwords.contents()}
    assert len(set(before.values())) == len(before)
    assert (tmp_path / "kept").stat().st_mode & 0o777 == 0o700
    assert {(tmp_path / "kept" / name).stat().st_mode & 0o777 for name in made} == {0o444}
