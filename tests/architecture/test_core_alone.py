"""Importing the whole core, conformance suites included, brings in the standard library and attrs only."""

import json
import subprocess
import sys

IMPORT_ALL = """
import json, pkgutil, sys, time
before = set(sys.modules)
begin = time.perf_counter()
import myticket_core
names = [m.name for m in pkgutil.walk_packages(myticket_core.__path__, "myticket_core.")]
for name in names:
    __import__(name)
spent = time.perf_counter() - begin
print(json.dumps({
    "ms": round(spent * 1000, 1),
    "modules": len(names) + 1,
    "brought": sorted({name.partition(".")[0] for name in set(sys.modules) - before}),
}))
"""


def test_the_core_brings_attrs_and_nothing_else():
    seen = json.loads(_isolated(IMPORT_ALL))
    print(f"imported {seen['modules']} modules of the core in {seen['ms']} ms")
    assert set(seen["brought"]) - sys.stdlib_module_names == {"attr", "attrs", "myticket_core"}
    assert not {"asyncio", "unittest"} & set(seen["brought"]), "a third of the time, for suites that do not run here"


def _isolated(program: str) -> str:
    """The output of `program` in an interpreter that sees no PYTHON* variables and not this folder."""
    ran = subprocess.run([sys.executable, "-I", "-c", program], capture_output=True, text=True, timeout=60)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout
