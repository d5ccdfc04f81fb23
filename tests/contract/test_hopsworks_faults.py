"""The real SDK killed in the middle of its work: what is on the contract server afterwards is whole, or not there"""

import os
import random
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest

from art_recsys.config import UserError
from art_recsys.platform import inserts

ROWS = 400
LOGIN = """
import sys
import pandas as pd
from art_recsys.config import load_settings
from art_recsys.platform.login import login
project = login(load_settings('smoke', sys.argv[1]))
"""
INSERT = (
    LOGIN
    + f"""
group = project.get_feature_store().get_feature_group('batches', 1)
for n in range(1, 10**6):
    rows = pd.DataFrame({{'id': [f'k{{i}}' for i in range({ROWS})], 'n': n}})
    group.insert(rows, write_options={{'wait_for_job': True}})
    print('inserted', n, flush=True)
"""
)
SAVE = LOGIN + "project.get_model_registry().python.create_model('big').save(sys.argv[2])"


@pytest.fixture
def worker(hopsworks_environment, tmp_path):
    "Start a script that logs in to the contract server by itself; it does not outlive the test"
    env = (
        os.environ
        | hopsworks_environment
        | {"HOPSWORKS_CERT_FOLDER": str(tmp_path / "certs"), "PYTHONPATH": os.getcwd()}
    )
    started = []

    def start(script, *args):
        started.append(
            subprocess.Popen(
                [sys.executable, "-c", script, str(tmp_path / "home"), *map(str, args)],
                env=env,
                text=True,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
        )
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.wait()


def batch(n):
    return pd.DataFrame({"id": [f"k{i}" for i in range(ROWS)], "n": n})


def test_kill_9_of_an_insert_leaves_the_last_one_readable(hopsworks_project, worker):
    group = hopsworks_project.get_feature_store().get_or_create_feature_group(
        "batches", 1, primary_key=["id"], statistics_config=False
    )
    group.insert(batch(0), write_options={"wait_for_job": True})
    process, told = worker(INSERT), 0
    for line in process.stdout:
        told = int(line.split()[1]) if line.startswith("inserted") else told
        if told == 3:
            break
    time.sleep(random.Random(5).random() * 0.3)  # an insert takes about that long: anywhere in it
    os.kill(process.pid, signal.SIGKILL)
    told = max([told, *(int(x.split()[1]) for x in process.stdout if x.startswith("inserted"))])
    found = hopsworks_project.get_feature_store().get_feature_group("batches", 1).read()
    assert len(found) == ROWS and found["n"].nunique() == 1 and found["n"].iloc[0] in (told, told + 1) and told >= 3
    group.insert(batch(99), write_options={"wait_for_job": True})
    assert group.read()["n"].unique().tolist() == [99]


def test_kill_9_of_a_save_leaves_no_version(hopsworks_project, worker, tmp_path):
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "weights.bin").write_bytes(random.Random(6).randbytes(60_000_000))
    datasets, registry = hopsworks_project.get_dataset_api(), hopsworks_project.get_model_registry()
    process = worker(SAVE, tmp_path / "model")
    while not datasets.exists("Models/big/1/Files/weights.bin"):
        assert process.poll() is None, "it ended before it could be killed"
        time.sleep(0.05)
    os.kill(process.pid, signal.SIGKILL)  # one piece in six is there
    process.wait()
    assert registry.get_models("big") == [] and registry.get_model("big", 1) is None
    (tmp_path / "model" / "weights.bin").write_bytes(b"smaller")
    saved = registry.python.create_model("big").save(str(tmp_path / "model"))
    (tmp_path / "again").mkdir()
    folder = registry.get_model("big", saved.version).download(local_path=str(tmp_path / "again"))
    assert [m.version for m in registry.get_models("big")] == [saved.version]
    assert Path(folder, "weights.bin").read_bytes() == b"smaller"


def test_a_kafka_that_does_not_answer_has_a_limit_and_a_message(hopsworks_project, monkeypatch):
    from hsfs.core import kafka_engine

    group = hopsworks_project.get_feature_store().get_or_create_feature_group(
        "silent", 1, primary_key=["id"], online_enabled=True, statistics_config=False
    )
    inserts.replace_rows(group, batch(0))
    real = kafka_engine._get_kafka_config
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = "{}:{}".format(*silent.getsockname())
        monkeypatch.setattr(
            kafka_engine, "_get_kafka_config", lambda *a, **k: real(*a, **k) | {"bootstrap.servers": address}
        )
        monkeypatch.setattr(inserts, "KAFKA_SECONDS", 2)
        begin = time.monotonic()
        with pytest.raises(UserError, match=r"silent did not reach the online store.* in 2 s") as error:
            inserts.replace_rows(group, batch(1))
        assert time.monotonic() - begin < 20 and "KAFKA among the scopes" in error.value.remedy
    monkeypatch.undo()
    group.insert(batch(2), write_options={"wait_for_job": True})  # again, when Kafka answers
    assert group.read()["n"].unique().tolist() == [2]
