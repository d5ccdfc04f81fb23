"""Users: seeds, profiles, the behaviour model's promises, and visitors read from files."""

import re

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from art_recsys.config import Home, UserError, load_settings, read_parquet, write_parquet
from art_recsys.core import Cols, Event, as_artworks, as_events, as_users, positives, split_by_time
from art_recsys.enrichment import OfflineWriter
from art_recsys.users import (
    Behaviour,
    Truth,
    draw_truth,
    make_users,
    mean_interval,
    nearest_wording,
    neighbours,
    profile_places,
    quote_users,
    seed_works,
    simulate,
    true_utility,
    work_blocks,
    write_profiles,
)
from tests.language.openai_standin import StandIn, question, serving

SUBJECTS = ["sea", "portrait", "flowers", "street", "mountain", "horse", "grid", "church"]
COLOURS = ["#2d45a0", "#9e1b32", "#57683a", "#efe6d2", "#cc6a1c", "#16130f"]


def catalogue(n=200, bare=False):
    "Works of twenty artists who each keep to two subjects and a period"
    r = np.random.default_rng(0)
    artist = r.integers(20, size=n)
    works = pd.DataFrame(
        {Cols.artwork_id: [f"w{i:04d}" for i in range(n)], Cols.title: [f"Work {i}" for i in range(n)]}
    )
    if bare:
        return as_artworks(works)
    subject = (artist + r.integers(2, size=n)) % len(SUBJECTS)
    return as_artworks(
        works.assign(
            artist=[f"Artist {a}" for a in artist],
            year_end=1700.0 + 14 * artist,
            category=["Painting" if a % 3 else "Print" for a in artist],
            tags=[[SUBJECTS[s], "art"] for s in subject],
            palette=[[COLOURS[(s + a) % 6]] for s, a in zip(subject, artist)],
            description=[f"A picture of {SUBJECTS[s]}." for s in subject],
        )
    )


@pytest.fixture(scope="module")
def crowd(tmp_path_factory):
    "A home with 200 works and 500 visitors; read it, do not change it"
    settings = load_settings("smoke", tmp_path_factory.mktemp("users") / "home", n_users=500)
    home = Home.of(settings)
    write_parquet(catalogue(), home.file("enriched.parquet"))
    summary = make_users(settings)
    works = as_artworks(read_parquet(home.file("enriched.parquet")))
    events = as_events(read_parquet(home.file("events.parquet")), works[Cols.artwork_id])
    return dict(
        settings=settings,
        home=home,
        works=works,
        users=read_parquet(home.file("users.parquet")),
        events=events,
        summary=summary,
        truth=Truth.load(home.file("users_truth.npz")),
    )


def matrix(events, crowd):
    p = positives(events)
    m = np.zeros((len(crowd["users"]), len(crowd["works"])), bool)
    m[
        pd.Index(crowd["users"][Cols.user_id]).get_indexer(p[Cols.user_id]),
        pd.Index(crowd["works"][Cols.artwork_id]).get_indexer(p[Cols.artwork_id]),
    ] = True
    return m


def ndcg(scores, train, test, k=10):
    top = np.argsort(-np.where(train, -np.inf, scores), axis=1)[:, :k]
    gain = 1 / np.log2(np.arange(k) + 2)
    ideal = np.array([gain[: max(1, min(k, n))].sum() for n in test.sum(1)])
    return ((np.take_along_axis(test, top, 1) * gain).sum(1) / ideal)[test.any(1)].mean()


def test_neighbours_are_of_a_kind():
    works = catalogue()
    near = neighbours(works, work_blocks(works))
    same_artist = (works.artist.to_numpy()[near] == works.artist.to_numpy()[:, None]).mean()
    assert same_artist > 0.4 and not (near == np.arange(len(works))[:, None]).any()


def test_every_work_is_a_seed_and_seeds_are_distinct():
    works = catalogue()
    near = neighbours(works, work_blocks(works))
    seeds = seed_works(450, near, 1)
    first = np.bincount(seeds[:, 0], minlength=200)
    assert first.min() >= 2 and first.max() <= 3 and all(len(set(s)) == 4 for s in seeds)
    assert (seed_works(450, near, 1) == seeds).all() and (seed_works(450, near, 2) != seeds).any()
    assert (seed_works(90, near, 1) == seeds[:90])[:, 0].all()  # fewer visitors are the first of more


def test_what_the_source_calls_similar_comes_first():
    works = catalogue(50).assign(similar=[[f"w{(i + 25) % 50:04d}", "not here", f"w{i:04d}"] for i in range(50)])
    assert (neighbours(works, work_blocks(works))[:, 0] == (np.arange(50) + 25) % 50).all()


