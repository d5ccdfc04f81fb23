"The sample museum: same seed, same bytes; a larger museum begins with the smaller one; records and pictures agree"

import hashlib
import threading
from collections import Counter
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from art_recsys import sample_museum as museum
from art_recsys.sample_museum import works

N = 400


@pytest.fixture(scope="module")
def records():
    return museum.records(N, seed=42)


def pixels(*args, **kw):
    return np.asarray(museum.paint(*args, **kw))


def test_same_seed_same_records_and_another_seed_another_museum(records):
    assert records == museum.records(N, seed=42)
    other = museum.records(N, seed=43)
    assert [r["artwork_id"] for r in other] == [r["artwork_id"] for r in records]
    assert sum(a["title"] == b["title"] for a, b in zip(records, other, strict=True)) < N / 10


def test_small_museum_is_the_beginning_of_a_large_one(records):
    assert museum.records(37, seed=42) == records[:37]


def test_every_movement_and_subject_is_there_and_named_in_the_tags(records):
    assert len(museum.MOVEMENTS) >= 8 and len(museum.SUBJECTS) >= 12
    works = [museum.work(i, 42) for i in range(N)]
    assert {w.movement.name for w in works} == {m.name for m in museum.MOVEMENTS}
    assert {w.subject.name for w in works} == {s.name for s in museum.SUBJECTS}
    for w, r in zip(works, records, strict=True):
        assert w.movement.name in r["tags"] and w.subject.name in r["tags"]
        assert len(r["tags"]) == len(set(r["tags"]))


def test_artists_lived_when_they_worked():
    names = [a[0] for m in museum.MOVEMENTS for a in m.artists]
    assert len(names) == len(set(names)) >= 60
    for seed in (1, 2):
        for i in range(300):
            w = museum.work(i, seed)
            name, culture, born, died = w.artist
            assert born + 15 <= w.year <= w.year_end <= (died or 2026), (name, w.year)
            assert w.movement.start <= w.year <= w.movement.end
            assert culture


def test_records_are_complete_rows(records):
    from art_recsys.core import ARTWORK_COLS

    for r in records:
        assert set(r) == set(ARTWORK_COLS)
        assert r["title"] and r["artist"] and r["medium"] and r["text"].endswith(".")
        assert r["licence"] == "CC0-1.0"
        assert "{" not in r["title"] + r["text"]
    titles = Counter(r["title"] for r in museum.records(1000, 42))
    assert sum(n - 1 for n in titles.values()) < 100, titles.most_common(5)


@pytest.mark.parametrize("movement", [m.name for m in museum.MOVEMENTS])
def test_a_picture_is_the_same_bytes_each_time_and_is_not_blank(movement):
    seen = 0
    for i in range(N):
        if museum.work(i, 42).movement.name != movement:
            continue
        a = pixels(i, 42, 192)
        assert (a == pixels(i, 42, 192)).all()
        assert a.std() > 12, f"work {i} is nearly one colour"
        seen += 1
        if seen == 3:
            break
    assert seen == 3


@pytest.mark.parametrize("subject", [s.name for s in museum.SUBJECTS])
def test_every_subject_paints_on_every_shape(subject):
    from art_recsys.sample_museum.canvas import Canvas
    from art_recsys.sample_museum.subjects import PAINT

    w = next(w for w in (museum.work(i, 42) for i in range(5000)) if w.subject.name == subject)
    for size in ((96, 144), (128, 128), (220, 100)):
        for seed in range(3):
            c = Canvas(*size, np.random.default_rng(seed), w.palette())
            PAINT[subject](c, w.details)
            rgb, ids, _dep, _ang = c.maps()
            assert np.isfinite(rgb).all() and rgb.shape == (size[1], size[0], 3)
            assert (ids == 0).mean() < 0.02, "parts of the canvas were never painted"


def test_size_and_shape_come_from_the_work():
    shapes = set()
    for i in range(60):
        w = museum.work(i, 42)
        im = museum.paint(w, size=96)
        assert max(im.size) == 96
        assert abs(im.width / im.height - w.shape) < 0.06
        shapes.add(np.sign(w.shape - 1))
    assert shapes == {-1, 0, 1}


def test_the_picture_follows_its_facts():
    "A night is darker than a summer noon, a blue print is blue, a charcoal has hardly any colour"
    light, hue = {}, {}
    for i in range(N):
        w = museum.work(i, 42)
        if w.mood in ("moonlit", "summer") and w.movement.name in (
            "Lumenism",
            "Whorlism",
            "Granulism",
            "Vesper School",
        ):
            light.setdefault(w.mood, []).append(pixels(w, size=96).mean())
        if w.medium in ("Woodblock print in blues", "Charcoal on paper"):
            hue.setdefault(w.medium, []).append(pixels(w, size=96).reshape(-1, 3).astype(float))
    assert np.mean(light["moonlit"]) < np.mean(light["summer"]) - 30
    chroma = {k: np.mean([np.ptp(a, axis=1).mean() for a in v]) for k, v in hue.items()}
    assert chroma["Charcoal on paper"] < 20 < chroma["Woodblock print in blues"]


