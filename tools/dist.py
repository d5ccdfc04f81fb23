"""Wheel and sdist in dist/, the same bytes whenever and by whomever a commit is built (`make dist`).

SOURCE_DATE_EPOCH is the time of all files. setuptools follows it in the wheel, which is built from the sdist; its sdist
has times and owners of this machine, so that is packed again without them.
"""

import gzip
import hashlib
import io
import os
import subprocess
import sys
import tarfile
from pathlib import Path
from tempfile import TemporaryDirectory

DIST = Path(__file__).parents[1] / "dist"


def repack(
    sdist: Path,  # A `.tar.gz`, which is replaced
    epoch: int,  # Seconds since 1970 for every file in it
) -> None:
    "Write an archive again: sorted, all files by nobody, of one time, and with the modes of a fresh clone"
    tar = io.BytesIO()
    with tarfile.open(sdist) as old, tarfile.open(fileobj=tar, mode="w", format=tarfile.PAX_FORMAT) as new:
        for member in sorted(old.getmembers(), key=lambda m: m.name):
            member.mtime, member.uid, member.gid, member.uname, member.gname = epoch, 0, 0, "", ""
            member.mode, member.pax_headers = 0o755 if member.isdir() or member.mode & 0o100 else 0o644, {}
            new.addfile(member, old.extractfile(member) if member.isfile() else None)
    with open(sdist, "wb") as f, gzip.GzipFile("", "wb", 9, f, mtime=epoch) as packed:
        packed.write(tar.getvalue())


def build(
    source: Path,  # A folder with pyproject.toml
    kind: str,  # `sdist` or `wheel`
) -> None:
    "Build one of the two into dist/, with the setuptools of this environment"
    command = [sys.executable, "-m", "build", "--no-isolation", f"--{kind}", "--outdir", str(DIST), str(source)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        sys.exit(done.stdout + done.stderr)


if __name__ == "__main__":
    os.umask(0o022)  # the wheel has the modes of the files that it is made of
    build(DIST.parent, "sdist")
    sdist = next(DIST.glob("*.tar.gz"))
    repack(sdist, int(os.environ["SOURCE_DATE_EPOCH"]))
    with TemporaryDirectory() as folder, tarfile.open(sdist) as packed:
        packed.extractall(folder, filter="data")
        build(next(Path(folder).iterdir()), "wheel")
    for path in sorted(DIST.iterdir()):
        print(f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}  {path.stat().st_size:,} bytes")
