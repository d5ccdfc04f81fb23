"""A language model as a writer, through the OpenAI SDK: OpenAI itself, or a server that has the same API.

OpenAI is asked through the Responses API. Other servers with this API (Ollama, vLLM, llama.cpp) tend to ignore
the schema there, so wherever `base_url` is set, chat completions are used. Pictures go as bytes with `detail: low`,
which costs a fixed number of tokens; left at auto, three pictures once cost 25,600.

A request goes to the cache first. Then its key is locked, the cache is read again (another process may have been
faster), its highest price is booked, and only then is it sent. A killed process leaves its last bookings standing, as
does a request that nobody answered in time: they may have been charged. The SDK retries after a timeout by itself, and
each of those tries may be charged too.
"""

import random
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import numpy as np
import openai
from pydantic import ValidationError

from art_recsys.config import UserError, fingerprint, progress

from .api_replies import explain, read_reply, was_shortened
from .batches import Batches, Limits, Row
from .cache import ReplyCache
from .pictures import Reading, digests
from .prices import PRICES_OF, Price
from .prompts import PROMPT_VERSION, PROMPTS, blocks, quoted
from .replies import FORMS, Description, Profile, WriterError

__all__ = ["ANSWER_TOKENS", "OpenAIWriter", "Question"]

ANSWER_TOKENS = 300  # limit of an answer; four lines need about 80
EXPECTED_TOKENS = 100  # of an answer, for a quote
WORTH_A_BATCH = 1000  # requests from which on `batch = auto` uses the Batch API of OpenAI itself

Question = tuple[list[dict], list[Path | None], str]  # works, their pictures, the user whose profile it is


