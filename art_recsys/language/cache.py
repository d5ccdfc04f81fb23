"""Answers, refusals and bills on disk, so that no answer is paid for twice and a budget holds.

SQLite in WAL mode survives a killed run and many threads. One lock file for each of 256 groups of keys keeps two
processes from paying for the same answer at the same time; the system frees it when a process is killed.
"""

import threading
from pathlib import Path

from filelock import FileLock

from art_recsys.config import UserError, open_sqlite

from .replies import WriterError

__all__ = ["ReplyCache"]

_TABLES = """create table if not exists replies (key text primary key, reply text not null);
create table if not exists refusals (key text primary key, reason text not null);
create table if not exists bills (id text primary key, dollars real not null);"""


class ReplyCache:
    "Answers and bills of a home; made for several threads and several processes"

    def __init__(
        self,
        path: str | Path,  # of the SQLite file; folders are made
    ):
        self.path = Path(path)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.lock = threading.Lock()
        self.db = open_sqlite(self.path, check_same_thread=False, isolation_level=None)
        self.db.executescript(_TABLES)

    def _run(self, sql: str, *values: object) -> list[tuple]:
        with self.lock:
            return self.db.execute(sql, values).fetchall()

    # ---- answers

    def get(
        self,
        key: str,  # fingerprint of everything that the answer depends on
    ) -> str | None:  # JSON; None where there is no answer
        "The kept answer; a kept refusal is raised as `WriterError`"
        if found := self._run("select reply from replies where key=?", key):
            return found[0][0]
        if found := self._run("select reason from refusals where key=?", key):
            raise WriterError("refused", found[0][0])
        return None

    def put(self, key: str, reply: str) -> None:
        "Keep the answer `reply` (JSON) under `key`, as for `get`"
        self._run("insert or replace into replies values (?, ?)", key, reply)

    def refuse(self, key: str, reason: str) -> None:
        "Keep a refusal and its `reason` under `key`: the same question would be refused, and charged, again"
        self._run("insert or replace into refusals values (?, ?)", key, reason)

    def alone(self, key: str) -> FileLock:
        "A lock on `key`, also against other processes; two keys may share one"
        folder = self.path.with_suffix(".locks")
        folder.mkdir(exist_ok=True)
        return FileLock(folder / f"{key[:2]}.lock")

    def __len__(self) -> int:
        return self._run("select count(*) from replies")[0][0]

    def close(self) -> None:
        "Close the file"
        self.db.close()

    # ---- bills

    def reserve(
        self,
        id: str,  # of the bill
        dollars: float,  # the highest price that it can have
        budget: float | None = None,  # dollars that the home may spend in all; None: no limit
    ) -> None:
        """Book the highest price of a request before it is sent; `UserError` if that could pass the budget.

        Comparing and booking is one SQL statement, so several threads or processes cannot pass the budget together.
        """
        with self.lock:
            done = self.db.execute(
                "insert or replace into bills select ?, ? where ? is null or "
                "(select coalesce(sum(dollars), 0) from bills) + ? <= ?",
                (id, dollars, budget, dollars, budget),
            ).rowcount
        if not done:
            raise UserError(
                f"budget = {budget:g} dollars: {self.paid():.2f} are spent in this home, and the next step could cost "
                f"{dollars:.4f}.",
                "raise budget and run again: what is paid is kept; or set writer = offline",
            )

    def settle(self, id: str, dollars: float) -> None:
        "Replace the booking `id` by the `dollars` that were really used"
        self._run("update bills set dollars=? where id=?", dollars, id)

    def paid(self) -> float:
        "Dollars booked so far"
        return self._run("select coalesce(sum(dollars), 0) from bills")[0][0]
