"""What an installation brings: packages and megabytes of the client alone and with the extra `all`; CPU to import.

    python benchmarks/install.py [--json FILE]

Counted are the files of the packages that are installed in this environment, as pip lists them and with their compiled
modules, over everything that a package needs, and what that needs. Nothing is downloaded. The import is that of
`Client` in a new process, without the start of Python, the lowest of five.
"""

import argparse
import importlib.metadata as metadata
import json
import resource
import subprocess
import sys
import tomllib

from about import ROOT, add_options, keep
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

IMPORTS = {
    "client": "from art_recsys.serving import Client",
    "server": "from art_recsys.serving.server import create_app",
}


def needed(text: str, found: dict[str, set[str]]) -> dict[str, set[str]]:
    "Add to `found` what a requirement needs, itself included: name of a package -> its extras"
    asked = Requirement(text)
    name, extras = canonicalize_name(asked.name), asked.extras
    new = {"", *extras} - found.get(name, set())
    if not new:
        return found
    found.setdefault(name, set()).update(new)
    for text in metadata.requires(name) or []:
        need = Requirement(text)
        for extra in new:
            if not need.marker or need.marker.evaluate(default_environment() | {"extra": extra}):
                needed(text, found)
    return found


def size(name: str) -> int:
    "Bytes of the files of a package that are there"
    paths = (file.locate() for file in metadata.files(name) or [])
    return sum(path.stat().st_size for path in paths if path.is_file())


def brought(*extras: str) -> dict:
    "Packages and megabytes that our package with these extras brings, without our own"
    ours, found = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"], {}
    for text in [*ours["dependencies"], *(t for extra in extras for t in ours["optional-dependencies"][extra])]:
        needed(text, found)
    names = sorted(found)
    sizes = {name: size(name) for name in names}
    largest = sorted(sizes, key=lambda name: -sizes[name])[:5]
    return {
        "packages": len(names),
        "mb": round(sum(sizes.values()) / 1e6),
        "largest, mb": {name: round(sizes[name] / 1e6) for name in largest},
    }


def cpu_seconds(code: str) -> float:
    "CPU seconds of a new Python that runs `code`"
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_options(parser)
    asked = parser.parse_args()
    empty = min(cpu_seconds("") for _ in range(5))
    found: dict = {"client": brought(), "all": brought("all")}
    found["import, CPU s"] = {
        name: round(min(cpu_seconds(code) for _ in range(5)) - empty, 2) for name, code in IMPORTS.items()
    }
    print(json.dumps(found, indent=1))
    keep(found, asked, None)


if __name__ == "__main__":
    main()
