"""The docs site: what its check finds, what its pages are made from. `make docs` builds all of it and checks it."""

import json
import re
from pathlib import Path

import pytest
import typer
from fastcore.nbio import mk_cell, new_nb, write_nb
from smalldocs.notebook import to_markdown

from art_recsys.cli import app
from art_recsys.config import Settings
from art_recsys.core import Cols
from tools.docs.assets import colours, copy_fonts, thumbnail
from tools.docs.check import problems
from tools.docs.http_api import http_page, openapi
from tools.docs.modules import api_pages, architecture_page, read_module, rooms
from tools.docs.notebooks import commands, process, read_lesson, write_report
from tools.docs.reference import cli_page, document_page, events_page, settings_page

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "art_recsys"
LESSONS = sorted((ROOT / "nbs").glob("0*.ipynb"))


# --- the check ---


@pytest.fixture
def site(tmp_path):
    "A small site that is in order"
    (tmp_path / "api").mkdir()
    (tmp_path / "a.css").write_text('body { background: url("p.png") }')
    (tmp_path / "p.png").touch()
    page = '<link rel="stylesheet" href="{0}a.css"><p id="here"><img src="{0}p.png"><a href="#here">{1}</a></p>'
    (tmp_path / "index.html").write_text(page.format("", '<a href="api/b.html#here">b</a>'))
    (tmp_path / "api/b.html").write_text(page.format("../", '<a href="../index.html">a</a>'))
    return tmp_path


def test_the_check_lets_a_site_in_order_pass(site):
    more = '<a href="https://example.org/x">x</a><a href="mailto:a@b.org">m</a><img src="data:image/png;base64,A">'
    (site / "c.html").write_text(more)
    assert problems(site) == []


@pytest.mark.parametrize(
    ("html", "found"),
    [
        ('<a href="gone.html">x</a>', "broken link gone.html"),
        ('<a href="api/b.html#nowhere">x</a>', "no such anchor: api/b.html#nowhere"),
        ('<a href="../outside.html">x</a>', "broken link ../outside.html"),
        ('<i id="x"></i><i id="x"></i>', "the id x occurs more than once"),
        ('<img src="q.png">', "q.png is missing"),
        ('<img srcset="p.png 1x, //example.org/p.png 2x">', "asks another host: //example.org/p.png"),
        ('<script src="https://example.org/a.js"></script>', "asks another host: https://example.org/a.js"),
        ('<link rel="preconnect" href="https://example.org">', "asks another host: https://example.org"),
        ('<style>@import "http://example.org/a.css";</style>', "asks another host: http://example.org/a.css"),
        ('<p style="background: url(https://example.org/a.png)"></p>', "asks another host: https://example.org/a.png"),
    ],
)
def test_the_check_finds(site, html, found):
    (site / "c.html").write_text(html)
    assert problems(site) == [f"c.html: {found}"]


def test_the_check_reads_style_sheets(site):
    (site / "b.css").write_text("@font-face { src: url(https://example.org/f.woff2) } i { background: url(gone.png) }")
    assert problems(site) == ["b.css: asks another host: https://example.org/f.woff2", "b.css: gone.png is missing"]


def test_the_check_reads_the_markdown_copies(site):
    (site / "a.html.md").write_text("[a](index.html) [b](gone.md#x)\n\n```python\nf[0](1)\n```\n\n`g[0](2)`\n")
    assert problems(site) == ["a.html.md: broken link gone.md#x"]


# --- notebooks ---