def test_the_numbers_of_the_log(crowd):
    n, s = crowd["events"][Cols.event].value_counts(), crowd["summary"]
    assert s["events"] == len(crowd["events"]) and s["likes"] == n["like"] and s["users"] == 500
    assert 10 < n["like"] / 500 < 22 and 4.5 < n["impression"] / n["like"] < 10
    assert set(n.index) == set(Event.all)
    assert not crowd["events"][Cols.event_id].duplicated().any()


def test_the_log_stays_inside_its_days(crowd):
    ts, s = crowd["events"][Cols.ts], crowd["settings"]
    end = pd.Timestamp(s.end_date, tz="UTC") + pd.Timedelta(days=1)
    assert end - pd.Timedelta(days=s.days) <= ts.min() and ts.max() < end
    assert (ts.max() - ts.min()).days > 0.9 * s.days


def test_first_likes_are_the_seed_works(crowd):
    likes = crowd["events"][crowd["events"][Cols.event] == Event.like]
    first = likes.groupby(Cols.user_id)[Cols.ts].min()
    ids = crowd["truth"].artwork_ids
    for i, user in enumerate(crowd["truth"].user_ids[:200]):
        mine = likes[likes[Cols.user_id] == user].head(12)
        own = set(ids[crowd["truth"].interests[i, 0]])
        assert (
            own <= set(mine[Cols.artwork_id])
            and (mine[mine[Cols.artwork_id].isin(own)][Cols.ts] - first[user] < pd.Timedelta(minutes=3)).all()
        )


def test_cause_comes_before_effect(crowd):
    at = crowd["events"].pivot_table(
        index=[Cols.user_id, Cols.artwork_id, Cols.request_id], columns=Cols.event, values=Cols.ts, aggfunc="min"
    )
    for cause, effect in [("impression", "click"), ("click", "like"), ("like", "unlike"), ("impression", "hide")]:
        both = at.dropna(subset=effect)
        assert len(both) and (both[cause] < both[effect]).all()


def test_what_is_decided_is_not_shown_again(crowd):
    e = crowd["events"]
    shown = e[e[Cols.event] == Event.impression].groupby([Cols.user_id, Cols.artwork_id])[Cols.ts].max()
    decided = e[e[Cols.event].isin([Event.like, Event.hide])].set_index([Cols.user_id, Cols.artwork_id])[Cols.ts]
    assert not decided.index.duplicated().any()
    assert (shown.reindex(decided.index) < decided).all()


def test_pages_hold_a_work_once_and_places_are_counted(crowd):
    shown = crowd["events"][crowd["events"][Cols.event] == Event.impression]
    assert not shown.duplicated([Cols.request_id, Cols.artwork_id]).any()
    assert not shown.duplicated([Cols.request_id, Cols.position]).any()
    assert shown[Cols.position].between(1, Behaviour().page).all()


def test_propensities_are_chances_of_the_known_policy(crowd):
    shown = crowd["events"][crowd["events"][Cols.event] == Event.impression]
    p = shown[Cols.propensity].dropna()
    assert ((p > 0) & (p < 1)).all() and shown[Cols.propensity].isna().mean() < 0.2
    # the mean of 1/p over slots that were drawn estimates the number of works the policy can show
    assert 100 < (1 / p).mean() < 300


def test_activity_has_a_heavy_tail_and_lower_places_are_noticed_less(crowd):
    e = crowd["events"][crowd["events"][Cols.propensity].notna()]
    likes = crowd["events"].query('event == "like"')[Cols.user_id].value_counts()
    assert likes.max() > 3 * likes.median()
    n = e.groupby([Cols.position, Cols.event]).size().unstack(fill_value=0)
    rate = n["click"] / n["impression"]
    assert rate.iloc[:4].mean() > 1.2 * rate.iloc[-4:].mean()


def test_the_log_is_learnable_and_not_trivial(crowd):
    earlier, later = split_by_time(crowd["events"], 0.2)
    train = matrix(earlier, crowd)
    test = matrix(later, crowd) & ~train
    known = train.any(1)
    train, test = train[known], test[known]
    V = np.hstack([v for k, v in work_blocks(crowd["works"]).items() if k != "hidden"])
    co = train.T.astype(float) @ train
    d = np.sqrt(np.diag(co)) + 1e-9
    np.fill_diagonal(co, 0)
    chance = ndcg(np.random.default_rng(0).random(train.shape), train, test)
    popular = ndcg(np.tile(train.sum(0), (len(train), 1)), train, test)
    content, knn = ndcg(train @ V @ V.T, train, test), ndcg(train @ (co / d / d[:, None]), train, test)
    oracle = ndcg(true_utility(crowd["truth"], np.flatnonzero(known)), train, test)
    assert popular > 1.3 * chance and content > 1.15 * popular and knn > 1.15 * popular
    assert max(content, knn) < oracle < 0.9


