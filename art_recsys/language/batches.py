"""OpenAI's Batch API: half the price, an answer within a day, for runs of many thousand requests.

Requests become shards on disk (`NAME.jsonl`, with its state in `NAME.json`) that keep within the limits of rows, bytes
and enqueued tokens. A killed run continues where it stopped: a shard that was sent is known by its batch id. Where the
run was killed between sending a shard and noting its id, the shard is known by its name, which the batch carries as
metadata. Answers are matched by `custom_id`, since their order is not kept. Rows in the error file and rows of an
expired batch are queued again. API: https://platform.openai.com/docs/guides/batch
"""

import json
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Literal

import openai
from filelock import FileLock
from openai.types import Batch

from art_recsys.config import UserError, fingerprint, progress, read_json, write_atomic, write_json

from .texts import counted

__all__ = ["Batches", "Limits", "Row"]

Endpoint = Literal["/v1/responses", "/v1/chat/completions"]
RUNNING = ("validating", "in_progress", "finalizing", "cancelling")


@dataclass(frozen=True)
class Limits:
    "What the API accepts, and how patient a run is"

    rows: int = 50_000  # of a batch
    bytes: int = 190_000_000  # of its file; the API's own limit is 200 MB
    tokens: int = 20_000_000  # in all unfinished batches; accounts differ, and a shard above the limit is halved
    poll: float = 30.0  # seconds between two checks of a batch
    tries: int = 3  # times that a row is sent


@dataclass(frozen=True)
class Row:
    "One request"

    id: str  # its key, at most 64 characters
    body: dict  # what would be posted to the endpoint
    tokens: int  # estimate of its input
    dollars: float  # estimate of its price


@dataclass
class Job:
    "A shard and its state"

    name: str  # fingerprint of its rows
    task: str  # handed back with each answer
    endpoint: Endpoint  # of the API, which its rows are sent to
    rows: int = 0  # requests
    bytes: int = 0  # of its file
    tokens: int = 0  # estimate of its input
    dollars: float = 0.0  # estimate of its price
    tries: int = 1  # times that its rows were sent, this one included
    batch_id: str | None = None  # of the API; None before it is sent