class OpenAIWriter:
    "Asks a language model, never twice for the same thing; safe with several threads"

    def __init__(
        self,
        model: str,  # for example `gpt-4o-mini`
        base_url: str | None = None,  # of an OpenAI-compatible server; None: OpenAI
        api_key: str | None = None,  # needed for OpenAI itself
        cache: ReplyCache | None = None,  # where answers and bills are kept
        responses: bool | None = None,  # Responses API or chat completions; None: Responses where `base_url` is None
        batch: str = "off",  # `off`, `on`, or `auto`: OpenAI itself and a thousand requests or more
        budget: float | None = None,  # dollars for `cache` in all, or `UserError` if `price` is None; None: no limit
        price: Price | None = None,  # None where it is not known
        limits: Limits = Limits(),  # of batches  # noqa: B008
    ):
        self.model, self.cache, self.batch, self.budget, self.limits = model, cache, batch, budget, limits
        self.responses = base_url is None if responses is None else responses
        if budget is not None and price is None:
            raise UserError(
                f"budget is set, and the price of {model} is not known.",
                "name it: token_prices = input,output in dollars for a million tokens",
            )
        self.price, self.known = price or Price(0, 0, 2833), price is not None
        self.in_shard = 0.0  # dollars of the batch being read
        self.counts: Counter[str] = Counter()  # requests and tokens, for the summary of the stage
        self.lock = threading.Lock()
        self.client = openai.OpenAI(base_url=base_url, api_key=api_key or "local", timeout=60, max_retries=5)

    def __repr__(self) -> str:
        return f"OpenAIWriter({self.model})"

    def describe(
        self,
        picture: Path | None,  # sent to the model; None: it is sent the catalogue's facts
        work: dict,  # a row of `artworks`
        seen: Reading | None = None,  # not needed: the model looks for itself
    ) -> str:  # at most four lines
        "Describe a work by colour, mood and aesthetic; `WriterError` or `UserError` as `explain` has them"
        reply = self._ask("describe", [work], [picture])
        assert isinstance(reply, Description)
        return reply.text

    def profile(
        self,
        works: Sequence[dict],  # rows of `artworks` that the user likes
        pictures: Sequence[Path | None] = (),  # their pictures
        key: str = "",  # whose profile it is
    ) -> Profile:
        "The profile of an invented user who likes these works; `WriterError` or `UserError` as `explain` has them"
        reply = self._ask("profile", works, pictures, key)
        assert isinstance(reply, Profile)
        return reply

    def count(self, **n: int) -> None:
        "Add `n` (name of a count -> how many more) to the counts of this run"
        with self.lock:
            self.counts.update(n)

    # ---- what is sent

    def _content(self, parts: list[tuple[str, str]]) -> dict[str, Any]:
        "The model and the message, in the words of the API that is used"
        if self.responses:
            content: list[dict] = [
                {"type": "input_text", "text": c}
                if kind == "text"
                else {"type": "input_image", "image_url": c, "detail": "low"}
                for kind, c in parts
            ]
        else:
            content = [
                {"type": "text", "text": c}
                if kind == "text"
                else {"type": "image_url", "image_url": {"url": c, "detail": "low"}}
                for kind, c in parts
            ]
        message = {"role": "user", "content": content}
        return {"model": self.model, "input" if self.responses else "messages": [message]}

    def body_of(
        self,
        task: str,  # `describe` or `profile`
        works: Sequence[dict],  # rows of `artworks`
        pictures: Sequence[Path | None] = (),  # their pictures
    ) -> dict[str, Any]:  # JSON
        "The whole body of a request with its schema, as a line of the Batch API needs it; sends nothing"
        schema = openai.pydantic_function_tool(FORMS[task])["function"]["parameters"]
        form = {"name": task, "strict": True, "schema": schema}
        answer: dict[str, Any]
        if self.responses:
            answer = {"text": {"format": {"type": "json_schema", **form}}, "max_output_tokens": ANSWER_TOKENS}
        else:
            answer = {"response_format": {"type": "json_schema", "json_schema": form}, "max_tokens": ANSWER_TOKENS}
        return self._content(blocks(task, works, pictures)) | answer

    def _send(self, task: str, parts: list[tuple[str, str]], most: int) -> str:
        "Ask now; the body of the reply. `parse` makes the schema from the Pydantic model"
        form, content = FORMS[task], self._content(parts)
        if self.responses:
            raw = self.client.responses.with_raw_response
            return raw.parse(**content, text_format=form, max_output_tokens=most).text
        chat = self.client.chat.completions.with_raw_response
        return chat.parse(**content, response_format=form, max_tokens=most).text

    # ---- one request

    def _key(self, task: str, works: Sequence[dict], pictures: Sequence[Path | None], user: str) -> tuple[str, int]:
        "The key of a request and an estimate of its tokens (the schema is a hundred); no picture is encoded for it"
        seen = digests(pictures)
        facts = quoted(works) if task == "profile" or not seen else ""
        text = sum(-(-len(t.encode()) // 3) for t in (PROMPTS[task], facts))
        key = fingerprint(self.model, PROMPT_VERSION, task, seen, facts, user)
        return key, 100 + text + int(self.price.image) * len(seen)

    def _kept(self, task: str, key: str) -> Description | Profile | None:
        kept = self.cache.get(key) if self.cache is not None else None
        return FORMS[task].model_validate_json(kept) if kept else None

    def _ask(
        self, task: str, works: Sequence[dict], pictures: Sequence[Path | None], user: str = ""
    ) -> Description | Profile:
        "From the cache, or from the model and into the cache; a cut or garbled answer gets a second chance"
        key, tokens = self._key(task, works, pictures, user)
        if kept := self._kept(task, key):
            return kept
        with self.cache.alone(key) if self.cache is not None else nullcontext():
            if kept := self._kept(task, key):
                return kept
            parts = blocks(task, works, pictures)
            try:
                return self._pay(task, key, parts, tokens, ANSWER_TOKENS)
            except WriterError as e:
                if e.kind not in ("truncated", "invalid"):
                    raise
                self.count(asked_again=1)
                most = 4 * ANSWER_TOKENS if e.kind == "truncated" else ANSWER_TOKENS
                return self._pay(task, key, parts, tokens, most)

    def _pay(self, task: str, key: str, parts: list[tuple[str, str]], tokens: int, most: int) -> Description | Profile:
        "Book, ask, read"
        bill = f"{key}-{random.getrandbits(48):012x}"
        if self.cache is not None:
            self.cache.reserve(bill, self.price.dollars(tokens, most), self.budget)
        self.count(asked=1)
        try:
            body = self._send(task, parts, most)
        except openai.OpenAIError as e:
            silent = isinstance(e, openai.APITimeoutError)  # it may have been answered and charged all the same
            if self.cache is not None and not silent:
                self.cache.settle(bill, 0)
            raise explain(e, self.model) from e
        return self._read(task, key, body, bill)

    def _read(
        self, task: str, key: str, body: str | dict, bill: str = "", batch: bool = False
    ) -> Description | Profile:
        "Judge a reply, keep it if it is good, and settle its bill"
        r = read_reply(body, self.responses)
        if r.tokens_in >= 0:
            self.count(input_tokens=r.tokens_in, output_tokens=r.tokens_out)
            dollars = self.price.dollars(r.tokens_in, r.tokens_out, batch)
            if batch:
                self.in_shard += dollars
            elif self.cache is not None:
                self.cache.settle(bill, dollars)
        if r.refusal or r.state == "refused":
            if self.cache is not None:
                self.cache.refuse(key, r.refusal or "content filter")
            raise WriterError("refused", r.refusal or "content filter")
        if r.state:
            raise WriterError(r.state, f"after {r.tokens_out} tokens")
        try:
            reply = FORMS[task].model_validate_json(r.text)
        except ValidationError as e:
            raise WriterError("invalid", str(e)) from e
        self.count(shortened=int(was_shortened(reply, r.text)))
        if self.cache is not None:
            self.cache.put(key, reply.model_dump_json())
        return reply

    # ---- many requests

    def _unanswered(
        self, task: str, questions: Sequence[Question]
    ) -> Iterator[tuple[str, int, list[dict], list[Path | None]]]:
        "Key, tokens, works and pictures of the requests whose answer is not in the cache"
        for works, pictures, user in questions:
            key, tokens = self._key(task, works, pictures, user)
            try:
                if self._kept(task, key) is None:
                    yield key, tokens, works, pictures
            except WriterError:
                pass  # refused before

    def _take(self, task: str, key: str, body: dict) -> None:
        "One answer of a batch"
        try:
            self._read(task, key, body, batch=True)
        except WriterError as e:
            self.count(**{f"batch_{e.kind}": 1})

    def _settle_shard(self, name: str) -> None:
        "A batch costs what its answers used; rows without an answer are free"
        assert self.cache is not None
        self.cache.settle(name, self.in_shard)
        self.in_shard = 0.0

    def prefetch(
        self,
        task: str,  # `describe` or `profile`
        questions: Sequence[Question],  # all of the stage's; those answered already are left out
    ) -> None:
        """Have the requests answered by the Batch API, if the setting `batch` wants it and there are enough of them.

        The answers land in the cache, where `describe` and `profile` find them afterwards. A row that came back
        unusable is then asked directly. `UserError` where the API or the budget does not allow it.
        """
        least = {"off": 0, "on": 1, "auto": WORTH_A_BATCH if self.responses else 0}[self.batch]
        cache = self.cache
        if not least or cache is None:
            return

        def rows() -> Iterator[Row]:
            left = np.inf if self.budget is None else self.budget - cache.paid()
            for key, tokens, works, pictures in self._unanswered(task, questions):
                dollars = self.price.dollars(tokens, ANSWER_TOKENS, batch=True)
                if (left := left - dollars) < 0:
                    return  # the direct requests that follow will report that the budget is spent
                yield Row(key, self.body_of(task, works, pictures), tokens, dollars)

        def reserve(name: str, dollars: float) -> None:
            cache.reserve(name, dollars, self.budget)

        folder = cache.path.parent / "batches"
        batches = Batches(self.client, folder, self._take, reserve, self._settle_shard, self.limits)
        try:
            counts = batches.run(task, "/v1/responses" if self.responses else "/v1/chat/completions", rows, least)
        except openai.NotFoundError as e:
            raise UserError(f"{self.client.base_url} has no Batch API: {e}", "set batch = off") from e
        except openai.OpenAIError as e:
            why = explain(e, self.model)
            if isinstance(why, UserError):
                raise why from e
            raise UserError(
                f"The Batch API failed: {why}", "run again to continue where it stopped, or set batch = off"
            ) from e
        self.count(**{f"batch_{k}": n for k, n in counts.items()})

    def quote(
        self,
        task: str,  # `describe` or `profile`
        questions: Sequence[Question],  # all of the stage's
    ) -> dict[str, Any]:
        """Requests, tokens and dollars of what is not answered yet; sends nothing.

        Tokens of text are estimated at three bytes each, somewhat more than English needs: the exact count would need a
        vocabulary that has to be downloaded. `UserError` where the price is not known.
        """
        if not self.known:
            raise UserError(
                f"The price of {self.model} is not known.",
                "name it: token_prices = input,output in dollars for a million tokens",
            )
        found = [tokens for _, tokens, *_ in progress(self._unanswered(task, questions), "count", len(questions))]
        n = len(found)
        batch = self.batch == "on" or (self.batch == "auto" and self.responses and n >= WORTH_A_BATCH)

        def price(each: int) -> float:
            return round(self.price.dollars(sum(found), n * each, batch), 4)

        return {
            "task": task,
            "model": self.model,
            "rows": len(questions),
            "answered_before": len(questions) - n,
            "to_ask": n,
            "input_tokens": sum(found),
            "output_tokens": EXPECTED_TOKENS * n,
            "dollars": price(EXPECTED_TOKENS),
            "dollars_at_most": price(ANSWER_TOKENS),
            "batch": batch,
            "prices_of": PRICES_OF,
        }
