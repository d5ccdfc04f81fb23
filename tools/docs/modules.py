"""API pages of the package, read from its source by `ast`: nothing is imported.

One page per room (sub-package) and one per module outside of a room. A function is shown as its own source writes it,
up to the body: parameters, types, defaults, and the comments that say shapes and units.
"""

import ast
import html
import json
import re
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

__all__ = ["Definition", "Module", "api_page", "api_pages", "architecture_page", "index_page", "read_module", "rooms"]

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass
class Definition:
    "A function, a class or a method"

    name: str  # `Client` or `Client.recommend`
    code: str  # its signature, or of a class the fields and the constructor
    doc: str
    line: int
    methods: list["Definition"] = field(default_factory=list)

    @property
    def told(self) -> str:
        "The first line of the docstring"
        return self.doc.partition("\n")[0]


@dataclass
class Module:
    "A module and what it offers"

    name: str  # `serving.client`, without the package
    path: Path
    doc: str
    lesson: bool  # whether it is exported from a notebook
    definitions: list[Definition]

    @property
    def told(self) -> str:
        return " ".join(self.doc.partition("\n\n")[0].split())


def _head(lines: list[str], node: Function | ast.ClassDef) -> str:
    "The source from `def` or `class` to the line before the body, without decorators"
    first = node.body[0]
    if node.lineno == first.lineno:  # all in one line
        return lines[node.lineno - 1][: first.col_offset].rstrip()
    return "\n".join(
        lines[node.lineno - 1 : min([first.lineno, *(d.lineno for d in getattr(first, "decorator_list", []))]) - 1]
    ).rstrip()


def _dedented(text: str) -> str:
    lines = text.splitlines()
    indent = len(lines[0]) - len(lines[0].lstrip()) if lines else 0
    return "\n".join(line[indent:] if not line[:indent].strip() else line for line in lines)


def _function(lines: list[str], node: Function, owner: str = "") -> Definition:
    code = "\n".join(part for part in (_decorators(node), _dedented(_head(lines, node))) if part)
    return Definition(f"{owner}{node.name}", code, ast.get_docstring(node) or "", node.lineno)


def _decorators(node: Function) -> str:
    shown = ("property", "classmethod", "staticmethod", "contextmanager", "abstractmethod")
    return "\n".join(
        f"@{ast.unparse(d)}" for d in node.decorator_list if ast.unparse(d).split("(")[0].split(".")[-1] in shown
    )


def _again(node: Function) -> bool:
    "Whether it is the setter of a property or one of several overloads, which have a name that was told already"
    return any(ast.unparse(d).endswith((".setter", "overload")) for d in node.decorator_list)


def _class(lines: list[str], node: ast.ClassDef) -> Definition:
    code = [_head(lines, node)]
    methods = []
    for part in node.body:
        if isinstance(part, ast.AnnAssign | ast.Assign) and not lines[part.lineno - 1].strip().startswith("_"):
            code.append("\n".join(lines[part.lineno - 1 : part.end_lineno]))
        elif isinstance(part, Function) and part.name == "__init__":
            code.append(_head(lines, part))
        elif isinstance(part, Function) and not part.name.startswith("_") and not _again(part):
            methods.append(_function(lines, part, f"{node.name}."))
    return Definition(node.name, "\n".join(code), ast.get_docstring(node) or "", node.lineno, methods)


def read_module(
    path: Path,
    package: Path,  # The folder of the package
) -> Module:
    "What a module offers: the names in `__all__`, or without it the functions and classes without an underscore"
    source = path.read_text()
    tree, lines = ast.parse(source), source.splitlines()
    offered = next(
        (
            ast.literal_eval(n.value)
            for n in tree.body
            if isinstance(n, ast.Assign) and ast.unparse(n.targets[0]) == "__all__"
        ),
        None,
    )
    found: dict[str, Definition] = {}
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            d = _class(lines, node)
        elif isinstance(node, Function):
            patched = any(ast.unparse(x).startswith("patch") for x in node.decorator_list)
            owners = ast.unparse(node.args.args[0].annotation).split("|") if patched else [""]
            if patched:
                for owner in (o.strip(" ()'\"") for o in owners):
                    if owner in found and not node.name.startswith("_"):
                        found[owner].methods.append(_function(lines, node, f"{owner}."))
                continue
            d = _function(lines, node)
        else:
            continue
        if not d.name.startswith("_") and (offered is None or d.name in offered):
            found[d.name] = d
    name = ".".join(path.relative_to(package).with_suffix("").parts)
    doc = (ast.get_docstring(tree) or "").split("\n\nDocs: http")[0]
    return Module(
        name.removesuffix(".__init__"), path, doc, "AUTOGENERATED! DO NOT EDIT" in source, list(found.values())
    )


def rooms(
    package: Path,  # The folder of the package
) -> dict[str, list[Module]]:  # for each page its modules, the room itself first
    "The modules of the package by page: a room, or a module outside of a room"
    out: dict[str, list[Module]] = {}
    for path in sorted(package.rglob("*.py")):
        parts = path.relative_to(package).parts
        if any(p.startswith("_") and p != "__init__.py" for p in parts) or parts == ("__init__.py",):
            continue
        module = read_module(path, package)
        if module.definitions or module.doc:
            out.setdefault(parts[0].removesuffix(".py"), []).append(module)
    return {name: sorted(ms, key=lambda m: m.name != name) for name, ms in out.items()}


