"""The docs site in a browser, from a folder and without a server: theme, search, menu, copy, folded solutions, axe."""

import re
from pathlib import Path

import pytest
from fastcore.nbio import mk_cell, new_nb, write_nb
from PIL import Image

from tools.docs.assets import colours, copy_fonts
from tools.docs.notebooks import process, read_lesson
from tools.docs.pages import HERE, Cover, Group, render
from tools.docs.reference import page

from .chromium import expect

GALLERY = Path(__file__).parents[2] / "art_recsys/gallery"
WIDE = "<table><tr>" + "<td>a wide cell</td>" * 60 + "</tr></table>"


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    "Two lessons and three other pages; the address of their folder"
    home = tmp_path_factory.mktemp("docs")
    proc, out = home / "proc", home / "out"
    proc.mkdir(), out.mkdir()
    (proc / "_quarto.yml").write_text(
        "{project: {type: website}, website: {title: small, description: told, llms-txt: true}}"
    )
    lessons = []
    for n, name in enumerate(("first", "second")):
        shown = [{"output_type": "display_data", "metadata": {}, "data": {"text/html": WIDE}}]
        cells = [
            mk_cell(f"# {name.title()}\n> The {name} lesson", "markdown"),
            mk_cell("**Is it so?** It takes 7 minutes.\n\n## A part with zebras\n\nText.", "markdown"),
            mk_cell("x = 1\nx", outputs=shown),
            mk_cell(
                "#| code-fold: true\nprint('solved')",
                outputs=[{"output_type": "stream", "name": "stdout", "text": "solved"}],
            ),
        ]
        write_nb(new_nb(cells), home / f"0{n}_{name}.ipynb")
        lessons.append(read_lesson(home / f"0{n}_{name}.ipynb"))
        process(home / f"0{n}_{name}.ipynb", proc)
    (proc / "api").mkdir()
    for name in ("overview", "settings", "api/index"):
        (proc / f"{name}.qmd").write_text(page(name, "told", "## The gallery\n\nSee [first](/first.ipynb)."))
    Image.new("RGB", (8, 8)).save(proc / "p.jpg")
    Image.new("RGB", (8, 8)).save(proc / "p.webp")
    groups = [
        Group("Lessons", ["first", "second"]),
        Group("Use it", ["overview"]),
        Group("Reference", ["settings"]),
        Group("API", ["api/index"]),
    ]
    render(
        proc,
        out,
        groups,
        lessons,
        Cover("small", "A sentence", "p.jpg", "p.webp", [("make run", "runs")], [("1", "work", "first.html")]),
        {},
        {},
    )
    copy_fonts(GALLERY, out / "fonts")
    (out / "site.css").write_text(colours(GALLERY) + (HERE / "static/site.css").read_text())
    (out / "site.js").write_text((HERE / "static/site.js").read_text())
    return f"file://{out}/"


def test_llms_txt_lists_every_page_and_its_markdown_copy(site):
    out = Path(site.removeprefix("file://"))
    listed = re.findall(r"\]\(([^)]+)\): (?:told|The \w+ lesson)$", (out / "llms.txt").read_text(), re.MULTILINE)
    assert sorted(listed) == sorted(f"{p.relative_to(out)}.md" for p in out.rglob("*.html") if p != out / "index.html")
    copy = (out / "first.html.md").read_text()
    assert copy.startswith("# First\n\nThe first lesson\n") and "<details" not in copy and "print('solved')" in copy


@pytest.fixture
def browse(chromium, site):
    "A function that opens a page of the site; scripts that fail fail the test"
    wrong, contexts = [], []

    def go(name, **options):
        context = chromium.new_context(viewport={"width": 1280, "height": 900}, **options)
        contexts.append(context)
        tab = context.new_page()
        tab.on("pageerror", lambda e: wrong.append(str(e)))
        tab.on("request", lambda r: r.url.startswith((site, "data:")) or wrong.append(r.url))
        tab.goto(site + name)
        return tab

    yield go
    for context in contexts:
        context.close()
    assert wrong == []


def background(tab):
    return tab.evaluate("getComputedStyle(document.body).backgroundColor")


def test_the_theme_is_that_of_the_system_until_someone_chooses(browse, site):
    tab = browse("first.html", color_scheme="dark")
    dark = background(tab)
    tab.get_by_role("button", name="Light colours").click()
    assert background(tab) != dark
    tab.goto(site + "settings.html")
    assert background(tab) != dark, "the choice is not remembered"
    expect(tab.get_by_role("button", name="Dark colours")).to_be_visible()


@pytest.mark.parametrize(("wish", "shown"), [("reduce", "p.jpg"), ("no-preference", "p.webp")])
def test_the_cover_moves_only_for_those_who_like_it(browse, wish, shown):
    tab = browse("index.html", reduced_motion=wish)
    tab.wait_for_function("document.querySelector('.framed img').complete")
    assert tab.locator(".framed img").evaluate("i => i.currentSrc").endswith(shown)


def test_the_search_works_without_a_server(browse):
    tab = browse("api/index.html")
    tab.keyboard.press("/")
    tab.keyboard.type("zebra part")
    expect(tab.locator(".found a")).to_have_count(2)
    tab.keyboard.press("ArrowDown")
    tab.keyboard.press("Enter")
    tab.wait_for_url(re.compile(r"/first\.html#a-part-with-zebras$"))
    tab.get_by_role("searchbox").fill("no such word")
    expect(tab.get_by_text("Nothing found")).to_be_visible()


def test_a_lesson_says_where_it_is_and_what_is_next(browse):
    tab = browse("first.html")
    expect(tab.get_by_text("Lesson 00 · 1 of 2 · 7 minutes")).to_be_visible()
    assert tab.locator("#all-pages [aria-current]").inner_text().split() == ["00", "First"]
    tab.locator("a[rel=next]").click()
    expect(tab.get_by_role("heading", level=1)).to_have_text("Second")


def test_a_solution_is_folded_with_its_output_and_open_on_paper(browse):
    tab = browse("first.html")
    output = tab.locator("details .cell-output")
    expect(output).to_be_hidden()
    tab.evaluate("dispatchEvent(new Event('beforeprint'))")
    expect(output).to_be_visible()
    tab.evaluate("dispatchEvent(new Event('afterprint'))")
    expect(output).to_be_hidden()
    tab.get_by_text("Solution").click()
    expect(output).to_have_text("solved")


def test_code_is_copied(browse):
    tab = browse("first.html")
    tab.evaluate("() => { window.copied = []; navigator.clipboard.writeText = async (text) => copied.push(text); }")
    tab.get_by_role("button", name="Copy this code").first.click()
    tab.wait_for_function("copied.length")
    assert tab.evaluate("copied") == ["x = 1\nx"]


def test_on_a_phone_the_page_is_as_wide_as_the_screen(browse):
    tab = browse("first.html")
    tab.set_viewport_size({"width": 390, "height": 844})
    assert tab.evaluate("document.documentElement.scrollWidth") <= 390
    assert tab.locator(".cell-output-display").first.get_attribute("tabindex") == "0", "a wide table needs the keyboard"
    pages = tab.locator("#all-pages")
    expect(pages).to_be_hidden()
    tab.get_by_role("button", name="Contents").click()
    expect(pages).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(browse, scheme):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    for name in ("index.html", "first.html", "settings.html"):
        tab = browse(name, color_scheme=scheme)
        assert axe.run(tab, options={"resultTypes": ["violations"]}).response["violations"] == [], name