def test_a_profile_finds_its_owners_likes_and_a_random_one_does_not(crowd):
    liked = crowd["truth"].interests[:, 0]
    own, other = (mean_interval(profile_places(crowd["works"], crowd["users"], liked)[k]) for k in ("own", "random"))
    assert own[0] < 0.6 * other[0] and own[2] < other[1]
    all_likes = matrix(crowd["events"], crowd)  # the later ones too, which nobody wrote into the profile
    most = all_likes.sum(1).max()
    rows = np.array([np.pad(at := np.flatnonzero(m), (0, most - len(at)), constant_values=-1) for m in all_likes])
    own, other = (mean_interval(profile_places(crowd["works"], crowd["users"], rows)[k]) for k in ("own", "random"))
    assert own[2] < other[1]


def test_places_and_wording_are_measured_right():
    works = as_artworks(
        pd.DataFrame(
            {"artwork_id": list("abc"), "title": "T", "description": ["blue boats", "red horses", "green hills"]}
        )
    )
    users = as_users(pd.DataFrame({"user_id": ["1", "2"], "description": ["loves boats", "loves horses"]}))
    places = profile_places(works, users, np.array([[0, -1], [1, -1]]))
    assert list(places["own"]) == [0, 0] and list(places["random"]) == [
        0.75,
        0.75,
    ]  # tied with one other for the last two places
    assert nearest_wording(["one two three", "one two four", "five six"])[2] == 0


def test_profiles_are_of_many_people(crowd):
    users = crowd["users"]
    assert (
        users[Cols.description].nunique() == 500
        and users[Cols.age].std() > 12
        and users[Cols.age].between(10, 110).all()
    )
    assert set(users[Cols.gender]) == {"F", "M", "N"} and users[Cols.gender].value_counts(normalize=True).max() < 0.6


def test_same_seed_same_bytes_and_another_seed_another_log(crowd, tmp_path):
    digest = lambda s: [Home.of(s).file(f).read_bytes() for f in ("users.parquet", "events.parquet")]
    again = crowd["settings"].model_copy(update={"home": tmp_path / "again"})
    write_parquet(catalogue(), Home.of(again).file("enriched.parquet"))
    make_users(again)
    assert digest(again) == digest(crowd["settings"])
    make_users(again.model_copy(update={"seed": 7}))
    assert digest(again)[1] != digest(crowd["settings"])[1]


def test_the_oracle_is_kept_whole(crowd):
    t = crowd["truth"]
    u = true_utility(t, [0, 7, 499])
    assert (
        u.shape == (3, 200)
        and np.isfinite(u).all()
        and np.allclose(t.weights.sum(1), 1, atol=0.01)
        and np.allclose(t.focus.sum(1), 1, atol=0.01)
    )
    rank = (-true_utility(t, np.arange(500))).argsort(1).argsort(1)
    assert np.median(np.take_along_axis(rank, t.interests[:, 0], 1)) < 20


@pytest.mark.parametrize("n", [2, 3, 5, 30])
def test_small_bare_catalogues_get_visitors(n, tmp_path):
    settings = load_settings("smoke", tmp_path / "home", n_users=20)
    write_parquet(catalogue(n, bare=True), Home.of(settings).file("enriched.parquet"))
    summary = make_users(settings)
    assert summary["users"] == 20 and summary["likes"] >= 20 * min(n, 4)


@pytest.mark.parametrize("days", [1, 3, 2000])
def test_any_number_of_days(days):
    works = catalogue(60)
    blocks = work_blocks(works)
    near = neighbours(works, blocks)
    truth = draw_truth(works, blocks, seed_works(80, near, 1), near, np.array([f"u{i}" for i in range(80)]), 1)
    settings = load_settings("smoke", days=days)
    ts = pa.concat_tables(simulate(truth, settings)).to_pandas()[Cols.ts]
    end = pd.Timestamp(settings.end_date, tz="UTC") + pd.Timedelta(days=1)
    assert ts.max() < end and ts.min() >= end - pd.Timedelta(days=days)


def test_one_work_is_too_few(tmp_path):
    settings = load_settings("smoke", tmp_path / "home")
    write_parquet(catalogue(1), Home.of(settings).file("enriched.parquet"))
    with pytest.raises(UserError, match="too few"):
        make_users(settings)


def test_a_language_model_that_refuses_is_counted_and_replaced(tmp_path):
    from art_recsys.enrichment import WriterError

    class Refusing:
        model = "m"

        def profile(self, works, pictures=(), key=""):
            raise WriterError("refused", "no")

    works = catalogue(20)
    seeds = seed_works(5, neighbours(works, work_blocks(works)), 1)
    users, problems = write_profiles(works, seeds, Refusing(), Home(tmp_path))
    expected, none = write_profiles(works, seeds, OfflineWriter(42), Home(tmp_path))
    assert sum(problems.values()) == 5 and not none and users.equals(expected)


