"""The embedded project when things go wrong: processes killed at any moment, a full disk, two writers at once"""

import multiprocessing
import os
import random
import resource
import shutil
import signal
import subprocess
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from art_recsys.config import UserError
from art_recsys.platform.embedded import Project

SPAWN = multiprocessing.get_context("spawn")
ROWS = 400


def batch(n, rows=ROWS):
    "Insert number n: every row says so, in a table that it replaces"
    return pd.DataFrame({"id": [f"k{i}" for i in range(rows)], "n": np.full(rows, n), "text": [f"{n}" * 200] * rows})


def group_of(home):
    return (
        Project(home)
        .get_feature_store()
        .get_or_create_feature_group("batches", 1, primary_key=["id"], online_enabled=True)
    )


def read_whole(home):
    "The number of the last committed insert, read from both stores; they agree and hold whole inserts only"
    group = group_of(home)
    offline, online = group.read(), group.read(online=True)
    assert len(offline) == len(online) == ROWS
    assert offline["n"].nunique() == 1 and online["n"].unique().tolist() == offline["n"].unique().tolist()
    return int(offline["n"].iloc[0])


def _insert_for_ever(home, start, told):
    group, n = group_of(home), start
    while True:
        n += 1
        group.insert(batch(n), overwrite=n % 2 == 0)  # by turns a merge and an overwrite
        told.value = n


def test_kill_9_at_any_moment_of_an_insert_leaves_the_last_one_readable(tmp_path):
    group_of(tmp_path).insert(batch(0))
    when, last = random.Random(5), 0
    for _ in range(4):
        told = SPAWN.Value("i", last)
        worker = SPAWN.Process(target=_insert_for_ever, args=(tmp_path, last, told))
        worker.start()
        while told.value < last + 2:
            assert worker.is_alive()
            time.sleep(0.001)
        time.sleep(when.random() * 0.1)  # an insert takes about that long: anywhere in it
        os.kill(worker.pid, signal.SIGKILL)
        worker.join()
        found = read_whole(tmp_path)
        assert found in (told.value, told.value + 1), (
            "the last insert that was answered is there, or the one that was under way"
        )
        last = found
    group_of(tmp_path).insert(batch(99))
    assert read_whole(tmp_path) == 99


def _save_for_ever(home, files, told):
    registry = Project(home).get_model_registry()
    while True:
        told.value = registry.python.create_model("big").save(files).version


def test_kill_9_at_any_moment_of_a_save_leaves_whole_versions_only(tmp_path):
    files = tmp_path / "model"
    files.mkdir()
    for i in range(4):
        (files / f"part{i}.bin").write_bytes(random.Random(i).randbytes(4_000_000))
    when, told = random.Random(6), SPAWN.Value("i", 0)
    for _ in range(3):
        before = told.value
        worker = SPAWN.Process(target=_save_for_ever, args=(tmp_path / "home", files, told))
        worker.start()
        while told.value <= before:
            assert worker.is_alive()
            time.sleep(0.001)
        time.sleep(when.random() * 0.05)
        os.kill(worker.pid, signal.SIGKILL)
        worker.join()
        registry = Project(tmp_path / "home").get_model_registry()
        versions = [m.version for m in registry.get_models("big")]
        assert versions == list(range(1, len(versions) + 1)) and len(versions) - told.value in (0, 1)
        registry.get_models("big")[-1].download()  # checks every checksum
        told.value = len(versions)
    Project(tmp_path / "home").get_model_registry().python.create_model("big").save(files)
    left = [p.name for p in (tmp_path / "home" / "registry" / "Models" / "big").iterdir() if p.name.endswith(".tmp")]
    assert not left, "what dead processes left is swept away by the next save"


def _insert_once(home, name, times):
    group = group_of(home)
    for i in range(times):
        group.insert(pd.DataFrame({"id": [f"{name}-{i}"], "n": [i], "text": [name]}))


def test_two_inserts_at_once_are_both_there(tmp_path):
    group_of(tmp_path).insert(batch(0))
    workers = [SPAWN.Process(target=_insert_once, args=(tmp_path, name, 6)) for name in "ab"]
    for w in workers:
        w.start()
    while any(w.is_alive() for w in workers):  # a reader never sees half of anything
        assert group_of(tmp_path).read()["id"].is_unique
    for w in workers:
        w.join()
    assert [w.exitcode for w in workers] == [0, 0]
    want = {f"{name}-{i}" for name in "ab" for i in range(6)} | set(batch(0)["id"])
    assert set(group_of(tmp_path).read()["id"]) == set(group_of(tmp_path).read(online=True)["id"]) == want


# --- a full disk


def tmpfs(folder: Path, megabytes: int) -> bool:
    "Mount a small disk there; False where this user may not"
    if os.geteuid() != 0 or not shutil.which("mount"):
        return False
    return (
        subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(folder)], capture_output=True
        ).returncode
        == 0
    )


@pytest.fixture
def small_disk(tmp_path):
    "A disk of 4 MB"
    folder = tmp_path / "disk"
    folder.mkdir()
    if not tmpfs(folder, 4):
        pytest.skip("no right to mount a tmpfs here; the test with RLIMIT_FSIZE stands in")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)  # lazily: this process keeps the online store open


def test_a_full_disk_is_named_and_the_last_insert_stays(small_disk):
    group = group_of(small_disk)
    group.insert(batch(1))
    noise = batch(2).assign(
        text=[random.Random(i).randbytes(8000).hex() for i in range(ROWS)]
    )  # 6 MB that do not shrink
    for overwrite in (False, True):
        with pytest.raises(UserError, match="cannot write") as e:
            group.insert(noise, overwrite=overwrite)
        assert "--home" in str(e.value) and read_whole(small_disk) == 1
    big = small_disk.parent / "model"
    big.write_bytes(os.urandom(6_000_000))
    registry = Project(small_disk).get_model_registry()
    with pytest.raises(UserError, match=r"cannot write .*No space left"):
        registry.python.create_model("big").save(big)
    assert registry.get_models("big") == []
    assert sum(p.stat().st_size for p in small_disk.rglob("*") if p.is_file()) < 3_000_000, (
        "what did not fit is given back"
    )
    group.insert(batch(3))  # there is room again
    assert read_whole(small_disk) == 3


def _insert_with_small_files(home, answer):
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000))
    noise = batch(2).assign(text=[random.Random(i).randbytes(8000).hex() for i in range(ROWS)])
    for overwrite in (False, True):
        try:
            group_of(home).insert(noise, overwrite=overwrite)
        except UserError as e:
            answer.put(str(e))
        else:
            answer.put("it was written")


def test_a_file_that_may_not_grow_is_named_and_the_last_insert_stays(tmp_path):
    group_of(tmp_path).insert(batch(1))
    answer = SPAWN.Queue()
    worker = SPAWN.Process(target=_insert_with_small_files, args=(tmp_path, answer))
    worker.start()
    said = [answer.get(timeout=60) for _ in range(2)]
    worker.join()
    assert all("cannot write" in s and "--home" in s for s in said), said
    assert read_whole(tmp_path) == 1
