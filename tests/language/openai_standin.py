"""A fake server on loopback that speaks like OpenAI and fails on demand; the client in the tests is the real SDK.

Its answers are `replies`, a list that is used up to its last element (which then repeats), or a function of the body:

    {'text': 'Blue.'}              a good answer            'not json'               any text as the answer
    {'refusal': 'No.'}             a refusal                Cut('{"te')              an answer that hit its token limit
    500, 429                       an HTTP error            (429, 'insufficient_quota')   one with a code
    Slow(.5, reply)                the reply, later         Quota(.2)                a 429 with Retry-After

Batches: `plan` lists the end of each batch in turn (every later one is 'completed'): 'completed', 'expired' and
'cancelled' (the first half is answered), 'errors' (its first row is in the error file, with 500), 'rejected' (the same
with 400), or a code such as 'token_limit_exceeded' for a batch that is not accepted. Answers come in reverse order.
`polls` is how often a batch is seen at work before it ends. `paid` counts answers of any kind by question, direct ones
and those in batches.
"""

import json
import threading
import time
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Cut:
    text: str


@dataclass
class Slow:
    seconds: float
    reply: object


@dataclass
class Quota:
    retry_after: float


USAGE = 100, 20  # tokens of every question and answer


def error(status, code=None):
    return status, {"error": {"message": f"stand-in says {status}", "type": "error", "code": code, "param": None}}


def as_response(model, reply):
    refused, cut = isinstance(reply, dict) and "refusal" in reply, isinstance(reply, Cut)
    text = reply.text if cut else reply if isinstance(reply, str) else json.dumps(reply)
    part = (
        {"type": "refusal", "refusal": reply["refusal"]}
        if refused
        else {"type": "output_text", "text": text, "annotations": []}
    )
    return {
        "id": "resp_1",
        "object": "response",
        "created_at": 1,
        "status": "incomplete" if cut else "completed",
        "model": model,
        "error": None,
        "incomplete_details": {"reason": "max_output_tokens"} if cut else None,
        "instructions": None,
        "metadata": {},
        "parallel_tool_calls": True,
        "temperature": 1.0,
        "tool_choice": "auto",
        "tools": [],
        "top_p": 1.0,
        "usage": {
            "input_tokens": USAGE[0],
            "output_tokens": USAGE[1],
            "total_tokens": sum(USAGE),
            "input_tokens_details": {"cached_tokens": 0},
            "output_tokens_details": {"reasoning_tokens": 0},
        },
        "output": [{"type": "message", "id": "msg_1", "status": "completed", "role": "assistant", "content": [part]}],
    }


def as_completion(model, reply):
    refused, cut = isinstance(reply, dict) and "refusal" in reply, isinstance(reply, Cut)
    text = reply.text if cut else reply if isinstance(reply, str) else json.dumps(reply)
    message = {
        "role": "assistant",
        "content": None if refused else text,
        "refusal": reply["refusal"] if refused else None,
    }
    return {
        "id": "chat_1",
        "object": "chat.completion",
        "created": 1,
        "model": model,
        "choices": [{"index": 0, "finish_reason": "length" if cut else "stop", "message": message, "logprobs": None}],
        "usage": {"prompt_tokens": USAGE[0], "completion_tokens": USAGE[1], "total_tokens": sum(USAGE)},
    }


def question(body):
    "What identifies a question: its texts and pictures"
    return json.dumps((body.get("input") or body.get("messages"))[0]["content"], sort_keys=True)