@pytest.fixture
def processed(tmp_path):
    "The cells of a small lesson as the site shows it"
    png = {"output_type": "display_data", "data": {"image/png": "AAAA"}, "metadata": {}}
    cells = [
        mk_cell("# Small\n> A small lesson", "markdown"),
        mk_cell("See [00_core](00_core.ipynb#cols) and [the index](index.ipynb#glossary).", "markdown"),
        mk_cell("#| default_exp small"),
        mk_cell("#| export\nimport math"),
        mk_cell("#| exports\nclass Thing:\n    def weigh(self): return 1\n\ndef thing_of(x): return Thing()"),
        mk_cell('#| code-fold: true\n#| code-summary: "My solution"\nprint(1)', outputs=[png]),
    ]
    write_nb(new_nb(cells), tmp_path / "12_small.ipynb")
    (tmp_path / "out").mkdir()
    page = process(tmp_path / "12_small.ipynb", tmp_path / "out")
    assert page.name == "small.ipynb"
    return ["".join(c["source"]).strip() for c in json.loads(page.read_text())["cells"]]


def test_an_exported_cell_has_the_anchors_of_what_it_defines(processed):
    frame = next(s for s in processed if s.startswith('<div class="exported">'))
    assert re.findall(r'id="([^"]+)"', frame) == ["thing", "thing.weigh", "thing_of"]
    assert "art_recsys.small" in frame and not any("import math" in s for s in processed)


def test_a_solution_is_folded_with_its_output(processed):
    at = processed.index('<details class="solution"><summary>My solution</summary>')
    assert processed[at + 1] == "print(1)" and processed[at + 2] == "</details>"


def test_links_between_notebooks_lead_to_the_pages(processed):
    assert "[00_core](core.ipynb#cols) and [the index](overview.ipynb#glossary)" in "".join(processed)


def test_the_evaluation_report_of_a_home_is_a_page_without_code(tmp_path):
    shown = {"output_type": "display_data", "data": {"text/markdown": "| a |"}, "metadata": {}}
    cells = [mk_cell("# Evaluation\n\n9 users: few.", "markdown"), mk_cell("table(found)", outputs=[shown])]
    write_nb(new_nb(cells), tmp_path / "evaluation.ipynb")
    assert write_report(tmp_path / "evaluation.ipynb", "smoke", tmp_path) == "report"
    meta, text = to_markdown((tmp_path / "report.ipynb").read_text())
    assert meta["description"].endswith("with the settings [smoke]. 9 users: few.")
    assert "| a |" in text and "table(found)" not in text


@pytest.mark.parametrize("notebook", LESSONS, ids=lambda p: p.stem)
def test_the_cover_knows_question_and_minutes_of_a_lesson(notebook):
    lesson = read_lesson(notebook)
    assert lesson.number == notebook.name[:2] and lesson.question.endswith("?") and 5 < lesson.minutes < 120


def test_the_cover_has_the_two_commands_of_the_index():
    assert [command for command, _ in commands(ROOT / "nbs/index.ipynb")] == ["make run", "make test"]


# --- reference pages ---


def test_the_settings_page_has_every_setting_with_its_default():
    text = settings_page(ROOT / "settings.ini")
    for name in Settings.model_fields:
        assert text.count(f'<span id="{name}"></span>') == 1, name
    assert "| integer, ≥ 1, ≤ 500 | `24` |" in text and "smoke: `240`, full: `27577`" in text


def test_the_page_of_the_command_line_has_every_command():
    text = cli_page()
    command = typer.main.get_command(app)
    for name, sub in command.commands.items():
        assert f"## art-recsys {name}\n" in text
        assert all(f"## art-recsys {name} {more}\n" in text for more in getattr(sub, "commands", {}))
    assert "--artworks <path>" in text and text.count("  -h, --help") > len(command.commands)


def test_the_page_of_the_http_api_has_every_path_with_its_role():
    spec = openapi()
    text = http_page(spec)
    for path, operations in spec["paths"].items():
        assert all(f"### {method.upper()} {path}\n" in text for method in operations), path
    assert re.search(r"### DELETE /users/\{user_id\}\n\n.*role admin", text)
    assert re.search(r"### GET /health\n\n.*no key", text)
    assert all(f"{{#{name.lower()}}}" in text for name in re.findall(r"\(#(\w+)\)", text))


def test_the_page_of_events_says_what_is_required():
    text = events_page()
    assert set(re.findall(r"\| `(\w+)` \| [^|]* \| required \|", text)) == {
        Cols.artwork_id, Cols.title, Cols.user_id, Cols.event_id, Cols.event, Cols.ts,
    }  # fmt: skip


