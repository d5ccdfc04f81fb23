"""How long the lessons take: `python -m tools.aloud` has text and code read aloud by espeak-ng and measures the sound.

Of code, the words of names and comments are read, without brackets and operators. A table or a picture takes ten
seconds, which is a guess. Solutions of exercises are left out, and so is the time of solving them. With `--until TITLE`
it stops before the heading TITLE. `apt-get install espeak-ng`.
"""

import argparse
import io
import re
import shutil
import subprocess
import sys
import wave
from pathlib import Path

from fastcore.nbio import read_nb
from nbdev.config import get_config

SPEED = (
    183  # words a minute, the mean of people who read aloud (Brysbaert 2019, "How many words do we read per minute?")
)
SHOWN = 10  # seconds for a table or a picture


def spoken(markdown: str) -> str:
    "What one says of a Markdown text: no addresses, no code blocks, formulas as they stand"
    text = re.sub(r"```.*?```|<[^>]+>|\^\[[^\]]*\]", " ", markdown, flags=re.S)
    text = re.sub(r"!\[[^\]]*\]\([^)]*\)", " ", text)
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text)
    text = re.sub(r"^[-:| ]+$", "", text, flags=re.M)
    return re.sub(r"[*`#|{}\\$]", " ", text).replace("_", " ")


def seconds_aloud(text: str) -> float:
    "Seconds of the sound"
    if not text.strip():
        return 0.0
    command = ["espeak-ng", "-s", str(SPEED), "--stdin", "--stdout"]
    sound = subprocess.run(command, input=text.encode(), capture_output=True, check=True).stdout
    with wave.open(io.BytesIO(sound)) as w:  # the length in a header that was written to a pipe is not true
        return (len(sound) - 44) / (w.getframerate() * w.getsampwidth() * w.getnchannels())


def words_of(code: str) -> str:
    "The words of names and comments"
    lines = [line for line in code.splitlines() if not line.startswith("#|")]
    return "\n".join(" ".join(re.findall(r"[^\W_]+", line)) for line in lines)


def lesson(path: Path, until: str | None = None) -> tuple[float, float, int]:
    "Minutes of text, minutes of code, and how many tables and pictures"
    text, code, shown = [], [], 0
    for cell in read_nb(path).cells:
        if cell.cell_type == "markdown":
            if until and re.search(rf"^#+ {re.escape(until)}", cell.source, re.M):
                break
            text.append(spoken(re.sub(r"\A---.*?---", "", cell.source, flags=re.S)))
        elif not re.search(r"^#\| *(code-fold|hide)", cell.source, re.M):
            code.append(words_of(cell.source))
            shown += sum("data" in out for out in cell.outputs)
    return seconds_aloud("\n".join(text)) / 60, seconds_aloud("\n".join(code)) / 60, shown


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("lessons", nargs="*", help="such as 05_retrieval; all if none is named")
    parser.add_argument("--until", metavar="TITLE")
    args = parser.parse_args()
    if not shutil.which("espeak-ng"):
        sys.exit("espeak-ng is not installed: apt-get install espeak-ng")
    folder = get_config().nbs_path
    paths = [folder / f"{name}.ipynb" for name in args.lessons] or sorted(folder.glob("[0-9]*.ipynb"))
    print(f"{'lesson':20}{'text':>8}{'code':>8}{'shown':>8}{'minutes':>10}")
    whole = 0.0
    for path in paths:
        text, code, shown = lesson(path, args.until)
        minutes = text + code + shown * SHOWN / 60
        whole += minutes
        print(f"{path.stem:20}{text:8.1f}{code:8.1f}{shown:8}{minutes:10.1f}")
    print(f"{'whole':20}{whole:34.1f}")


if __name__ == "__main__":
    main()
