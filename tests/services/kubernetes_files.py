"""k8s/ as it is written, to be asked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import kubernetes_validate
import yaml

from apps.environment import load
from apps.settings import Settings
from tests.services.container_files import ROOT, image_environment

BASE: Final = ROOT / "k8s" / "base"
EXAMPLE: Final = ROOT / "k8s" / "example"
SECRETS: Final = "/etc/myticket"
VERSIONS: Final = ("1.30", "1.37")
"""The oldest that has all that is used, and the newest there is."""
Named = Mapping[tuple[str, str], Any]


def documents(file: Path) -> list[Any]:
    return list(yaml.safe_load_all(file.read_text()))


def kustomization(folder: Path) -> Any:
    return documents(folder / "kustomization.yaml")[0]


def objects(folder: Path) -> Named:
    """By kind and name, those of the folder's own resources; each is there once."""
    files = (folder / name for name in kustomization(folder)["resources"] if name.endswith(".yaml"))
    every = [it for file in files for it in documents(file)]
    named = {(it["kind"], it["metadata"]["name"]): it for it in every}
    assert len(named) == len(every)
    return named


OBJECTS: Final = objects(BASE)


def taken(object: Any, *versions: str) -> None:
    """By Kubernetes. Raises ValidationError; a member that it does not know is one too."""
    for version in versions or VERSIONS:
        assert kubernetes_validate.validate(object, version, strict=True) == version


def config_maps(folder: Path) -> Mapping[str, dict[str, str]]:
    """What kustomize makes of the generators: of files, and of what is said there."""
    return {
        it["name"]: dict(line.split("=", 1) for line in _lines(folder, it) if line and not line.startswith("#"))
        for it in kustomization(folder)["configMapGenerator"]
    }


def _lines(folder: Path, generator: Any) -> Iterator[str]:
    for name in generator.get("envs", ()):
        yield from (folder / name).read_text().splitlines()
    yield from generator.get("literals", ())


def spec(name: str) -> Any:
    """Of the pods of a Deployment, or of the tools."""
    if ("CronJob", name) in OBJECTS:
        return OBJECTS["CronJob", name]["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    return OBJECTS["Deployment", name]["spec"]["template"]["spec"]


def keys(name: str) -> Mapping[str, tuple[str, str]]:
    """File in SECRETS → the Secret and its key, as the pods of `name` need them; a Secret mounted whole has any."""
    (volume,) = (it for it in spec(name)["volumes"] if it["name"] == "secrets")
    if "projected" in volume:
        sources = [it["secret"] for it in volume["projected"]["sources"] if not it["secret"].get("optional")]
        return {item["path"]: (it["name"], item["key"]) for it in sources for item in it["items"]}
    return {file: (volume["secret"]["secretName"], file) for file in _read(spec(name)["containers"][0])}


def _read(container: Any) -> set[str]:
    return {it["value"].removeprefix(f"{SECRETS}/") for it in container["env"] if it["name"].endswith("_FILE")}


def environment(container: Any) -> dict[str, str]:
    """What it is told. Raises KeyError for a ConfigMap that nobody makes."""
    maps = config_maps(BASE)
    told = image_environment()
    for source in container.get("envFrom", ()):
        told |= maps[source["configMapRef"]["name"]]
    return told | {it["name"]: it["value"] for it in container["env"]}


def settings(container: Any, folder: Path) -> Settings:
    """As the container reads them: secrets in a folder of this machine, what has to be said as the example does.

    Raises WrongSettings, LookupError for a name that no setting has.
    """
    for file in _read(container):
        (folder / file).write_text(_secret(file))
    told = {name: value.replace(SECRETS, str(folder)) for name, value in environment(container).items()}
    told["TRUSTED_PROXIES"] = config_maps(EXAMPLE)["myticket"]["TRUSTED_PROXIES"]
    loaded = load(told)
    if unknown := told.keys() - set(loaded.sources.values()):
        raise LookupError(f"{container['name']} is told {', '.join(sorted(unknown))}, which is no setting")
    return loaded


def _secret(file: str) -> str:
    if file in ("mongodb-url", "mypage"):
        return "mongodb://mypage:word@mongo.example:27017/mypage"
    return "postgresql://who:word@postgres.example:5432/theirs"  # long enough to be any other secret too
