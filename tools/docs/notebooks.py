"""The notebooks as pages: nbdev's own processors on cells and outputs as they were saved; nothing is executed.

An exported cell is shown with the name of its module, and carries the anchors of what it defines, so that nbdev's links
(`core.html#ndcg`) lead to the source. Full signatures are on the API pages. An exercise's solution, a code cell with
`#| code-fold: true`, is folded together with its output.
"""

import ast
import html
import json
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from fastcore.nbio import mk_cell, read_nb, write_nb
from nbdev.config import get_config, nbpath2html
from nbdev.frontmatter import FrontmatterProc
from nbdev.process import NBProcessor
from nbdev.processors import (
    add_links,
    clean_magics,
    filter_stream_,
    hide_,
    hide_line,
    populate_language,
    rm_export,
    rm_header_dash,
    strip_ansi,
    strip_hidden_metadata,
)

__all__ = ["Lesson", "commands", "copy_pictures", "page_name", "process", "read_lesson", "write_report"]

PROCESSORS = [
    FrontmatterProc,
    populate_language,
    strip_ansi,
    hide_line,
    filter_stream_,
    rm_header_dash,
    rm_export,
    clean_magics,
    hide_,
    add_links,
    strip_hidden_metadata,
]
RENAMED = {"index": "overview"}  # index.html is the cover


@dataclass
class Lesson:
    "What the cover, the sidebar and the head of a lesson's page say of it"

    number: str  # `05`
    name: str  # of its page, `retrieval`
    title: str
    description: str  # the line below the title
    question: str  # the question of the lesson, or empty
    minutes: int  # of reading, as the notebook's first cells say; 0 where they do not


def page_name(
    notebook: Path,  # `nbs/05_retrieval.ipynb`
) -> str:  # `retrieval`
    "The name of a notebook's page, as nbdev makes it; that of the index is `overview`, because the cover is the index"
    stem = nbpath2html(notebook).stem
    return RENAMED.get(stem, stem)


def _prose(notebook: Path) -> list[str]:
    return [c.source for c in read_nb(notebook).cells if c.cell_type == "markdown"]


def read_lesson(
    notebook: Path,  # `nbs/05_retrieval.ipynb`
) -> Lesson:
    "Number, title, question and minutes, from the name and the first cells"
    first, *rest = _prose(notebook)
    opened = re.match(r"#\s+(.+)\n+>\s*(.+)", first)
    if not opened:
        raise ValueError(f"{notebook.name}: the first cell must be a title, and below it a line that begins with >")
    opening = "\n".join(rest[:2])
    question = re.search(r"\*\*([^*]+\?)\*\*", opening)
    minutes = re.search(r"(\d+)\s+minutes", opening)
    return Lesson(
        notebook.stem.partition("_")[0],
        page_name(notebook),
        opened[1].strip(),
        opened[2].strip(),
        question[1] if question else "",
        int(minutes[1]) if minutes else 0,
    )


def commands(
    index: Path,  # `nbs/index.ipynb`
    n: int = 2,
) -> list[tuple[str, str]]:  # command and what it does
    "The first commands that the index tells"
    block = next(m[1] for text in _prose(index) if (m := re.search(r"```sh\n(.*?)```", text, re.DOTALL)))
    rows = [line.partition("#") for line in block.splitlines() if line.strip()]
    return [(command.strip(), told.strip()) for command, _, told in rows[:n]]


# --- cells ---


def _defined(source: str) -> list[str]:
    "Names that a cell defines: functions, classes and methods (`Class.method`), also those that `@patch` adds"
    names = []
    for node in ast.parse(source).body:
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            continue
        patched = not isinstance(node, ast.ClassDef) and any("patch" in ast.unparse(d) for d in node.decorator_list)
        owners = ast.unparse(node.args.args[0].annotation).split("|") if patched else [""]
        names += [f"{owner.strip(' ()')}.{node.name}".lstrip(".") for owner in owners]
        if isinstance(node, ast.ClassDef):
            names += [f"{node.name}.{m.name}" for m in node.body if isinstance(m, ast.FunctionDef)]
    return names


def _html(text: str) -> dict:
    return mk_cell(f"{text}\n", "markdown")


