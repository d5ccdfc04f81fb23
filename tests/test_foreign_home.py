"""A home that somebody else prepared to act in one's name: a model that writes a file, options that name hosts."""

import hashlib
import json
import shutil

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
from typer.testing import CliRunner

from art_recsys.cli import app
from art_recsys.cli_trust import trust_first
from art_recsys.config import UserError, load_settings, read_json, state_folder, trust_home, write_json
from art_recsys.platform.embedded.jobs import fire
from art_recsys.platform.embedded.runner import serve as run_scripts
from art_recsys.serving.loading import load_service
from art_recsys.sources.file import FileSource


def cli(*arguments):
    "The command in this process: `(exit code, what it said)`; a `UserError` is exit code 2, as `main` makes it"
    result = CliRunner().invoke(app, trust_first([str(a) for a in arguments]))
    if isinstance(result.exception, UserError):
        return 2, str(result.exception)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.output


def evil_towers(folder, path):
    "Put towers that write the file `path` in the place of those in `folder`; they answer with zeros"
    import tensorflow as tf

    from art_recsys.models.vocabularies import PALETTE_SIZE, Vocabularies

    with np.load(folder / "works.npz") as works:
        dim, text, image = (works[c].shape[1] for c in ("vectors", "text", "image"))
    tags = sp.load_npz(folder / "tags.npz").shape[1]

    class Evil(tf.Module):
        @staticmethod
        def answer(n):
            with tf.control_dependencies([tf.io.write_file(str(path), "written by a model")]):
                return tf.zeros([n, dim])

    def ids(names):
        return {c: tf.TensorSpec([None], tf.int32, c) for c in names}

    module = Evil()
    users = ids(("user_id", "age", "gender")) | {"text": tf.TensorSpec([None, text], tf.float32, "text")}
    sizes = {"palette": PALETTE_SIZE, "text": text, "tags": tags, "image": image}
    artworks = ids(("artwork_id", *Vocabularies.parts, "period"))
    artworks |= {c: tf.TensorSpec([None, n], tf.float32, c) for c, n in sizes.items()}
    liked = tf.TensorSpec([None, None, dim], tf.float32, "liked")
    length = tf.TensorSpec([None], tf.int32, "length")
    module.query = tf.function(
        lambda liked, length, users: Evil.answer(tf.shape(length)[0]), input_signature=[liked, length, users]
    )
    module.works = tf.function(lambda works: Evil.answer(tf.shape(works["artwork_id"])[0]), input_signature=[artworks])
    shutil.rmtree(folder / "towers")
    tf.saved_model.save(module, str(folder / "towers"))


def fit_checksums(version):
    "Make the manifest of a model fit its files again"
    manifest = read_json(version / "manifest.json")
    files = {p.relative_to(version / "Files").as_posix(): p for p in (version / "Files").rglob("*") if p.is_file()}
    manifest["files"] = {
        n: {"sha256": hashlib.sha256(p.read_bytes()).hexdigest(), "bytes": p.stat().st_size} for n, p in files.items()
    }
    write_json(manifest, version / "manifest.json")


def test_a_model_of_somebody_else_is_refused_before_it_is_loaded(tiny_run, tmp_path, monkeypatch):
    home, written = tmp_path / "home", tmp_path / "written"
    shutil.copytree(tiny_run.home, home)
    version = home / "registry" / "Models" / "ranking" / "1"
    evil_towers(version / "Files" / "two_tower", written)
    fit_checksums(version)
    settings = tiny_run.model_copy(update={"home": home})
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "another person"))
    with pytest.raises(UserError, match="not marked as yours"):
        load_service(settings)
    code, said = cli("recommend", "ann", "--home", home)
    assert code == 2 and f"art-recsys trust --home {home}" in said and not written.exists()
    assert cli("trust", "--home", home)[0] == 0
    load_service(settings).close()
    assert written.read_text() == "written by a model", "this is what trusting a home means"


COMMANDS = [["run"], ["status"], ["serve"], ["gallery"], ["operators"], ["recommend", "ann"], ["like", "ann", "w"]]
COMMANDS += [["forget", "ann"], ["refresh"], ["rollback"], ["ingest"], ["run", "--dry-run"]]


@pytest.fixture
def foreign(tmp_path, monkeypatch):
    "A home that another person has made"
    home = tmp_path / "home"
    trust_home(home)
    write_json({"base_url": "http://evil.test/v1", "writer": "openai", "host": "0.0.0.0"}, home / "options.json")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "another person"))
    return home


