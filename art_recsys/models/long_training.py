"""The training of the towers on a log that is never in memory (`tables.log_on_disk`).

The steps are those of `TwoTower.fit` and `fit_partial`, and so are the numbers, as long as the likes fit into the
buffer of `sequence_file`. Settings are not chosen here (`models.choice` reads the log into frames): they stay as asked.
"""

from pathlib import Path
from typing import Any

import pandas as pd

from art_recsys.config import Home, Settings, UserError
from art_recsys.core import EVENT_COLS, Cols, as_artworks, as_users
from art_recsys.platform.visitor_log import visitor_events
from art_recsys.tables.log_on_disk import LogOnDisk, log_on_disk

from .checkpoints import ValidationCallback, checkpoint_file, found_after_each_epoch
from .fingerprints import frames_fingerprint
from .sequence_file import SequenceFile, write_sequences
from .sequences import ENOUGH, drawn_rows, examples_of
from .vocabularies import Vocabularies
from .weights import inherit_weights

__all__ = ["check_long_log", "fit_from_files", "fit_on_disk", "fit_partial_on_disk"]


def check_long_log(
    log: LogOnDisk,
) -> None:
    "Raise `UserError` for a log without likes that stand, or with all of them at one time"
    n, _ = log.times()
    if n < 2:
        raise UserError(
            f"{len(log)} likes at {n} different times: there is nothing earlier to learn from.",
            "give events of the kind like (or click) with the times at which they happened (--events), and run again: "
            "art-recsys run",
        )


def _all_users(users: pd.DataFrame, log: LogOnDisk) -> pd.DataFrame:
    users = as_users(users)
    new = log.other_users(users[Cols.user_id])
    return as_users(pd.concat([users, new.to_frame(Cols.user_id)])) if len(new) else users


def _begin(
    tower: Any, artworks: pd.DataFrame, users: pd.DataFrame, log: LogOnDisk, periods: list[float] | None
) -> tuple[Any, SequenceFile]:
    "Untrained towers and the likes that they learn from"
    counts = {c: log.counts(c) for c in (Cols.artwork_id, Cols.user_id)}
    tower.read_tables(artworks, users, Vocabularies.of_counts(artworks, counts, periods))
    file = log.folder / "sequences.parquet"
    ids = users[Cols.user_id].tolist(), list(tower.candidate_ids)
    write_sequences(log.sequences(*ids), file)
    tower.rows = []
    return tower.build(), SequenceFile(file, len(ids[1]))


def _examples(tower: Any, early: LogOnDisk, log: LogOnDisk, users: pd.DataFrame) -> ValidationCallback:
    "Validation on the likes since the cut, as `TwoTower.validation`"
    assert early.end is not None
    asked = log.later_likes(early.end)[Cols.user_id]
    pick = drawn_rows(len(asked), tower.seed)
    some = list(asked.iloc[pick].unique())
    known, later = early.likes_of(some), log.likes_of(some, early.end)
    rows = pd.Index(users[Cols.user_id]).get_indexer(asked.iloc[pick])
    profiles = {c: v[rows] for c, v in tower.users.items()}
    return found_after_each_epoch(tower, *examples_of(known, later, tower.item_index, pick), profiles)


def _finish(tower: Any, towers: Any, users: pd.DataFrame, log: LogOnDisk, fitted_on: str) -> Any:
    tower.fitted_on, tower.until = fitted_on, log.times()[1]
    tower.keep([towers.candidate, towers.query], tower.rows)
    return tower.remember(users, pd.DataFrame(columns=EVENT_COLS))


def _first(
    tower: Any, artworks: pd.DataFrame, users: pd.DataFrame, log: LogOnDisk, whole: LogOnDisk | None, folder: Any
) -> Any:
    "Train from the beginning on `log`: as long as the later likes of `whole` show a gain, or all epochs without it"
    towers, seqs = _begin(tower, artworks, users, log, None)
    fitted_on = frames_fingerprint(artworks, log.parts())
    late = 0 if whole is None else len(whole.later_likes(log.end))
    image = tower.artwork_features["image"].shape
    file = checkpoint_file(folder, tower.config, "begin", fitted_on, late, image)
    if whole is None:
        tower.train(towers, seqs, [], tower.epochs, ValidationCallback(None, 0, tower.rows), file)
    else:
        watch = _examples(tower.index_catalogue(), log, whole, users)
        tower.train(towers, seqs, [], tower.epochs, watch, file).set_weights(watch.weights)
        tower.chosen = watch.epoch
    return _finish(tower, towers, users, log, fitted_on)


def fit_partial_on_disk(
    tower: Any,  # `TwoTower`, not fitted; gets the weights
    first: Any,  # fitted towers, its `base`
    artworks: pd.DataFrame,  # as for `TwoTower.fit`
    users: pd.DataFrame,  # as for `TwoTower.fit`
    log: LogOnDisk,  # all events
    checkpoints: str | Path | None,  # as for `TwoTower.fit`
) -> Any:  # `tower`
    "Take the weights of `first` and train some epochs on all of these events"
    artworks, users = as_artworks(artworks), _all_users(users, log)
    towers, seqs = _begin(tower, artworks, users, log, first.vocabs.kept["periods"])
    tower.base, tower.cut, tower.chosen = first.with_catalogue(artworks), first.until, first.chosen
    inherit_weights([towers.candidate, towers.query], tower.vocabs, first.weights, first.vocabs)
    fitted_on = frames_fingerprint(artworks, log.parts())
    image = tower.artwork_features["image"].shape
    file = checkpoint_file(checkpoints, tower.config, "follow", first.fitted_on, fitted_on, image)
    tower.train(towers, seqs, [], max(3, tower.chosen // 3), ValidationCallback(None, 0, tower.rows), file)
    return _finish(tower, towers, users, log, fitted_on)


def fit_on_disk(
    tower: Any,  # `TwoTower`, not fitted; gets the weights
    artworks: pd.DataFrame,  # as for `TwoTower.fit`
    users: pd.DataFrame,  # as for `TwoTower.fit`
    log: LogOnDisk,  # with a like
    checkpoints: str | Path | None,  # as for `TwoTower.fit`
) -> Any:  # `tower`
    "Train on the earlier likes, choose the epoch on the later ones, then continue on all of them"
    artworks, users = as_artworks(artworks), _all_users(users, log)
    tower.base, tower.cut, tower.chosen = None, None, 0
    early = log.before(log.cut(tower.valid_share))
    if len(log) < ENOUGH or not len(early):
        return _first(tower, artworks, users, log, None, checkpoints)
    first = _first(type(tower)(**tower.config), artworks, users, early, log, checkpoints)
    return fit_partial_on_disk(tower, first, artworks, users, log, checkpoints)


def fit_from_files(
    tower: Any,  # `TwoTower`, not fitted
    settings: Settings,  # `home`, `test_share`
    artworks: pd.DataFrame,  # as for `TwoTower.fit`
    users: pd.DataFrame,  # as for `TwoTower.fit`
    checkpoints: Path,
) -> Any:  # fitted towers; `base` has not seen the test part
    "Train up to the day at which the test part begins, then on all of the log in the home and of its visitors"
    home = Home.of(settings)
    with log_on_disk(
        home.file("events.parquet"), visitor_events(home.file("events.db")), artworks[Cols.artwork_id]
    ) as log:
        check_long_log(log)
        first = fit_on_disk(tower, artworks, users, log.before(log.cut(settings.test_share)), checkpoints)
        return fit_partial_on_disk(type(tower)(**tower.config), first, artworks, users, log, checkpoints)