def anchors(
    modules: list[Module],  # of one page
) -> dict[int, str]:  # for the `id` of each definition its anchor
    "The name of a definition, with its module before it where the page has that name twice"
    named = [(m, d) for m in modules for top in m.definitions for d in (top, *top.methods)]
    count = Counter(d.name for _, d in named)
    return {id(d): d.name if count[d.name] == 1 else f"{m.name}.{d.name}" for m, d in named}


def _entry(d: Definition, level: int, source: str, anchor: dict[int, str]) -> list[str]:
    link = f"[source]({source}#L{d.line}){{.source}}"
    unlisted = " .unlisted" if level > 3 else ""
    parts = [f"{'#' * level} {d.name} {{#{anchor[id(d)]}{unlisted}}}", f"```python\n{d.code}\n```", d.doc, link]
    return [p for p in parts if p] + [p for m in d.methods for p in _entry(m, level + 1, source, anchor)]


def api_page(
    name: str,  # of the room or the module
    modules: list[Module],
    package: Path,  # The folder of the package
    files: str,  # Address that a file's path is added to, for links to the source
) -> str:  # The source of the page
    "What a room offers, module by module"
    parts, anchor = [], anchors(modules)
    for module in modules:
        source = f"{files}/{package.name}/{module.path.relative_to(package).as_posix()}"
        if module.name != name:
            parts.append(f"## {package.name}.{module.name} {{#{module.name}}}")
        if module.lesson:
            parts.append(
                f"This module is exported from the lesson [{module.name}](/{module.name}.ipynb), which explains it."
            )
        doc = module.doc if module.name != name else module.doc.partition("\n\n")[2]
        parts += [
            doc,
            *(p for d in module.definitions for p in _entry(d, 2 if module.name == name else 3, source, anchor)),
        ]
    told = modules[0].told if modules[0].name == name else ""
    front = f"---\ntitle: {json.dumps(f'{package.name}.{name}')}\ndescription: {json.dumps(told)}\n---\n\n"
    return front + "\n\n".join(p for p in parts if p) + "\n"


def index_page(
    found: dict[str, list[Module]],  # from `rooms`
    package: Path,
) -> str:  # The source of the page
    "Every module with the first sentence of its docstring"
    parts = [
        '---\ntitle: "API"\ndescription: "Every module of the package and what it offers"\n---',
        "Made from the source: signatures as the code writes them, with types, defaults, shapes and units. Modules "
        "that are exported from a lesson are explained there.",
    ]

    def row(m: Module, page: str) -> str:
        return f"- [`{m.name}`]({page}.qmd{'' if m.name == page else f'#{m.name}'}): {m.told}"

    alone = [row(ms[0], name) for name, ms in found.items() if ms[0].name == name and ms[0].path.name != "__init__.py"]
    parts += ["## Modules outside of a room", "\n".join(alone)]
    for name, modules in found.items():
        if modules[0].path.name == "__init__.py":
            parts += [f"## {name} {{#{name}}}", "\n".join(row(m, name) for m in modules)]
    return "\n\n".join(parts) + "\n"


def architecture_page(
    found: dict[str, list[Module]],  # from `rooms`
    layers: list[str],  # of import-linter, the highest first; `a : b` are two that stand beside each other
) -> str:  # The source of the page
    "The rooms and modules as a picture of what may import what, from the rule that CI checks"

    def box(name: str) -> str:
        module = found[name][0]
        lesson = ' class="of-lesson"' if module.lesson else ""
        told = re.split(r"(?<=[.;])\s", module.told)[0].rstrip(".;").replace("`", "")
        return f'<a href="api/{name}.html"{lesson}><b>{name}</b> <span>{html.escape(told)}</span></a>'

    rows = "".join(f"<li>{''.join(box(n.strip()) for n in layer.split(':'))}</li>\n" for layer in layers)
    front = '---\ntitle: "Architecture"\ndescription: "Which part stands on which"\n---'
    told = (
        "Imports point downwards: a part may import what stands below it or beside it, never what stands above it, "
        "not even inside a function. Nothing that serves imports the simulator. The picture is made from the rule that "
        "`make lint` checks. The parts with a coloured edge are exported from the lessons; the others are plain Python."
    )
    return f'{front}\n\n{told}\n\n```{{=html}}\n<ol class="layers">\n{rows}</ol>\n```\n'


def api_pages(
    found: dict[str, list[Module]],  # from `rooms`
    package: Path,  # The folder of the package
    into: Path,  # Folder of the pages' sources
    files: str,  # Address of the repository's files
) -> tuple[
    list[str], dict[str, str]
]:  # names of the pages; the page and anchor of each class and function with a name of its own
    "Write all API pages"
    into.mkdir(parents=True, exist_ok=True)
    symbols: dict[str, list[str]] = {}
    for name, modules in found.items():
        (into / f"{name}.qmd").write_text(api_page(name, modules, package, files))
        for d in (d for m in modules if not m.lesson for d in m.definitions):
            symbols.setdefault(d.name, []).append(f"/{into.name}/{name}.qmd#{d.name}")
    (into / "index.qmd").write_text(index_page(found, package))
    return ["index", *found], {name: where[0] for name, where in symbols.items() if len(where) == 1}
