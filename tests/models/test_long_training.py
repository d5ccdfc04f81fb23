"Towers that were trained on a log in files are those that were trained on the same log in memory"

import numpy as np
import pandas as pd
import pytest

from art_recsys.config import UserError
from art_recsys.core import EVENT_COLS, Cols, Event, as_events, positives, split_by_time
from art_recsys.models.long_training import check_long_log, fit_on_disk, fit_partial_on_disk
from art_recsys.models.sequences import held_out_likes
from art_recsys.retrieval import TwoTower
from art_recsys.tables import log_on_disk as module
from art_recsys.tables.log_on_disk import log_on_disk
from art_recsys.tables.long_log import read_events
from tests.tables.a_log import a_log
from tests.two_tastes import museum

NOBODY = pd.DataFrame(columns=EVENT_COLS)


@pytest.fixture
def written(tmp_path):
    "A log that is written to a file, and its path"

    def write(events):
        events.to_parquet(tmp_path / "events.parquet", index=False)
        return tmp_path / "events.parquet"

    return write


def test_the_log_answers_as_pandas_does(written):
    events = as_events(a_log(900).sort_values([Cols.ts, Cols.event_id]))
    works = pd.Series(sorted(events[Cols.artwork_id].unique())[1:])  # one work is gone
    kept = as_events(events, works)
    with log_on_disk(written(events), NOBODY, works) as log:
        liked = positives(kept)
        assert len(log) == len(liked) and log.times()[1] == liked[Cols.ts].max()
        for share in (0.02, 0.1, 0.37, 0.9):
            early = split_by_time(kept, share)[0]
            part = log.before(log.cut(share))
            assert len(part) == len(positives(early))
            late = held_out_likes(kept, share)[1]
            assert (
                part.end is not None and log.later_likes(part.end)[Cols.user_id].tolist() == late[Cols.user_id].tolist()
            )
        for c in (Cols.user_id, Cols.artwork_id):
            assert log.counts(c).sort_index().to_dict() == liked[c].value_counts().sort_index().to_dict()
        known = pd.Series(sorted(kept[Cols.user_id].unique())[::2])
        others = kept.loc[~kept[Cols.user_id].isin(known), Cols.user_id].drop_duplicates().tolist()
        assert log.other_users(known).tolist() == others
        assert sum(map(len, log.parts())) == len(kept)
        folder = log.folder
    assert not folder.exists()


def test_of_many_decisions_only_the_latest_pages_are_read(written, monkeypatch):
    events = as_events(a_log(900).sort_values([Cols.ts, Cols.event_id]))
    for m in (module, __import__("art_recsys.tables.long_log", fromlist=["MANY"])):
        monkeypatch.setattr(m, "MANY", 100)

    class Group:
        "A feature group of these events"

        def __getitem__(self, c):
            return events[c]

        def filter(self, mask):
            return type("Part", (), {"read": lambda self: events[mask]})()

        def read(self, start_time=None):
            return events if start_time is None else events[events[Cols.ts] >= start_time]

    want = read_events(Group())
    with log_on_disk(written(events), NOBODY, events[Cols.artwork_id]) as log:
        found = pd.concat(list(log.parts()))
    assert len(found) == len(want) < len(events)
    assert found[Cols.ts].sort_values().tolist() == want[Cols.ts].sort_values().tolist()


def test_towers_are_those_of_memory(written, tmp_path):
    works, users, events = museum()
    events = as_events(events, works[Cols.artwork_id]).sort_values([Cols.ts, Cols.event_id], ignore_index=True)
    users = users.iloc[3:]  # some users are known by their events alone
    asked = dict(text_model=None, dim=8, epochs=2, seed=5)
    memory = TwoTower(**asked).fit(works, users, split_by_time(events, 0.1)[0]).fit_partial(works, users, events)
    with log_on_disk(written(events), NOBODY, works[Cols.artwork_id]) as log:
        disk = fit_on_disk(TwoTower(**asked), works, users, log.before(log.cut(0.1)), tmp_path / "kept")
        disk = fit_partial_on_disk(TwoTower(**asked), disk, works, users, log, tmp_path / "kept")
    for mine, its in ((memory, disk), (memory.base, disk.base), (memory.base.base, disk.base.base)):
        assert mine.vocabs.kept == its.vocabs.kept and mine.fitted_on == its.fitted_on
        assert (mine.cut, mine.until, mine.chosen) == (its.cut, its.until, its.chosen)
        pd.testing.assert_frame_equal(mine.log, its.log)
        for name, w in mine.weights.items():
            np.testing.assert_array_equal(w, its.weights[name], name)
        assert mine.known == its.known
    q = [{Cols.user_id: events[Cols.user_id].iloc[0], "history": [works[Cols.artwork_id].iloc[1]]}]
    np.testing.assert_array_equal(memory.query(q), disk.query(q))


def test_a_log_without_likes_or_with_all_at_one_time_is_refused(written):
    events = a_log(60).assign(**{Cols.event: Event.hide})
    with (
        log_on_disk(written(events), NOBODY, events[Cols.artwork_id]) as log,
        pytest.raises(UserError, match="0 likes"),
    ):
        check_long_log(log)
    events = a_log(60).assign(**{Cols.event: Event.like, Cols.ts: pd.Timestamp(2026, 1, 1, tz="UTC")})
    with log_on_disk(written(events), NOBODY, events[Cols.artwork_id]) as log, pytest.raises(UserError, match="at 1 "):
        check_long_log(log)