def _exported(cell: dict, module: str, known: set[str]) -> list[dict]:
    "A cell of the package's source, with the anchors that nbdev's index gives its names (in small letters)"
    names = dict.fromkeys(n for name in _defined(cell.source) if (n := name.lower()) not in known)
    known |= set(names)
    anchors = "".join(f'<span id="{html.escape(name)}"></span>' for name in names)
    link = f'<a href="api/{module.replace(".", "-")}.html">{get_config().lib_name}.{module}</a>'
    return [
        _html(f'<div class="exported"><p class="exported-to">exported to {link}</p>{anchors}'),
        cell,
        _html("</div>"),
    ]


def _folded(cell: dict) -> list[dict]:
    said = re.search(r"^#\|\s*code-summary:\s*(.+)$", cell.source, re.MULTILINE)
    summary = said[1].strip().strip("\"'") if said else "Solution"
    cell.source = re.sub(r"^#\|\s*code-(fold|summary):.*\n?", "", cell.source, flags=re.MULTILINE)
    return [_html(f'<details class="solution"><summary>{html.escape(summary)}</summary>'), cell, _html("</details>")]


def _arranged(cells: list, module: str) -> list:
    "Cells with the frames of exported code and of solutions around them"
    out: list = []
    titles = re.findall(r"^#+\s+(.+)$", "\n".join(c.source for c in cells if c.cell_type == "markdown"), re.MULTILINE)
    known = {re.sub(r"\W+", "-", t.lower()).strip("-") for t in titles}  # anchors of headings stay theirs
    for cell in cells:
        code = cell.cell_type == "code"
        if code and "exports" in cell.directives_:
            out += _exported(cell, module, known)
        elif code and re.search(r"^#\|\s*code-fold:\s*true", cell.source, re.MULTILINE):
            out += _folded(cell)
        else:
            out.append(cell)
    return out


def _relinked(text: str, base: str) -> str:
    "Links to this site's pages, whichever way a notebook writes them, as links between the processed notebooks"
    text = text.replace(base, "").replace("__main__.", "")
    text = re.sub(r"\((?:\d+[a-z]?_)?(\w+)\.ipynb", r"(\1.ipynb", text)
    for old, new in RENAMED.items():
        text = re.sub(rf"\({old}\.(ipynb|html)", rf"({new}.\1", text)
    return text


def process(
    notebook: Path,  # `nbs/05_retrieval.ipynb`
    into: Path,  # Folder of the pages' sources
) -> Path:  # `into/retrieval.ipynb`
    "Write a notebook as the site shows it"
    cfg = get_config()
    nb = read_nb(notebook)
    exp = next((m[1] for c in nb.cells if (m := re.search(r"#\|\s*default_exp\s+(\S+)", c.source))), "")
    processor = NBProcessor(nb=nb, procs=PROCESSORS, rm_directives="quarto")
    processor.process()
    nb.cells = _arranged(nb.cells, exp)
    base = f"{cfg.doc_host}{cfg.doc_baseurl}".rstrip("/") + "/"
    for cell in nb.cells:
        if cell.cell_type == "markdown":
            cell.source = _relinked(cell.source, base)
        for out in cell.get("outputs", []):
            data = out.get("data", {})
            for kind in ("text/markdown", "text/html"):
                if kind in data:
                    data[kind] = _relinked("".join(data[kind]), base)
    path = into / f"{page_name(notebook)}.ipynb"
    write_nb(nb, path)
    return path


def write_report(
    notebook: Path,  # `evaluation.ipynb` of a home, as the stage evaluate writes it
    section: str,  # of settings.ini that the home belongs to
    into: Path,  # Folder of the pages' sources
) -> str:  # The name of the page
    "The evaluation report of a home as a page without its code"
    nb = read_nb(notebook)
    facts = nb.cells[0].source.partition("\n")[2].strip()
    told = f"The last evaluation on the machine that built this site, with the settings [{section}]. {facts}"
    nb.cells[0] = mk_cell(f"---\ntitle: Evaluation report\ndescription: {json.dumps(told)}\n---\n", "raw")
    for cell in nb.cells:
        if cell.cell_type == "code":
            cell.source = f"#| echo: false\n{cell.source}"
    write_nb(nb, into / "report.ipynb")
    return "report"


def copy_pictures(
    notebooks: Path,  # `nbs`
    into: Path,  # Folder of the pages' sources
) -> None:
    "The pictures that the notebooks link to"
    shutil.copytree(notebooks / "images", into / "images", dirs_exist_ok=True)
