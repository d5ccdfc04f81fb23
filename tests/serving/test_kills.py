"Nothing acknowledged is lost when the server is killed while many write (`benchmarks/kills.py` does it 1,000 times)"

from tests.test_benchmarks import benchmark


def test_kill_9_again_and_again_under_24_writers_loses_nothing(tmp_path):
    "100 times: each life of a server costs about a tenth of a second"
    found = benchmark("kills").run(tmp_path / "home", kills=100, writers=24, longest=0.05)
    assert found["lost"] == 0 and found["acknowledged"] >= 100 and found["broken_connections"] > 100, found
