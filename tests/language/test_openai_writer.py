"""The OpenAI writer: the real SDK against a fake server on loopback that fails in every way."""

import base64
import io
import json
import re
import time

import pytest
from PIL import Image

from art_recsys.config import UserError
from art_recsys.core import Cols
from art_recsys.language.batches import Limits
from art_recsys.language.cache import ReplyCache
from art_recsys.language.openai_writer import OpenAIWriter
from art_recsys.language.prompts import PROMPTS
from art_recsys.language.replies import Profile, WriterError

from .openai_standin import Cut, Quota, Slow, question
from .works import ORDER, WORK, picture

BOTH = pytest.mark.parametrize("responses", [True, False], ids=["responses", "chat"])


def writer_of(api, responses, cache=None):
    return OpenAIWriter("gpt-test", base_url=api.url, api_key="k", cache=cache, responses=responses)


@BOTH
def test_the_sdk_describes_a_picture_after_a_429(api, responses, tmp_path):
    api.replies = [429, {"text": "Blue and calm."}]
    assert writer_of(api, responses).describe(picture(tmp_path / "p.png"), WORK) == "Blue and calm."
    path, body = api.asked[-1]
    assert len(api.asked) == 2 and path == ("/v1/responses" if responses else "/v1/chat/completions")
    content = body["input"][0]["content"] if responses else body["messages"][0]["content"]
    image = content[1] if responses else content[1]["image_url"]
    url = image["image_url"] if responses else image["url"]
    assert (
        content[0]["text"] == PROMPTS["describe"]
        and image["detail"] == "low"
        and url.startswith("data:image/jpeg;base64,")
    )
    schema = body["text"]["format"] if responses else body["response_format"]["json_schema"]
    assert schema["strict"] is True


@BOTH
def test_a_profile_comes_back_valid_and_is_never_paid_twice(api, responses, tmp_path):
    api.replies = [{"age": 41, "gender": "n", "description": "A sailmaker\u0007 in Lisbon."}]
    cache = ReplyCache(tmp_path / "c.db")
    first = writer_of(api, responses, cache).profile([WORK] * 4, (), "u1")
    again = writer_of(api, responses, ReplyCache(tmp_path / "c.db")).profile([WORK] * 4, (), "u1")
    assert first == again == Profile(age=41, gender="N", description="A sailmaker in Lisbon.") and len(api.asked) == 1
    writer_of(api, responses, cache).profile([WORK] * 4, (), "u2")
    assert len(api.asked) == 2


@BOTH
@pytest.mark.parametrize(
    "reply, kind, times",
    [
        ({"refusal": "I will not."}, "refused", 1),
        ("not json", "invalid", 2),
        ({"age": 999, "gender": "F", "description": "x"}, "invalid", 2),
        ({"age": "30 or so", "gender": "F", "description": "x"}, "invalid", 2),
        ({"age": 30, "gender": "X", "description": "x"}, "invalid", 2),
        ({"age": 30, "gender": "F", "description": ""}, "invalid", 2),
        ({"age": 30, "gender": "F", "description": "x", "key": "y"}, "invalid", 2),
        (Cut('{"age": 3'), "truncated", 2),
        (400, "rejected", 1),
    ],
)
def test_unusable_answers_have_a_kind_a_number_of_tries_and_are_not_kept(api, responses, reply, kind, times, tmp_path):
    api.replies = [reply]
    cache = ReplyCache(tmp_path / "c.db")
    with pytest.raises(WriterError) as e:
        writer_of(api, responses, cache).profile([WORK])
    assert e.value.kind == kind and len(cache) == 0 and len(api.asked) == times


@BOTH
def test_a_refusal_is_not_paid_twice_and_a_second_chance_is_taken(api, responses, tmp_path):
    api.replies = [{"refusal": "I will not."}]
    writer = writer_of(api, responses, ReplyCache(tmp_path / "c.db"))
    for _ in range(3):
        with pytest.raises(WriterError, match="refused"):
            writer.profile([WORK])
    assert len(api.asked) == 1
    api.replies, api.asked = [Cut('{"text": "Bl'), {"text": "Blue."}], []
    assert writer.describe(None, WORK) == "Blue."
    room = [b["max_output_tokens" if responses else "max_tokens"] for _, b in api.asked]
    assert len(room) == 2 and room[1] == 4 * room[0]


@BOTH
def test_texts_that_are_too_long_are_cut_and_counted(api, responses):
    api.replies = [{"text": "word " * 1000}]
    writer = writer_of(api, responses)
    assert len(writer.describe(None, WORK)) <= 800 and writer.counts["shortened"] == 1
    api.replies = [{"text": "a\nb\nc\nd\ne\nf"}]
    assert writer.describe(None, WORK).count("\n") == 3 and writer.counts["shortened"] == 2


@BOTH
def test_retry_after_is_obeyed_and_silence_is_asked_again(api, responses):
    api.replies = [Quota(0.4), {"text": "Blue."}]
    start = time.monotonic()
    assert writer_of(api, responses).describe(None, WORK) == "Blue." and time.monotonic() - start > 0.35
    api.replies, api.asked = [500, Slow(2, {"text": "Late."}), {"text": "Blue."}], []
    writer = writer_of(api, responses)
    writer.client = writer.client.with_options(timeout=0.4)
    assert writer.describe(None, WORK) == "Blue." and len(api.asked) == 3


