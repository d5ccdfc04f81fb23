"""THIRD_PARTY_LICENSES: the licences of what the wheel holds and others wrote, the npm packages and the typefaces.

`make assets` writes it after it has bundled the scripts. Which packages are in the bundles is said by esbuild; two more
are inside the distribution of another package, where comments name them.
"""

import json
import re
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).parents[1]
SRC, STATIC = ROOT / "art_recsys/gallery/src", ROOT / "art_recsys/gallery/static"
FILE = ROOT / "THIRD_PARTY_LICENSES"
BUNDLES = SRC / "node_modules" / ".bundles.json"  # esbuild's metafile
FONTS = {"eb-garamond": "EB Garamond", "source-sans": "Source Sans"}
# Packages of Project Jupyter come without their licence file. These notices are those of the projects' repositories.
BSD = Path(__file__).with_name("BSD-3-Clause.txt")
NOTICES = {
    "@jupyterlab": "Copyright (c) 2015-2026 Project Jupyter Contributors\nAll rights reserved.",
    "@jupyter-widgets": "Copyright (c) 2015 Project Jupyter Contributors\nAll rights reserved.",
    "@lumino": "Copyright (c) 2019 Project Jupyter Contributors\nAll rights reserved.\n\n"
    "Copyright (c) 2014-2017, PhosphorJS Contributors\nAll rights reserved.",
}
PACKAGE = r"node_modules/((?:@[\w.-]+/)?[\w-][\w.-]*)/"
HEAD = """\
Licences of third parties

art_recsys itself is under the Apache License 2.0 (see LICENSE). Its wheel also holds work of others: npm packages,
which are bundled into the scripts art_recsys/gallery/static/*.js without their comments, and typefaces, which are files
of their own beside them. Python packages are not in the wheel; pip installs them with licences of their own.
`make assets` writes this file.
"""


def bundled() -> dict[str, str]:
    "The npm packages of which a bundle holds at least a byte, and their versions where the bundle itself says them"
    outputs = json.loads(BUNDLES.read_text())["outputs"].values()
    paths = {path for out in outputs for path, part in out["inputs"].items() if part["bytesInOutput"]}
    paths = {p for p in paths if "node_modules/" in p and not p.startswith("(disabled)")}
    inside = [found for p in paths for found in re.findall(rf"^// .*@([\d.]+)/{PACKAGE}", (SRC / p).read_text(), re.M)]
    return {re.findall(PACKAGE, p)[-1]: "" for p in paths} | {name: version for version, name in inside}


def npm_licence(name: str, version: str) -> tuple[str, str]:
    "`name version (SPDX)` of an npm package, and the text of its licence; without `version` it is the installed one"
    folder = SRC / "node_modules" / name
    about = json.loads((folder / "package.json").read_text())
    files = [p for p in sorted(folder.iterdir()) if re.match(r"licen[sc]e", p.name, re.I)]
    own = files[0].read_text(encoding="utf-8") if files else ""
    text = own or NOTICES[name.partition("/")[0]] + "\n\n" + BSD.read_text()
    return f"{name} {version or about['version']} ({about['license']})", text


def font_licence(name: str) -> tuple[str, str]:
    "The same of a typeface in `static`"
    return f"{FONTS[name]} (OFL-1.1)", (STATIC / f"{name}.LICENSE.txt").read_text(encoding="utf-8")


def third_party() -> str:
    "The text of the file: a list, then each licence once, below the names of all to which it applies"
    found = [npm_licence(*package) for package in sorted(bundled().items())] + [font_licence(name) for name in FONTS]
    under = defaultdict(list)
    for name, text in found:
        under["\n".join(line.rstrip() for line in text.strip().splitlines())].append(name)
    parts = [HEAD + "\n" + "\n".join(f"- {name}" for name, _ in found)]
    parts += ["\n".join(names) + "\n\n" + text for text, names in under.items()]
    return f"\n\n{'=' * 78}\n\n".join(parts) + "\n"


if __name__ == "__main__":
    FILE.write_text(third_party(), encoding="utf-8")
