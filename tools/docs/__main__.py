"""Build the docs site into `_docs/`: `python -m tools.docs`.

1. Sources: the notebooks as they were saved, reference pages and API pages made from the code (`_proc/`).
2. Pages: HTML, the cover, the search index, Markdown copies for language models.
3. Assets: the gallery's typefaces and colours, our style sheet and script, KaTeX.
4. Check: a broken link or anchor, or a request to another host, is an error.
"""

import json
import shutil
import sys
import tomllib
from pathlib import Path

import yaml
from nbdev.config import get_config

from art_recsys.config import Settings, load_settings

from .assets import colours, copy_fonts, vendor_katex
from .check import problems
from .http_api import http_page, openapi
from .modules import api_pages, architecture_page, rooms
from .notebooks import commands, copy_pictures, page_name, process, read_lesson, write_report
from .pages import HERE, Cover, Group, render
from .reference import cli_page, document_page, events_page, settings_page

DOCUMENTS = {
    "security": ("SECURITY.md", "What is protected, and how, and where to report a vulnerability"),
    "contributing": ("CONTRIBUTING.md", "How to work on the project"),
    "changelog": ("CHANGELOG.md", "What has changed"),
}


def write_sources(cfg, proc: Path) -> dict:
    "All pages as notebooks and Markdown in `proc`; what `render` needs to know of them"
    shutil.rmtree(proc, ignore_errors=True)
    proc.mkdir()
    website = {
        "title": cfg.title,
        "description": cfg.description,
        "site-url": f"{cfg.doc_host}{cfg.doc_baseurl}",
        "llms-txt": True,
    }
    (proc / "_quarto.yml").write_text(yaml.safe_dump({"project": {"type": "website"}, "website": website}))
    notebooks = sorted(cfg.nbs_path.glob("[!_]*.ipynb"))
    lessons = [read_lesson(nb) for nb in notebooks if nb.name[0].isdigit()]
    for nb in notebooks:
        process(nb, proc)
    copy_pictures(cfg.nbs_path, proc)
    spec, found = openapi(), rooms(cfg.lib_path)
    rules = tomllib.loads((cfg.config_path / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    pages = {
        "architecture": architecture_page(found, next(r["layers"] for r in rules if r["type"] == "layers")),
        "settings": settings_page(cfg.config_path / "settings.ini"),
        "cli": cli_page(),
        "http": http_page(spec),
        "events": events_page(),
        **{name: document_page(cfg.config_path / file, told) for name, (file, told) in DOCUMENTS.items()},
    }
    for name, text in pages.items():
        (proc / f"{name}.qmd").write_text(text)
    (proc / "openapi.json").write_text(json.dumps(spec, indent=1))
    files = f"{cfg.git_url}/blob/{cfg.branch}"
    api, symbols = api_pages(found, cfg.lib_path, proc / "api", files)
    symbols = {name: f"/settings.qmd#{name}" for name in Settings.model_fields if "_" in name} | symbols
    others = [page_name(nb) for nb in notebooks if not nb.name[0].isdigit()]
    homes = {section: load_settings(section=section).home for section in ("DEFAULT", "smoke")}
    reports = [(home / "evaluation.ipynb", section) for section, home in homes.items()]
    others += [write_report(*report, proc) for report in reports if report[0].is_file()][:1]
    groups = [
        Group("Lessons", [lesson.name for lesson in lessons]),
        Group(
            "Use it",
            sorted(others, key=lambda name: (name != "overview", name != "operate", name)),
            {"overview": "Overview", "operate": "Operate", "hopsworks": "Hopsworks"},
        ),
        Group("Reference", list(pages)),
        Group(
            "API",
            [f"api/{name}" for name in api],
            {f"api/{name}": name if name != "index" else "All modules" for name in api},
        ),
    ]
    sources = {page_name(nb): f"{files}/{cfg.nbs_path.name}/{nb.name}" for nb in notebooks}
    sources |= {name: f"{files}/{file}" for name, (file, _) in DOCUMENTS.items()}
    return {"groups": groups, "lessons": lessons, "symbols": symbols, "sources": sources}


def cover(cfg) -> Cover:
    "The words and numbers of the cover, from the index notebook and the settings"
    settings = load_settings(section="DEFAULT")
    funnel = [
        (f"{settings.n_artworks:,}", "artworks in the catalogue", "ingestion.html"),
        (f"{settings.n_candidates:,}", "candidates, by two towers", "retrieval.html"),
        (f"{settings.n_candidates:,}", "probabilities of a like", "ranking.html"),
        (f"{settings.page_size:,}", "on the page, with reasons", "recommendation.html"),
    ]
    return Cover(
        cfg.title,
        read_lesson(cfg.nbs_path / "index.ipynb").description,
        "images/gallery.jpg",
        "images/gallery.webp",
        commands(cfg.nbs_path / "index.ipynb"),
        funnel,
    )


def write_assets(cfg, out: Path) -> None:
    "Style sheets, script, typefaces and KaTeX"
    copy_fonts(cfg.lib_path / "gallery", out / "fonts")
    (out / "site.css").write_text(colours(cfg.lib_path / "gallery") + (HERE / "static/site.css").read_text())
    shutil.copy(HERE / "static/site.js", out)
    if not vendor_katex(out):
        (out / "katex/contrib").mkdir(parents=True)
        for name in ("katex.min.css", "katex.min.js", "contrib/auto-render.min.js"):
            (out / "katex" / name).touch()
        print("KaTeX could not be fetched with npm: formulas are shown as TeX", file=sys.stderr)


def main() -> None:
    cfg = get_config()
    proc, out = cfg.config_path / "_proc", cfg.doc_path
    known = write_sources(cfg, proc)
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir()
    render(proc, out, cover=cover(cfg), **known)
    write_assets(cfg, out)
    if found := problems(out):
        sys.exit("The docs site is not in order:\n" + "\n".join(found))
    print(f"docs: {out.name}/index.html, {sum(1 for _ in out.rglob('*.html'))} pages")


if __name__ == "__main__":
    main()
