"""Check a site that was built: every link and anchor leads somewhere, and no page asks another host for anything.

Links to other sites are links, and are not followed. What a browser fetches by itself (scripts, styles, pictures,
fonts) must be a file of the site.
"""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urldefrag

__all__ = ["problems"]

FETCHED = {
    "script": ("src",),
    "img": ("src", "srcset"),
    "source": ("src", "srcset"),
    "video": ("src", "poster"),
    "audio": ("src",),
    "iframe": ("src",),
    "embed": ("src",),
    "object": ("data",),
    "use": ("href", "xlink:href"),
    "image": ("href", "xlink:href"),
}
LOADING_RELS = {"stylesheet", "icon", "preload", "prefetch", "modulepreload", "manifest", "preconnect", "dns-prefetch"}


@dataclass
class _Page(HTMLParser):
    "Ids, links and what is fetched, of one page"

    ids: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    fetched: list[str] = field(default_factory=list)
    styles: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()
        self._in_style = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        a = {k: v or "" for k, v in attrs}
        if "id" in a:
            self.ids.append(a["id"])
        if tag == "a" and "name" in a:
            self.ids.append(a["name"])
        if tag == "a" and "href" in a:
            self.links.append(a["href"])
        if tag == "link" and set(a.get("rel", "").split()) & LOADING_RELS:
            self.fetched.append(a.get("href", ""))
        for name in FETCHED.get(tag, ()):
            if name in a:
                self.fetched += [part.split()[0] for part in a[name].split(",")] if name == "srcset" else [a[name]]
        if "style" in a:
            self.styles.append(a["style"])
        self._in_style = tag == "style"

    def handle_endtag(self, tag: str) -> None:
        self._in_style = False

    def handle_data(self, data: str) -> None:
        if self._in_style:
            self.styles.append(data)


def _of_styles(css: str) -> list[str]:
    "What a style sheet fetches"
    found = re.findall(r"url\(\s*['\"]?([^'\")]+)['\"]?\s*\)|@import\s+['\"]([^'\"]+)['\"]", css)
    return [a or b for a, b in found]


def _outside(address: str) -> bool:
    return bool(re.match(r"(?i)(?:[a-z][a-z0-9+.-]*:)?//", address))


def _parse(file: Path) -> _Page:
    page = _Page()
    page.feed(file.read_text(encoding="utf-8"))
    return page


def problems(
    site: Path,  # Folder of the site
) -> list[str]:  # one line each; empty where all is well
    "Broken links and anchors (in Markdown copies: links), ids that occur twice, missing files, requests to other hosts"
    site = site.resolve()
    pages = {f: _parse(f) for f in sorted(site.rglob("*.html"))}
    out = []

    def target(where: Path, address: str) -> Path | None:
        "The file that an address of the site means; None where there is none"
        path = unquote(address.partition("?")[0])
        file = (
            where if not path else (site / path.lstrip("/") if path.startswith("/") else where.parent / path).resolve()
        )
        file = file / "index.html" if file.is_dir() else file
        return file if file.is_file() and site in file.parents else None

    def fetch(where: Path, address: str) -> None:
        name = where.relative_to(site)
        if _outside(address):
            out.append(f"{name}: asks another host: {address}")
        elif not address.startswith(("data:", "#")) and target(where, urldefrag(address)[0]) is None:
            out.append(f"{name}: {address} is missing")

    for file, page in pages.items():
        name = file.relative_to(site)
        out += [
            f"{name}: the id {i} occurs more than once" for i in sorted({i for i in page.ids if page.ids.count(i) > 1})
        ]
        for address in page.fetched + [a for css in page.styles for a in _of_styles(css)]:
            fetch(file, address)
        for link in page.links:
            if _outside(link) or re.match(r"(?i)(mailto|javascript|data):", link):
                continue
            address, anchor = urldefrag(link)
            found = target(file, address)
            if found is None:
                out.append(f"{name}: broken link {link}")
            elif anchor and found in pages and unquote(anchor) not in pages[found].ids:
                out.append(f"{name}: no such anchor: {link}")
    for file in sorted(site.rglob("*.css")):
        for address in _of_styles(file.read_text(encoding="utf-8")):
            fetch(file, address)
    for file in [*sorted(site.rglob("*.md")), site / "llms.txt"]:
        text = re.sub(
            r"(?ms)^ *(```+).*?^ *\1 *$|`[^`\n]*`|^    .*?$",
            "",
            file.read_text(encoding="utf-8") if file.is_file() else "",
        )
        for link in re.findall(r"\]\(([^)\s]+)\)", text):
            if (
                not _outside(link)
                and not link.startswith(("#", "mailto:"))
                and target(file, urldefrag(link)[0]) is None
            ):
                out.append(f"{file.relative_to(site)}: broken link {link}")
    return list(dict.fromkeys(out))
