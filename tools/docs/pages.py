"""Render the pages: smalldocs turns notebooks and Markdown into HTML, templates of our own put the page around it."""

import base64
import hashlib
import html
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from smalldocs.config import load
from smalldocs.site import Page, Site

from .assets import thumbnail
from .notebooks import Lesson

__all__ = ["Cover", "Group", "render"]

HERE = Path(__file__).parent
TEMPLATES = Environment(
    loader=FileSystemLoader(HERE / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


@dataclass
class Group:
    "Some pages under one heading of the sidebar"

    title: str
    pages: list[str]  # paths of their sources without ending: `core`, `api/serving`
    names: dict[str, str] = field(default_factory=dict)  # what the sidebar calls a page, where that is not its title


@dataclass
class Cover:
    "What the cover shows beside the lessons"

    title: str
    description: str
    picture: str  # Path inside the site
    moving: str  # The same in motion, for whoever has not asked for less of it
    commands: list[tuple[str, str]]
    funnel: list[tuple[str, str, str]]  # number, what it counts, page


# --- what smalldocs made ---


def _figure(data: bytes, kind: str) -> str:
    "The path of a picture inside the site"
    return f"figures/{hashlib.sha256(data).hexdigest()[:16]}.{kind.replace('jpeg', 'jpg')}"


def _pictures(text: str, out: Path, root: str) -> str:
    "Pictures inside the HTML become files, loaded when they come into sight; their caption is their alternative text"

    def one(m: re.Match) -> str:
        alt, kind, data, rest = m[1] or "", m[2], base64.b64decode(m[3]), m[4]
        name = _figure(data, kind)
        (out / "figures").mkdir(exist_ok=True)
        (out / name).write_bytes(data)
        width, height = int.from_bytes(data[16:20]), int.from_bytes(data[20:24])
        size = f' width="{width}" height="{height}"' if kind == "png" else ""
        return f'<img src="{root}{name}"{size} loading="lazy"{alt}{rest}>'

    text = re.sub(r'<img( alt="[^"]*")? src="data:image/(png|jpeg|gif|webp);base64,([^"]+)"([^>]*)>', one, text)
    return re.sub(
        r"(<figure[^>]*>\s*<p>)(<img [^>]*?)(>)(</p>\s*<figcaption>)(.*?)(</figcaption>)",
        lambda m: (
            m[0] if " alt=" in m[2] else f'{m[1]}{m[2]} alt="{re.sub("<[^>]+>", "", m[5])}"{m[3]}{m[4]}{m[5]}{m[6]}'
        ),
        text,
        flags=re.DOTALL,
    )


def _tidy(text: str) -> str:
    "HTML without pandas' own styles; tables scroll in boxes of their own; every picture has a text"
    text = re.sub(r"<style scoped>.*?</style>\s*", "", text, flags=re.DOTALL)
    text = re.sub(r'<table border="1" class="dataframe">', '<table class="dataframe">', text)
    text = re.sub(
        r"<table class=\"dataframe\">.*?</table>", lambda m: f'<div class="scroll">{m[0]}</div>', text, flags=re.DOTALL
    )
    text = re.sub(r"<th([^>]*)></th>", r"<td\1></td>", text)  # a heading without text is none
    text = text.replace('<div class="sd-table">', '<div class="sd-table scroll">')
    return re.sub(r"<img (?![^>]*\balt=)", '<img alt="Figure" ', text)


def _contents(page: Page) -> list[dict]:
    "The headings for the list beside the text: the two upper levels"
    heads = [h for h in page.env.get("headings", []) if "unlisted" not in h["classes"]]
    top = min((h["level"] for h in heads), default=2)
    return [{"id": h["id"], "text": h["text"], "sub": h["level"] > top} for h in heads if h["level"] <= top + 1]


# --- the sidebar ---


def _key(page: Page) -> str:
    return page.src.with_suffix("").as_posix()


def _href(page: Page, root: str) -> str:
    return f"{root}{page.out}"


class _Nav:
    "The sidebar, and the order of the pages"

    def __init__(self, site: Site, groups: list[Group], lessons: list[Lesson]):
        pages = {_key(p): p for p in site.pages.values()}
        self.lessons = {lesson.name: lesson for lesson in lessons}
        self.groups = [(g, [pages[name] for name in g.pages]) for g in groups]
        self.order = [p for _, ps in self.groups for p in ps]

    def text(self, group: Group, page: Page) -> str:
        return group.names.get(_key(page), page.title)

    def sidebar(self, page: Page | None, root: str) -> list[dict]:
        return [
            {
                "title": g.title,
                "open": g.title != "API" or page in ps,
                "pages": [
                    {
                        "number": self.lessons[_key(p)].number if _key(p) in self.lessons else "",
                        "text": self.text(g, p),
                        "href": _href(p, root),
                        "current": p is page,
                    }
                    for p in ps
                ],
            }
            for g, ps in self.groups
        ]

    def beside(self, page: Page, root: str) -> tuple[dict | None, dict | None]:
        "Links to the page before and the page after"
        names = [
            (_href(p, root), (f"{n.number} " if (n := self.lessons.get(_key(p))) else "") + self.text(g, p))
            for g, ps in self.groups
            for p in ps
        ]
        at = self.order.index(page)
        before = names[at - 1] if at else None
        after = names[at + 1] if at + 1 < len(names) else None
        return tuple({"href": n[0], "text": n[1]} if n else None for n in (before, after))  # type: ignore[return-value]


# --- files beside the pages ---


def _search_entries(site: Site, nav: _Nav) -> Iterator[dict]:
    for group, page in ((g, p) for g, pages in nav.groups for p in pages):
        lesson = nav.lessons.get(_key(page))
        title = f"{lesson.number} {lesson.title}" if lesson else nav.text(group, page)
        for part in page.env.get("search", []):
            text = html.unescape(re.sub(r"<[^>]+>", " ", part["text"]))
            yield {
                "h": f"{page.out}{'#' + part['id'] if part['id'] else ''}",
                "t": title,
                "s": part["title"] if part["id"] else "",
                "x": text[:300] if _key(page).startswith("api/") else text,
            }


def _plain(text: str) -> str:
    "Markdown without what only the page needs: frames, anchors, attributes, styles of pandas"
    text = re.sub(r"^(?:</?(?:div|details)\b[^\n]*|```\{=html\}(.*?)^```)\n?", r"\1", text, flags=re.M | re.S)
    text = re.sub(r'<span id="[^"]*"></span>|<style scoped>.*?</style>\s*', "", text, flags=re.S)
    return re.sub(r"^((?:#+ .*?|\[source\].*?)) ?\{[#.][^}]*\}$", r"\1", text, flags=re.M)


def _copies(site: Site, out: Path, nav: _Nav) -> None:
    "A Markdown copy beside each page (`core.html.md`), and `llms.txt`, which lists them"
    lines = [f"# {site.project.website['title']}", "", f"> {site.project.website['description']}"]
    for group, pages in nav.groups:
        lines += ["", f"## {group.title}", ""]
        for page in pages:
            text, files = site.llms_copy(page)
            text = _plain(text).replace(".llms.md", ".html.md")
            for name, data in files.items():  # the pictures of the page, which are there already
                text = text.replace(f"]({name})", f"]({_figure(data, name.rsplit('.', 1)[1])})")
            (out / f"{page.out}.md").write_text(text, encoding="utf-8")
            told = page.front.get("description") or ""
            lines.append(f"- [{nav.text(group, page)}]({page.out}.md){': ' + told if told else ''}")
    (out / "llms.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _cards(nav: _Nav, pages: dict[str, Page], out: Path) -> list[dict]:
    "The lessons for the cover, each with its first figure made small"
    cards = []
    for lesson in nav.lessons.values():
        first = re.search(r'<img[^>]*? src="(figures/[^"]+)"', pages[lesson.name].html)
        picture = None
        if first:
            picture = f"figures/card-{lesson.number}.webp"
            (out / picture).write_bytes(thumbnail((out / first[1]).read_bytes()))
        cards.append({"lesson": lesson, "href": f"{lesson.name}.html", "picture": picture})
    return cards


# --- all of it ---


def render(
    source: Path,  # Folder of the pages' sources, with a _quarto.yml
    out: Path,  # Folder of the site
    groups: list[Group],
    lessons: list[Lesson],
    cover: Cover,
    symbols: dict[str, str],  # page and anchor of names in backticks
    sources: dict[str, str],  # address of the source of a page
) -> None:
    "Write all pages, the cover, the index for the search, and the Markdown copies"
    site = Site(load(source), quiet=True)
    site.out = out
    for src in site.discover():
        site.pages[src] = site.read(src)
    site.symbols = symbols
    for page in site.pages.values():
        page.meta["code-copy"] = False  # site.js adds the buttons
        site.render_page(page)
    nav = _Nav(site, groups, lessons)
    common = {"site": site.project.website, "lessons": lessons}
    for page in nav.order:
        root = "../" * len(page.out.parent.parts)
        page.html = _tidy(_pictures(page.html, out, root))
        lesson = nav.lessons.get(_key(page))
        before, after = nav.beside(page, root)
        text = TEMPLATES.get_template("page.html.j2").render(
            **common,
            root=root,
            page=page,
            body=page.html,
            lesson=lesson,
            groups=nav.sidebar(page, root),
            contents=_contents(page),
            before=before,
            after=after,
            math=bool(page.env.get("math")),
            source=sources.get(_key(page)),
        )
        (out / page.out).parent.mkdir(parents=True, exist_ok=True)
        (out / page.out).write_text(text, encoding="utf-8")
    pages = {_key(p): p for p in nav.order}
    text = TEMPLATES.get_template("cover.html.j2").render(
        **common, root="", cover=cover, cards=_cards(nav, pages, out), groups=nav.sidebar(None, "")
    )
    (out / "index.html").write_text(text, encoding="utf-8")
    index = json.dumps(list(_search_entries(site, nav)), ensure_ascii=False)
    (out / "search.js").write_text(f"window.SEARCH = {index}\n", encoding="utf-8")
    _copies(site, out, nav)
    site.resources |= {PurePosixPath(cover.picture), PurePosixPath(cover.moving)}
    site.copy_resources()
    site.write_sitemap()