def test_movements_can_be_told_apart_by_the_pictures():
    "Mean texture and colour of a movement: a nearest-centroid classifier is far better than guessing"

    def features(w):
        a = np.asarray(museum.paint(w, size=128), np.float32) / 255
        g = a.mean(2)
        fine = np.abs(np.diff(g, axis=0)).mean(), np.abs(np.diff(g, axis=1)).mean()
        coarse = np.abs(np.diff(g[::8, ::8], axis=0)).mean()
        ptp = np.ptp(a, axis=2)
        edge = np.concatenate([a[:2].reshape(-1, 3), a[-2:].reshape(-1, 3)]).mean(0)
        return np.array(
            [*fine, coarse, ptp.mean(), ptp.std(), g.mean(), g.std(), *edge, *np.percentile(g, (5, 50, 95))]
        )

    works = [museum.work(i, 42) for i in range(220)]
    x, y = np.stack([features(w) for w in works]), np.array([w.movement.name for w in works])
    x = (x - x.mean(0)) / x.std(0)
    train = np.arange(len(x)) % 2 == 0
    names = sorted(set(y[train]))
    centre = np.stack([x[train & (y == n)].mean(0) for n in names])
    guess = np.array(names)[((x[~train][:, None] - centre[None]) ** 2).sum(2).argmin(1)]
    assert (guess == y[~train]).mean() > 0.45, "guessing gives about .07"


def digest(folder, names):
    return [hashlib.sha256((folder / n).read_bytes()).hexdigest() for n in names]


def test_painting_in_processes_resumes_and_gives_the_same_bytes(tmp_path, records):
    one, two = tmp_path / "one", tmp_path / "two"
    done = []

    def progress(it):
        for x in it:
            done.append(x)
            yield x

    names = museum.paint_all(records[:12], one, seed=42, size=96, workers=1, progress=progress)
    assert len(done) == 12 and sorted(p.name for p in one.iterdir()) == sorted(names)
    assert museum.paint_all(records[:10], two, seed=42, size=96, workers=2) == names[:10]  # spawned processes
    assert digest(one, names[:10]) == digest(two, names[:10])
    before = {n: (one / n).stat().st_mtime_ns for n in names}
    (one / names[3]).unlink()
    whole = (one / names[4]).read_bytes()
    (one / names[4]).write_bytes(whole[: len(whole) // 2])  # a copy cut short
    (one / names[5]).write_bytes(b"not a picture")
    museum.paint_all(records[:12], one, seed=42, size=96, workers=1)
    assert digest(one, names[:10]) == digest(two, names[:10])
    assert {n for n in names if (one / n).stat().st_mtime_ns != before[n]} == set(names[3:6])


def test_painting_works_off_the_main_thread(tmp_path):
    "Notebook cells run off the main thread"
    out = []
    t = threading.Thread(
        target=lambda: out.append(museum.paint_all(museum.records(9, 5), tmp_path, seed=5, size=64, workers=2))
    )
    t.start()
    t.join()
    assert len(out[0]) == len(list(tmp_path.iterdir())) == 9


def test_another_seed_or_size_never_reuses_a_picture():
    names = {museum.picture_name(3, seed, size) for seed in (1, 2) for size in (96, 128)}
    assert len(names) == 4


def test_a_picture_is_a_real_jpeg(tmp_path):
    (name,) = museum.paint_all(museum.records(1, 42), tmp_path, size=128)
    with Image.open(BytesIO((tmp_path / name).read_bytes())) as im:
        im.load()
        assert im.format == "JPEG" and max(im.size) == 128


def test_tastes_of_an_artist_do_not_depend_on_the_museum():
    m = museum.MOVEMENTS[0]
    a, b = works.tastes(m, m.artists[0][0]), works.tastes(m, m.artists[0][0])
    assert (a[0] == b[0]).all() and (a[1] == b[1]).all() and a[2] == b[2]
    assert (works.tastes(m, m.artists[1][0])[0] != a[0]).any()


def test_strokes_stay_inside_the_canvas_when_a_random_number_is_at_its_edge():
    from types import SimpleNamespace

    from art_recsys.sample_museum.styles.tools import pick, scatter

    edge = SimpleNamespace(
        uniform=lambda low, high, n: np.full(n, np.nextafter(float(high), 0)), random=lambda n: np.zeros(n)
    )
    m = SimpleNamespace(w=512, h=410, rng=edge, zoom=1.0, small=lambda: (410, 512))
    field = np.ones((410, 512), np.float32)
    for where in (None, field):
        at = scatter(m, 1, 64, 64, where)
        assert len(at) and (pick(m, field, at) == 1).all()


@pytest.mark.parametrize("movement", [m.name for m in museum.MOVEMENTS])
def test_an_enlarged_picture_is_the_same_picture(movement):
    "Seen from far away the two hardly differ; painted afresh at that size, most works differ by more"
    found = [w for w in (museum.work(i, 42) for i in range(N)) if w.movement.name == movement][:2]
    for w in found:
        small = museum.paint(w, size=192)
        big = museum.enlarge(w, size=192, large=600)
        assert max(big.size) == 600
        soft = [im.resize((20, 20), Image.Resampling.BOX) for im in (small, big)]
        a, b = (np.asarray(im, float) for im in soft)
        assert np.sqrt(((a - b) ** 2).mean()) < 13, w.artwork_id


def test_a_picture_s_name_says_how_it_was_painted():
    name = museum.picture_name(31, 42, 96)
    assert museum.painted_as(name) == (31, 42, 96)
    older = name.replace(f"-{museum.PAINTER}.jpg", f"-{museum.PAINTER - 1}.jpg")
    assert [museum.painted_as(n) for n in (older, "0.jpg", "../" + name, "")] == [None] * 4