def test_a_broken_picture_among_liked_ones_is_left_out_of_the_question(api, tmp_path):
    (tmp_path / "broken.jpg").write_bytes(b"no picture")
    api.replies = [{"age": 30, "gender": "F", "description": "x"}]
    writer_of(api, True).profile([WORK] * 3, [picture(tmp_path / "p.png"), tmp_path / "broken.jpg", None])
    kinds = [c["type"] for c in api.asked[0][1]["input"][0]["content"]]
    assert kinds == ["input_text", "input_image", "input_text"]


@BOTH
@pytest.mark.parametrize(
    "status, words",
    [(401, "OPENAI_API_KEY"), (403, "OPENAI_API_KEY"), (404, "openai_model"), ((429, "insufficient_quota"), "credit")],
)
def test_what_would_fail_every_time_stops_the_run(api, responses, status, words):
    api.replies = [status]
    with pytest.raises(UserError, match=words):
        writer_of(api, responses).profile([WORK])


def test_the_picture_sent_is_no_larger_than_low_detail_needs(api, tmp_path):
    big = tmp_path / "big.png"
    Image.new("RGB", (3000, 1500), "red").save(big)
    api.replies = [{"text": "Red."}]
    writer_of(api, True).describe(big, WORK)
    url = api.asked[0][1]["input"][0]["content"][1]["image_url"]
    assert max(Image.open(io.BytesIO(base64.b64decode(url.split(",")[1]))).size) <= 512


@BOTH
def test_a_title_that_gives_orders_is_bounded_data(api, responses):
    api.replies = [{"age": 30, "gender": "F", "description": "x"}]
    writer_of(api, responses).profile([WORK | {Cols.title: ORDER, Cols.tags: [ORDER] * 500}])
    body = api.asked[0][1]
    prompt, data = (c["text"] for c in (body["input"] if responses else body["messages"])[0]["content"])
    assert prompt == PROMPTS["profile"] and len(data) < 1500 and data.count("</data>") == 1 and data.endswith("</data>")
    assert not re.search("[\x00-\x09\x0b-\x1f\u202e]", data)
    assert set(json.loads(data.split("\n")[2])[0]) <= {"title", "category", "tags"}


@BOTH
def test_a_model_that_obeys_an_injected_order_cannot_leave_the_schema(api, responses, tmp_path):
    def obedient(body):
        return (
            {"age": 1, "admin": True, "description": "pwned"} if "Ignore all" in question(body) else {"text": "Blue."}
        )

    api.replies = obedient
    writer, cache = writer_of(api, responses), ReplyCache(tmp_path / "c.db")
    for ask in (lambda w: writer.profile([w]), lambda w: writer.describe(None, w)):
        with pytest.raises(WriterError, match="invalid"):
            ask(WORK | {Cols.title: ORDER})
    assert len(cache) == 0
    schemas = {
        json.dumps(
            b["text"]["format"]["schema"] if responses else b["response_format"]["json_schema"]["schema"],
            sort_keys=True,
        )
        for _, b in api.asked
    }
    writer.describe(None, WORK)
    b = api.asked[-1][1]
    assert (
        json.dumps(
            b["text"]["format"]["schema"] if responses else b["response_format"]["json_schema"]["schema"],
            sort_keys=True,
        )
        in schemas
    )
    assert all('"additionalProperties": false' in s for s in schemas)


def test_a_picture_is_asked_about_once_by_its_content_and_a_work_without_one_by_its_facts(api, tmp_path):
    api.replies = [{"text": "Blue."}]
    writer = writer_of(api, True, ReplyCache(tmp_path / "c.db"))
    one, copy = picture(tmp_path / "1.png"), picture(tmp_path / "2.png")
    for p, title in ((one, "A"), (copy, "A"), (one, "B")):
        writer.describe(p, WORK | {Cols.title: title})
    assert len(api.asked) == 1
    picture(one, (1, 2, 3), spot=(200, 0, 0))
    writer.describe(one, WORK)
    assert len(api.asked) == 2
    for name in ("3.jpg", "4.jpg"):
        (tmp_path / name).write_bytes(b"<html>not found</html>")
    for name, title in (("3.jpg", "A"), ("4.jpg", "B"), ("3.jpg", "A")):
        writer.describe(tmp_path / name, WORK | {Cols.title: title})
    assert len(api.asked) == 4


@pytest.mark.parametrize(
    "limits, shards",
    [(Limits(rows=7, poll=0.02), 3), (Limits(bytes=2500, poll=0.02), 7), (Limits(tokens=1300, poll=0.02), 3)],
)
def test_shards_keep_within_every_limit(api, tmp_path, limits, shards):
    api.replies = [{"text": "Blue."}]
    writer = OpenAIWriter(
        "m", api_key="k", base_url=api.url, cache=ReplyCache(tmp_path / "c.db"), batch="on", limits=limits
    )
    writer.prefetch("describe", [([WORK | {Cols.title: f"marker-{i}"}], [None], "") for i in range(20)])
    sent = [f for f in api.files.values() if '"POST"' in f]
    assert len(writer.cache) == 20 and len(sent) >= shards
    assert all(f.count("\n") <= limits.rows and len(f) <= limits.bytes for f in sent)
