"""README.md from nbs/index.ipynb, for machines without Quarto. `--check` says whether it is in step."""

import base64
import re
import sys
from pathlib import Path

from fastcore.nbio import read_nb
from nbdev.config import get_config

IMAGES = Path("nbs/images")


def _output(out: dict, name: str, alt: str, pictures: dict) -> str:
    "Markdown for one cell output: picture (with its alternative text), table or text"
    data = out.get("data", {})
    if "image/png" in data:
        pictures[IMAGES / f"{name}.png"] = base64.b64decode("".join(data["image/png"]))
        return f"![{alt}]({(IMAGES / f'{name}.png').as_posix()})"
    for kind in ("text/markdown", "text/html"):
        if kind in data:
            return re.sub(r"<style.*?</style>\s*", "", "".join(data[kind]), flags=re.S)
    text = "".join(data.get("text/plain", out.get("text", "")))
    return f"```\n{text.rstrip()}\n```" if text else ""


def readme(cfg) -> tuple[str, dict[Path, bytes]]:
    "The text of README.md and the pictures it shows"
    parts, pictures = ["<!-- Made from nbs/index.ipynb by `make readme`: edit that. -->"], {}
    for i, cell in enumerate(read_nb(cfg.nbs_path / cfg.readme_nb).cells):
        if cell.cell_type == "markdown":
            parts.append(
                re.sub(r"\]\((\w+)\.ipynb", rf"]({cfg.nbs_path.name}/\1.ipynb", cell.source).replace(
                    "](images/", "](nbs/images/"
                )
            )
        elif cell.cell_type == "code" and "hide" not in cell.directives:
            source = "\n".join(line for line in cell.source.splitlines() if not line.startswith("#|"))
            if cell.directives.get("echo") != "false":
                parts.append(f"```python\n{source}\n```")
            parts += [
                text
                for n, out in enumerate(cell.get("outputs", []))
                if (text := _output(out, f"index_{i}_{n}", cell.directives.get("fig-alt", "").strip('"'), pictures))
            ]
    return "\n\n".join(parts) + "\n", pictures


if __name__ == "__main__":
    cfg = get_config()
    text, pictures = readme(cfg)
    files = {cfg.config_path / "README.md": text.encode(), **{cfg.config_path / p: b for p, b in pictures.items()}}
    if "--check" in sys.argv:
        stale = [
            str(p.relative_to(cfg.config_path)) for p, b in files.items() if not p.is_file() or p.read_bytes() != b
        ]
        if stale:
            sys.exit(f"not in step with nbs/index.ipynb: {', '.join(stale)}. Run `make readme`.")
    else:
        for p, b in files.items():
            p.parent.mkdir(parents=True, exist_ok=True)
            p.write_bytes(b)
