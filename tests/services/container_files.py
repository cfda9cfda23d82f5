"""Dockerfile and compose.yaml as they are written, to be asked."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import yaml
from attrs import frozen

from apps.environment import load
from apps.places import SERVICES
from apps.settings import Settings
from scripts import passwords

ROOT: Final = Path(__file__).parents[2]
COMPOSE: Final[Mapping[str, Any]] = yaml.safe_load((ROOT / "compose.yaml").read_text())
VERSION: Final = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
ONCE: Final = tuple(f"migrate-{name}" for name in SERVICES)
OURS: Final = (*SERVICES, *ONCE, "tools")
STORES: Final = ("postgres", "mongo", "kafka")
NO_SETTINGS: Final = frozenset({"LANG", "PATH", "PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED", "SERVICE"})
"""What the image sets that is not meant for myticket."""


@frozen
class Step:
    """An instruction of the Dockerfile, its continued lines joined as Docker joins them."""

    name: str
    text: str


def steps() -> list[Step]:
    lines = (ROOT / "Dockerfile").read_text().splitlines()
    whole = "\n".join(line for line in lines if not line.startswith("#")).replace("\\\n", "")
    return [Step(*line.split(maxsplit=1)) for line in whole.splitlines() if line]


def last_stage() -> list[Step]:
    """What the image is made of."""
    every = steps()
    start = max(index for index, step in enumerate(every) if step.name == "FROM")
    return every[start:]


def image_environment() -> dict[str, str]:
    told = " ".join(step.text for step in last_stage() if step.name == "ENV")
    return {name: value for name, value in re.findall(r"(\w+)=(\S*)", told) if name not in NO_SETTINGS}


def environment(container: str, secrets: Path) -> dict[str, str]:
    """What a container of ours is told, with the secrets in a folder of this machine."""
    told = image_environment() | COMPOSE["services"][container]["environment"]
    return {name: value.replace("/run/secrets", str(secrets)) for name, value in told.items()}


def settings(container: str, secrets: Path) -> Settings:
    """As the container reads them. Raises WrongSettings, LookupError for a name that no setting has."""
    passwords.make(secrets)
    told = environment(container, secrets)
    loaded = load(told)
    if unknown := told.keys() - set(loaded.sources.values()):
        raise LookupError(f"{container} is told {', '.join(sorted(unknown))}, which is no setting")
    return loaded