class StandIn:
    def __init__(self):
        self.replies, self.asked, self.paid, self.lock = [], [], Counter(), threading.RLock()
        self.files, self.batches, self.plan, self.polls, self.created = {}, {}, [], 1, threading.Event()
        self.hold_create = 0.0  # seconds that a made batch keeps its maker waiting

    def _next(self, body):
        with self.lock:
            if callable(self.replies):
                return self.replies(body)
            return self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]

    # ---- direct questions

    def answer(self, path, body):
        with self.lock:
            self.asked.append((path, body))
        reply = self._next(body)
        if isinstance(reply, Slow):
            time.sleep(reply.seconds)
            reply = reply.reply
        if isinstance(reply, Quota):
            return *error(429), {"retry-after": str(reply.retry_after)}
        if isinstance(reply, tuple):
            return error(*reply)
        if isinstance(reply, int):
            return error(reply)
        with self.lock:
            self.paid[question(body)] += 1
        return 200, (as_response if path.endswith("/responses") else as_completion)(body["model"], reply)

    # ---- batches

    def upload(self, content):
        with self.lock:
            id = f"file-{len(self.files)}"
            self.files[id] = content
        return 200, {
            "id": id,
            "object": "file",
            "bytes": len(content),
            "created_at": 1,
            "filename": "f.jsonl",
            "purpose": "batch",
            "status": "processed",
        }

    def create(self, body):
        with self.lock:
            id, fate = f"batch_{len(self.batches)}", self.plan.pop(0) if self.plan else "completed"
            self.batches[id] = dict(
                id=id,
                object="batch",
                endpoint=body["endpoint"],
                input_file_id=body["input_file_id"],
                created_at=1,
                completion_window="24h",
                status="validating",
                metadata=body.get("metadata"),
                fate=fate,
                seen=0,
                output_file_id=None,
                error_file_id=None,
                errors=None,
            )
        self.created.set()
        time.sleep(self.hold_create)
        return 200, self._shown(id)

    def _shown(self, id):
        return {k: v for k, v in self.batches[id].items() if k not in ("fate", "seen")}

    def look(self, id):
        with self.lock:
            b = self.batches[id]
            b["seen"] += 1
            if b["status"] in ("validating", "in_progress"):
                b["status"] = "in_progress"
                if b["seen"] > self.polls:
                    self._finish(b)
            return 200, self._shown(id)

    def _finish(self, b):
        rows = [json.loads(line) for line in self.files[b["input_file_id"]].split("\n") if line]
        good, bad = rows, []
        if b["fate"] in ("expired", "cancelled"):
            good, bad = rows[: len(rows) // 2], [(r, None) for r in rows[len(rows) // 2 :]]
        if b["fate"] == "errors":
            good, bad = rows[1:], [(rows[0], 500)]
        if b["fate"] == "rejected":
            good, bad = rows[1:], [(rows[0], 400)]
        if b["fate"] not in ("completed", "expired", "cancelled", "errors", "rejected"):
            b.update(
                status="failed",
                errors={"object": "list", "data": [{"code": b["fate"], "message": "no", "line": None, "param": None}]},
            )
            return
        out = []
        for r in reversed(good):
            self.paid[question(r["body"])] += 1
            made = (as_response if r["url"].endswith("/responses") else as_completion)(
                r["body"]["model"], self._next(r["body"])
            )
            out.append(
                {
                    "id": "x",
                    "custom_id": r["custom_id"],
                    "error": None,
                    "response": {"status_code": 200, "request_id": "x", "body": made},
                }
            )
        wrong = [
            {
                "id": "x",
                "custom_id": r["custom_id"],
                "error": {"code": "batch_expired", "message": "late"} if status is None else None,
                "response": status and {"status_code": status, "request_id": "x", "body": error(status)[1]},
            }
            for r, status in bad
        ]
        b["status"] = b["fate"] if b["fate"] in ("expired", "cancelled") else "completed"
        for kind, lines in (("output_file_id", out), ("error_file_id", wrong)):
            if lines:
                b[kind] = self.upload("\n".join(json.dumps(x, ensure_ascii=False) for x in lines) + "\n")[1]["id"]


def _upload_of(handler, raw):
    "The file in a multipart form"
    boundary = handler.headers["content-type"].split("boundary=")[1].encode()
    part = next(p for p in raw.split(b"--" + boundary) if b'name="file"' in p)
    return part.split(b"\r\n\r\n", 1)[1].removesuffix(b"\r\n").decode()


@contextmanager
def serving(stand_in):
    "Serve it; yields the base URL"

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            raw = self.rfile.read(int(self.headers["content-length"]))
            if self.path == "/v1/files":
                return self._reply(*stand_in.upload(_upload_of(self, raw)))
            body = json.loads(raw)
            self._reply(*(stand_in.create(body) if self.path == "/v1/batches" else stand_in.answer(self.path, body)))

        def do_GET(self):
            path = self.path.split("?")[0].removeprefix("/v1/").split("/")
            if path == ["batches"]:
                return self._reply(
                    200,
                    {
                        "object": "list",
                        "data": [stand_in._shown(b) for b in reversed(list(stand_in.batches))],
                        "has_more": False,
                    },
                )
            if path[0] == "batches":
                return self._reply(*stand_in.look(path[1]))
            self._write(200, stand_in.files[path[1]].encode(), "application/octet-stream")

        def _reply(self, status, out, headers=()):
            self._write(status, json.dumps(out).encode(), "application/json", headers)

        def _write(self, status, data, kind, headers=()):
            try:
                self.send_response(status)
                for k, v in {
                    "content-type": kind,
                    "content-length": str(len(data)),
                    "retry-after": "0.01",
                    **dict(headers),
                }.items():
                    self.send_header(k, v)
                self.end_headers()
                self.wfile.write(data)
            except ConnectionError:
                pass  # the client is gone: it was killed, or gave up waiting

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