# ---- visitors from files


@pytest.fixture
def own(tmp_path):
    settings = load_settings("smoke", tmp_path / "home")
    write_parquet(catalogue(20), Home.of(settings).file("enriched.parquet"))
    events = pd.DataFrame(
        {
            "event_id": ["1", "2", "3", "4"],
            "user_id": ["007", "007", "bob", "bob"],
            "artwork_id": ["w0000", "nowhere", "w0001", "w0002"],
            "event": ["like", "like", "click", "adored"],
            "ts": ["2026-01-01T10:00:00Z", "2026-01-02", "2026-01-03", "2026-01-04"],
        }
    )
    return settings, events, tmp_path


@pytest.mark.parametrize("kind", ["csv", "parquet", "jsonl"])
def test_events_from_a_file_replace_all_invention(own, kind):
    settings, events, folder = own
    path = folder / f"e.{kind}"
    {
        "csv": lambda: events.to_csv(path, index=False),
        "parquet": lambda: events.to_parquet(path),
        "jsonl": lambda: events.to_json(path, orient="records", lines=True),
    }[kind]()
    make_users(settings.model_copy(update={"n_users": 5}))
    summary = make_users(settings.model_copy(update={"events_file": path}))
    home = Home.of(settings)
    assert summary["source"] == "files" and summary["users"] == 2 and summary["events"] == 2
    assert summary["problems"] == {"event of an unknown work": 1, "unknown kind of event": 1}
    assert list(read_parquet(home.file("users.parquet"))[Cols.user_id]) == ["007", "bob"]
    with pytest.raises(UserError, match="only synthetic"):
        Truth.load(home.file("users_truth.npz"))


def test_users_of_events_are_added_to_those_of_the_file(own):
    settings, events, folder = own
    events.to_parquet(folder / "e.parquet")
    pd.DataFrame({"user_id": ["bob", "bob", "eve"], "age": [41, 41, 999], "gender": ["male", "m", "F"]}).to_parquet(
        folder / "u.parquet"
    )
    summary = make_users(
        settings.model_copy(update={"events_file": folder / "e.parquet", "users_file": folder / "u.parquet"})
    )
    users = read_parquet(Home.of(settings).file("users.parquet")).set_index(Cols.user_id)
    assert set(users.index) == {"bob", "eve", "007"} and users.gender["bob"] == "M" and np.isnan(users.age["eve"])
    assert summary["problems"]["duplicate user id"] == 1 and summary["problems"]["user known from events only"] == 1


@pytest.mark.parametrize(
    "break_it, words",
    [
        (lambda e, p: e.drop(columns="ts").to_csv(p, index=False), "no column ts"),
        (lambda e, p: e.assign(artwork_id="x").to_csv(p, index=False), "No event of"),
        (lambda e, p: None, "no such file"),
    ],
)
def test_event_files_that_cannot_be_used_are_named(own, break_it, words):
    settings, events, folder = own
    break_it(events, folder / "e.csv")
    with pytest.raises(UserError, match=words):
        make_users(settings.model_copy(update={"events_file": folder / "e.csv"}))


def test_users_without_events_are_refused(own):
    settings, _, folder = own
    with pytest.raises(UserError, match="events_file is not"):
        make_users(settings.model_copy(update={"users_file": folder / "u.csv"}))


# ---- visitors from a language model


@pytest.mark.parametrize("batch", ["off", "on"])
def test_a_language_model_writes_each_profile_once(tmp_path, monkeypatch, batch):
    stand_in = StandIn()
    stand_in.replies = lambda body: {
        "age": 30,
        "gender": "N",
        "description": f"Likes {re.search('Work [0-9]+', question(body))[0]}.",
    }
    with serving(stand_in) as url:
        monkeypatch.setenv("OPENAI_API_KEY", "k")
        monkeypatch.setenv("OPENAI_BASE_URL", url)
        settings = load_settings("smoke", tmp_path / "home", writer="openai", batch=batch, batch_poll=0.05, n_users=30)
        write_parquet(catalogue(40), Home.of(settings).file("enriched.parquet"))
        assert quote_users(settings)["to_ask"] == 30 and not stand_in.paid
        summary = make_users(settings)
        assert (
            not summary["problems"] and sum(stand_in.paid.values()) == 30 and len(stand_in.batches) == (batch == "on")
        )
        assert quote_users(settings)["to_ask"] == 0
        make_users(settings)
    users, truth = (
        read_parquet(Home.of(settings).file("users.parquet")),
        Truth.load(Home.of(settings).file("users_truth.npz")),
    )
    assert sum(stand_in.paid.values()) == 30
    assert all(
        f"Work {int(truth.interests[i, 0, 0])}." in d for i, d in enumerate(users[Cols.description])
    )  # each got its own answer