class Batches:
    "Sends requests in batches and hands over the answers"

    def __init__(
        self,
        client: openai.OpenAI,  # whose account pays
        folder: Path,  # where shards and their state are kept
        take: Callable[[str, str, dict], None],  # called with task, id and body of each answer; may be called twice
        reserve: Callable[[str, float], None],  # called with a shard's name and dollars before it is sent; may raise
        settle: Callable[[str], None],  # called with a shard's name when all its answers are taken, or it is given up
        limits: Limits = Limits(),  # of the API and the account
    ):
        self.client, self.folder, self.limits = client, folder, limits
        self.take, self.reserve, self.settle = take, reserve, settle
        self.counts: Counter[str] = Counter()  # rows by what became of them

    # ---- the shards on disk

    def _state(self, job: Job) -> Path:
        return self.folder / f"{job.name}.json"

    def _file(self, job: Job) -> Path:
        return self.folder / f"{job.name}.jsonl"

    def _save(self, job: Job) -> None:
        write_json(asdict(job), self._state(job))

    def jobs(self) -> list[Job]:
        "The shards that are not done"
        return [Job(**read_json(p)) for p in sorted(self.folder.glob("*.json"))]

    def _drop(self, job: Job) -> None:
        for path in (self._state(job), self._file(job)):
            path.unlink(missing_ok=True)

    def _lines(self, job: Job) -> Iterator[tuple[str, str]]:
        "id and line of each row"
        with open(self._file(job), encoding="utf-8", newline="\n") as f:
            for line in f:
                yield json.loads(line)["custom_id"], line

    def _write(self, rows: Iterable[tuple[str, int, float]], job: Job) -> Iterator[Job]:
        "Cut (line, tokens, dollars) into shards within the limits; each is yielded once it is on disk"
        part, lines = replace(job), list[str]()
        for line, tokens, dollars in rows:
            size, most = len(line.encode()), self.limits
            if lines and (
                part.rows == most.rows or part.bytes + size > most.bytes or part.tokens + tokens > most.tokens
            ):
                yield self._keep(part, lines)
                part, lines = replace(job), []
            lines.append(line)
            part.rows, part.bytes, part.tokens, part.dollars = (
                part.rows + 1,
                part.bytes + size,
                part.tokens + tokens,
                part.dollars + dollars,
            )
        if lines:
            yield self._keep(part, lines)

    def _keep(self, job: Job, lines: list[str]) -> Job:
        job.name = fingerprint(job.tries, lines)
        with write_atomic(self._file(job)) as p:
            p.write_text("".join(lines), encoding="utf-8", newline="\n")
        self._save(job)
        return job

    def _again(self, job: Job, ids: set[str], tries: int) -> list[Job]:
        "New shards of some rows of an old one"
        lines = [line for id, line in self._lines(job) if id in ids]
        each = [(line, job.tokens // job.rows, job.dollars / job.rows) for line in lines]
        return list(self._write(each, Job("", job.task, job.endpoint, tries=tries)))

    # ---- one shard

    def _submit(self, job: Job) -> None:
        self.reserve(job.name, job.dollars)
        with open(self._file(job), "rb") as f:
            sent = self.client.files.create(file=f, purpose="batch")
        batch = self.client.batches.create(
            input_file_id=sent.id, endpoint=job.endpoint, completion_window="24h", metadata={"art_recsys": job.name}
        )
        job.batch_id = batch.id
        self._save(job)

    def _adopt(self) -> None:
        "Find the batches of shards whose sending was cut short; a shard never sent is dropped, its rows are asked anew"
        lost = {j.name: j for j in self.jobs() if j.batch_id is None}
        known = {
            (b.metadata or {})["art_recsys"]: b.id
            for b in (self.client.batches.list(limit=100) if lost else ())
            if (b.metadata or {}).get("art_recsys") in lost and b.status != "failed"
        }
        for name, job in lost.items():
            if name in known:
                job.batch_id = known[name]
                self._save(job)
            else:
                self.settle(name)
                self._drop(job)

    def _answers(self, file_id: str | None) -> Iterator[dict]:
        if file_id is None:
            return
        for line in self.client.files.content(file_id).text.split("\n"):  # splitlines would split inside a text
            if line.strip():
                yield json.loads(line)

    def _check(self, job: Job) -> bool:
        "Look at a batch and take its answers once it has ended; True if it has"
        assert job.batch_id is not None
        batch = self.client.batches.retrieve(job.batch_id)
        if batch.status in RUNNING:
            return False
        if batch.status == "failed":
            self._failed(job, batch)
            return True
        ids = {id for id, _ in self._lines(job)}
        done: set[str] = set()
        hopeless: set[str] = set()
        for reply in (*self._answers(batch.output_file_id), *self._answers(batch.error_file_id)):
            id, answer = reply["custom_id"], reply.get("response") or {}
            if id not in ids:
                continue
            if answer.get("status_code") == 200:
                self.take(job.task, id, answer["body"])
                done.add(id)
            elif 400 <= answer.get("status_code", 0) < 500 and answer["status_code"] not in (408, 409, 429):
                hopeless.add(id)
        self.settle(job.name)
        left = ids - done - hopeless
        retry = left if job.tries < self.limits.tries and batch.status != "cancelled" else set()
        self.counts += Counter(
            answered=len(done), rejected=len(hopeless), queued_again=len(retry), given_up=len(left - retry)
        )
        self._again(job, retry, job.tries + 1)
        self._drop(job)
        if (
            batch.status == "cancelled" and left
        ):  # somebody stopped it: the rows must not be asked directly at twice the price
            raise UserError(
                f"The batch {batch.id} was cancelled with {counted(len(left), 'row')} unanswered; the others are kept.",
                "run again to ask for them anew, or set writer = offline",
            )
        return True

    def _failed(self, job: Job, batch: Batch) -> None:
        "A batch that was not accepted costs nothing; one that was too large for the account is halved"
        errors = (batch.errors and batch.errors.data) or []
        self.settle(job.name)
        if any(e.code == "token_limit_exceeded" for e in errors) and job.rows > 1:
            self.limits = replace(self.limits, tokens=max(1, min(self.limits.tokens, job.tokens) // 2))
            self._again(job, {id for id, _ in self._lines(job)}, job.tries)
            self.counts["halved"] += 1
            self._drop(job)
            return
        self._drop(job)
        why = "; ".join(dict.fromkeys(f"{e.code}: {e.message}" for e in errors)) or "no reason given"
        raise UserError(
            f"OpenAI did not accept a batch of {counted(job.rows, 'row')} ({why}).",
            "fix that, or set batch = off; what is paid is kept",
        )

    # ---- all of them

    def _drain(self) -> None:
        "Send what fits, check, wait, until no shard is left"
        bar = progress(None, "batches", sum(j.rows for j in self.jobs()), "row")
        while jobs := self.jobs():
            under_way = sum(j.tokens for j in jobs if j.batch_id)
            for job in (j for j in jobs if not j.batch_id):
                if under_way and under_way + job.tokens > self.limits.tokens:
                    continue
                self._submit(job)
                under_way += job.tokens
            ended = [job for job in jobs if job.batch_id and self._check(job)]
            bar.update(sum(j.rows for j in ended))
            if not ended:
                time.sleep(self.limits.poll)
        bar.close()

    def run(
        self,
        task: str,  # handed back with each answer
        endpoint: Endpoint,  # `/v1/responses` or `/v1/chat/completions`
        rows: Callable[
            [], Iterable[Row]
        ],  # what is still to be asked; called after the answers of unfinished batches are in
        least: int = 1,  # fewer rows than this are not worth a batch
    ) -> Counter:  # rows by what became of them
        "Collect the answers of unfinished batches, then send the rest and wait for it"
        self.folder.mkdir(parents=True, exist_ok=True)
        with FileLock(self.folder / ".lock"):
            self._adopt()
            self._drain()
            lines = (
                (
                    json.dumps({"custom_id": r.id, "method": "POST", "url": endpoint, "body": r.body}) + "\n",
                    r.tokens,
                    r.dollars,
                )
                for r in progress(rows(), "batch")
            )
            new = list(self._write(lines, Job("", task, endpoint)))
            if sum(j.rows for j in new) < least:
                for job in new:
                    self._drop(job)
            self._drain()
        return self.counts
