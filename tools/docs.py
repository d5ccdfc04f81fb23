"""Build the docs site without Quarto: nbdev processes the notebooks, smalldocs renders them into `_docs/`.

Formulas are drawn by KaTeX, vendored into the site from its npm package so that no page asks another host for anything.
Without npm the formulas stay readable as TeX.
"""

import re
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path

from nbdev.config import get_config, nbpath2html
from nbdev.quarto import nbdev_sidebar, refresh_quarto_yml
from nbdev.serve import proc_nbs
from smalldocs import layout
from smalldocs.cli import main as smalldocs

KATEX = "katex@0.16.11"


def vendor_katex(site: Path) -> bool:
    "Put KaTeX's scripts, styles and fonts into site/katex; False where npm is not installed"
    npm = shutil.which("npm")
    if not npm:
        return False
    with tempfile.TemporaryDirectory() as d:
        name = subprocess.run(
            [npm, "pack", "--silent", KATEX], cwd=d, check=True, capture_output=True, text=True
        ).stdout.split()[-1]
        with tarfile.open(Path(d) / name) as tar:
            tar.extractall(d, filter="data")
        shutil.copytree(
            Path(d) / "package/dist",
            site / "katex",
            dirs_exist_ok=True,
            ignore=shutil.ignore_patterns(
                "*.mjs", "*.ttf", "*.woff", "README*", "katex.js", "katex.css", "katex-swap*"
            ),
        )
    return True


def main():
    cfg = get_config()
    layout.KATEX = "katex"
    refresh_quarto_yml()
    nbdev_sidebar.__wrapped__()
    proc = proc_nbs(force=True)
    side = (proc / "sidebar.yml").read_text()
    base = f"{cfg.doc_host}{cfg.doc_baseurl}".rstrip("/") + "/"
    for f in sorted(proc.glob("*.ipynb")):  # links: to pages of this site, named as nbdev names them
        new = nbpath2html(f.name).with_suffix(".ipynb").name
        text = f.read_text().replace(base, "").replace("__main__.", "")
        text = re.sub(r"\(\d+[a-z]?_(\w+)\.ipynb", r"(\1.ipynb", text)
        f.unlink()
        (proc / new).write_text(text)
        side = side.replace(f.name, new)
    (proc / "sidebar.yml").write_text(side)
    smalldocs(["render", str(proc)])
    shutil.rmtree(cfg.doc_path, ignore_errors=True)
    shutil.move(proc / cfg.doc_path.name, cfg.doc_path)
    if not vendor_katex(cfg.doc_path):
        print("npm is not installed: formulas are shown as TeX")
    print(f"docs: {cfg.doc_path.name}/index.html")


if __name__ == "__main__":
    main()