@pytest.mark.parametrize("command", COMMANDS, ids=lambda c: " ".join(c))
def test_every_command_refuses_it(foreign, command):
    before = sorted(p.name for p in foreign.iterdir())
    code, said = cli(*command, "--home", foreign)
    assert code == 2 and "not marked as yours" in said and "trust --home" in said
    assert sorted(p.name for p in foreign.iterdir()) == before


@pytest.mark.parametrize("command", [["--trust", "status"], ["status", "--trust"]])
def test_trust_may_stand_anywhere_and_lasts(foreign, command):
    code, said = cli(*command, "--home", foreign)
    assert code == 0 and "base_url=http://evil.test/v1" in said and "ignored" in said
    code, said = cli("status", "--json", "--home", foreign)
    assert code == 0
    assert trust_first(["like", "--", "--trust", "w"]) == ["like", "--", "--trust", "w"], "an id may be anything"


def test_there_is_nothing_to_trust(tmp_path):
    code, said = cli("trust", "--home", tmp_path / "nothing")
    assert code == 2 and "There is no home" in said


def test_scripts_and_jobs_of_it_do_not_run(foreign):
    with pytest.raises(UserError, match="not marked as yours"):
        run_scripts(foreign, "query")
    with pytest.raises(UserError, match="not marked as yours"):
        fire(foreign, "report")


def test_options_of_a_run_that_spend_money_are_kept_for_the_person_alone(tmp_path):
    home, key = tmp_path / "home", {"OPENAI_API_KEY": "k"}
    arguments = ["ingest", "--section", "smoke", "--set", "n_artworks=8", "--set", "picture_size=64"]
    result = CliRunner().invoke(app, [*arguments, "--set", "writer=openai", "--home", str(home)], env=key)
    assert result.exit_code == 0, result.output
    assert "writer" not in (home / "options.json").read_text() and len(list(state_folder().glob("homes/*.json"))) > 0
    out = CliRunner().invoke(app, ["enrich", "--dry-run", "--json", "--home", str(home)], env=key).stdout
    assert json.loads(out[out.index("{") :])["enrich"]["rows"] == 8, "the next command remembers the writer"


# ---- where, and names of files that are patterns


@pytest.fixture
def works(tmp_path):
    pd.DataFrame({"artwork_id": ["1", "2"], "title": ["Dawn", "Noon"], "year": [1900, 1700]}).to_csv(
        tmp_path / "works.csv", index=False
    )
    (tmp_path / "secret.csv").write_text("word\nsesame\n")
    return tmp_path


def rows(folder, where="", name="works.csv"):
    settings = load_settings(source="file", artworks_file=folder / name, where=where)
    return [r["artwork_id"] for page in FileSource(settings).pages() for r in page]


@pytest.mark.parametrize(
    "where, ids",
    [
        ("year > 1800", ["1"]),
        ("title IN ('Noon') -- late", ["2"]),
        ("(SELECT max(year) FROM (SELECT 1 AS year)) = 1", ["1", "2"]),
    ],
)
def test_where_is_one_expression(works, where, ids):
    assert rows(works, where) == ids


@pytest.mark.parametrize(
    "where",
    [
        "1=1); COPY (SELECT 1) TO '{}/out.csv'; SELECT 1 WHERE (1=1",
        "1=1; COPY (SELECT 1) TO '{}/out.csv'",
        "1=1) UNION ALL SELECT word, word FROM read_csv('{}/secret.csv') WHERE (1=1",
        "1=1) --",
        "year > 1800 LIMIT 1",
        "year, title",
        "(SELECT count(*) FROM read_csv('{}/secret.csv')) > 0",
        "(SELECT count(*) FROM glob('{}/*')) > 0",
        "year >",
    ],
)
def test_where_reads_and_writes_nothing_else(works, where):
    with pytest.raises(UserError, match="where"):
        rows(works, where.format(works))
    assert sorted(p.name for p in works.iterdir()) == ["secret.csv", "works.csv"]


def test_the_name_of_a_file_is_no_pattern(works):
    shutil.copy(works / "works.csv", works / "s1a.csv")
    with pytest.raises(UserError, match="no file"):
        rows(works, name="s[1]*.csv")
    pd.DataFrame({"artwork_id": ["9"], "title": ["Ours"]}).to_csv(works / "s[1]*.csv", index=False)
    assert rows(works, name="s[1]*.csv") == ["9"]