def test_a_document_links_to_the_files_of_the_repository(tmp_path):
    (tmp_path / "A.md").write_text("# A\n\n[b](nbs/b.ipynb) [c](https://example.org) [d](#e)\n")
    text = document_page(tmp_path / "A.md", "told")
    assert "[b](https://github.com/art-recsys/art_recsys/blob/main/nbs/b.ipynb)" in text
    assert "[c](https://example.org) [d](#e)" in text


# --- API pages ---

MODULE = '''"""What it is for.

More."""

__all__ = ["Box", "weigh"]


class Box(dict):
    "A box"

    width: float  # in cm

    def __init__(
        self,
        width: float = 2,  # in cm
    ):
        self.width = width

    @property
    def area(self) -> float:
        "In square cm"
        return self.width**2

    @area.setter
    def area(self, value): ...

    def _hidden(self): ...


def weigh(
    box: Box,  # an empty one
    *more: Box,
) -> list[float]:  # grams, one for each box
    "The weights"
    return []


def unlisted(): ...
'''


def test_a_module_is_shown_as_its_source_writes_it(tmp_path):
    (tmp_path / "boxes.py").write_text(MODULE)
    module = read_module(tmp_path / "boxes.py", tmp_path)
    box, weigh = module.definitions
    assert (module.told, box.name, weigh.name) == ("What it is for.", "Box", "weigh")
    assert weigh.code == (
        "def weigh(\n    box: Box,  # an empty one\n    *more: Box,\n) -> list[float]:  # grams, one for each box"
    )
    assert "width: float  # in cm" in box.code and "def __init__(" in box.code and "self.width = width" not in box.code
    assert [m.name for m in box.methods] == ["Box.area"] and box.methods[0].code.startswith("@property\ndef area")


def test_the_api_has_every_module_and_the_parameters_of_a_function(tmp_path):
    found = rooms(PACKAGE)
    names, symbols = api_pages(found, PACKAGE, tmp_path / "api", "https://example.org/blob/main")
    assert {"config", "serving", "core", "pipeline"} <= set(names)
    text = (tmp_path / "api/config.qmd").read_text()
    assert "    home: str | Path | None = None,  # Folder for all state;" in text
    assert re.search(r"\[source\]\(https://example.org/blob/main/art_recsys/config/settings.py#L\d+\)", text)
    assert symbols["UserError"] == "/api/config.qmd#UserError"


def test_the_architecture_shows_every_layer():
    text = architecture_page(rooms(PACKAGE), ["cli", "sources : language", "core"])
    assert re.findall(r'href="api/(\w+).html"( class="of-lesson")?', text) == [
        ("cli", ""), ("sources", ""), ("language", ""), ("core", ' class="of-lesson"'),
    ]  # fmt: skip


# --- assets ---


def test_colours_and_typefaces_are_the_gallerys(tmp_path):
    css = colours(PACKAGE / "gallery")
    gallery = (PACKAGE / "gallery/gallery.css").read_text()
    light, dark = re.findall(r"--wall: (#\w+);", gallery)[:2]
    assert re.search(rf":root {{ --wall: {light};", css) and css.count(f"--wall: {dark};") == 2
    assert css.count("color-scheme: dark;") == 2
    copy_fonts(PACKAGE / "gallery", tmp_path)
    assert {"fonts.css", "eb-garamond.woff2", "source-sans.woff2", "eb-garamond.LICENSE.txt"} <= {
        p.name for p in tmp_path.iterdir()
    }


def test_a_thumbnail_is_small_and_has_no_white_margin():
    from io import BytesIO

    from PIL import Image

    picture, out = Image.new("RGBA", (1600, 1200)), BytesIO()
    picture.paste("red", (400, 300, 1200, 500))
    picture.save(out, "PNG")
    small = Image.open(BytesIO(thumbnail(out.getvalue())))
    assert small.size == (720, 180) and small.format == "WEBP"
