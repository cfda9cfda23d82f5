"""Apache Kafka's jars, from Maven Central into Maven's own local repository."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from scripts.services.service import Unavailable

VERSION = "4.4.0"
NEEDED = {"org.apache.kafka:kafka_2.13": VERSION, "org.slf4j:slf4j-simple": "1.7.36"}
RESOLVE = "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:build-classpath"


def known() -> str | None:
    """The class path as the first fetch left it, if every jar is still there: then nothing else is needed."""
    try:
        path = _kept().read_text()
    except FileNotFoundError:
        return None
    return path if all(Path(jar).is_file() for jar in path.split(os.pathsep)) else None


def class_path() -> str:
    """Fetched if need be; of several who ask at the same time one fetches."""
    _kept().parent.mkdir(parents=True, exist_ok=True)
    with _kept().with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return known() or _fetch()


def cache() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "myticket"


def _kept() -> Path:
    return cache() / f"kafka-{VERSION}.classpath"


def _fetch() -> str:
    print(f"kafka: getting Apache Kafka {VERSION} from Maven Central, once (130 MB)", file=sys.stderr, flush=True)
    with tempfile.TemporaryDirectory() as folder:
        pom, out = Path(folder, "pom.xml"), Path(folder, "classpath")
        pom.write_text(_pom())
        got = subprocess.run(
            [
                shutil.which("mvn") or "mvn",
                "-q",
                "-B",
                "-f",
                pom,
                RESOLVE,
                "-DincludeScope=runtime",
                f"-Dmdep.outputFile={out}",
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        if got.returncode:
            said = "\n".join(got.stdout.decode(errors="replace").splitlines()[:10])
            raise Unavailable(f"mvn could not get Kafka's jars; see to its network or its settings.xml:\n{said}")
        return _keep(out.read_text().strip())


def _keep(path: str) -> str:
    half = _kept().with_suffix(".half")
    half.write_text(path)
    half.replace(_kept())
    return path


def _pom() -> str:
    needed = "".join(_dependency(name, version) for name, version in NEEDED.items())
    return (
        '<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>'
        "<groupId>myticket</groupId><artifactId>broker</artifactId><version>1</version><packaging>pom</packaging>"
        f"<dependencies>{needed}</dependencies></project>"
    )


def _dependency(name: str, version: str) -> str:
    group, artifact = name.split(":")
    inner = f"<groupId>{group}</groupId><artifactId>{artifact}</artifactId><version>{version}</version>"
    return f"<dependency>{inner}</dependency>"
