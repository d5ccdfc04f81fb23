"""Reading a reply of the OpenAI API, and turning an error of its SDK into something to act on.

Shapes: https://platform.openai.com/docs/api-reference/responses/object and .../chat/object
"""

import json
from dataclasses import dataclass

import openai
from openai.types.chat import ChatCompletion
from openai.types.responses import Response
from pydantic import BaseModel

from art_recsys.config import UserError

from .replies import WriterError

__all__ = ["ApiReply", "explain", "read_reply", "was_shortened"]


@dataclass(frozen=True)
class ApiReply:
    "What matters in a reply, whichever of the two APIs sent it"

    text: str  # what the model wrote
    refusal: str  # why it will not answer, or empty
    state: str  # `truncated`, `refused` or empty
    tokens_in: int  # tokens sent; -1 where the server does not say
    tokens_out: int  # tokens answered; -1 where the server does not say


def _of_responses(body: dict) -> ApiReply:
    r = Response.construct(**body)
    refusal = " ".join(c.refusal for o in r.output if o.type == "message" for c in o.content if c.type == "refusal")
    cut = r.status == "incomplete" and r.incomplete_details and r.incomplete_details.reason
    state = {"max_output_tokens": "truncated", "content_filter": "refused"}.get(cut or "", "truncated" if cut else "")
    used = (r.usage.input_tokens, r.usage.output_tokens) if r.usage else (-1, -1)
    return ApiReply(r.output_text, refusal, state, *used)


def _of_chat(body: dict) -> ApiReply:
    r = ChatCompletion.construct(**body)
    c = r.choices[0]
    state = {"length": "truncated", "content_filter": "refused"}.get(c.finish_reason, "")
    used = (r.usage.prompt_tokens, r.usage.completion_tokens) if r.usage else (-1, -1)
    return ApiReply(c.message.content or "", c.message.refusal or "", state, *used)


def read_reply(
    body: str | dict,  # JSON of the reply
    responses: bool,  # of the Responses API; False: of chat completions
) -> ApiReply:
    "The parts of a reply that decide what is done with it; `WriterError` if it is not a reply of this API"
    try:
        found = json.loads(body) if isinstance(body, str) else body
        return _of_responses(found) if responses else _of_chat(found)
    except (ValueError, KeyError, IndexError, TypeError, AttributeError) as e:
        raise WriterError("invalid", f"not a reply of this API: {e}") from e


def was_shortened(
    reply: BaseModel,  # as validated
    text: str,  # JSON that the model wrote
) -> bool:
    "Whether a validator cut off characters or joined lines"
    raw = json.loads(text)
    return any(
        (v.endswith("…") and not raw[k].endswith("…")) or raw[k].strip().count("\n") > v.count("\n")
        for k, v in reply.model_dump().items()
        if isinstance(v, str)
    )


def explain(
    e: openai.OpenAIError,  # from the SDK (https://github.com/openai/openai-python#handling-errors)
    model: str,  # that was asked
) -> UserError | WriterError:
    "What would go wrong with every answer as a `UserError` with its remedy, the rest as a `WriterError`"
    if isinstance(e, (openai.AuthenticationError, openai.PermissionDeniedError)):
        return UserError(
            f"OpenAI refused the key ({e.status_code}).", "correct OPENAI_API_KEY, or set writer = offline"
        )
    if isinstance(e, openai.NotFoundError):
        return UserError(f"The model {model} was not found.", "correct openai_model or base_url")
    if isinstance(e, openai.RateLimitError) and e.code == "insufficient_quota":
        return UserError(
            "The OpenAI account has no quota left.",
            "add credit and run again: what is paid is kept; or set writer = offline",
        )
    if isinstance(e, openai.APIStatusError) and "image input is not supported" in str(e):
        return UserError(
            f"The model {model} at base_url cannot see pictures.",
            "serve a model with vision, or set writer = offline",
        )
    if isinstance(e, (openai.RateLimitError, openai.InternalServerError, openai.APIConnectionError)):
        return WriterError("unreachable", str(e))
    return WriterError("rejected" if isinstance(e, openai.APIStatusError) else "invalid", str(e))
