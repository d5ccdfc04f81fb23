"""The folder of a saved ranker: its towers, its scorer, its lookup tables and its settings."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import tensorflow as tf

from art_recsys.config import read_json, write_atomic, write_json
from art_recsys.models.cooccurrence import ItemCooccurrence
from art_recsys.models.popularity import PopularityClock
from art_recsys.models.saved_model import check_format, save_module

__all__ = ["FORMAT", "read_ranker", "write_ranker"]

FORMAT = 4  # of the folder; version 0.1.0 wrote no number, version 0.2.0 wrote 2 and 3


def write_ranker(
    ranker: Any,  # a `Ranker`
    path: str | Path,  # a folder, made anew
) -> None:
    "Write everything that a score needs; the towers are part of it, because the scorer fits no other towers"
    with write_atomic(Path(path)) as p:
        p.mkdir(parents=True)
        ranker.two_tower.save(p / "two_tower", 0)
        if ranker.uses_ranking:
            save_module(ranker.module, p / "scorer")
        ranker.cooccurrence.save(p)
        ranker.popularity_clock.save(p / "clock.npz")
        write_json({"format": FORMAT} | {c: getattr(ranker, c) for c in ranker.kept}, p / "ranking.json")


def read_ranker(
    ranker: Any,  # a new `Ranker`, to be filled
    path: str | Path,  # from `write_ranker`
    load_towers: Callable[[Path], Any],  # `TwoTower.load`
) -> Any:  # the same ranker
    "Read what `write_ranker` wrote; raises `UserError` for a folder of another format"
    path = Path(path)
    kept = read_json(path / "ranking.json")
    check_format(kept.pop("format", None), FORMAT, "The ranking model was", "ranking")
    ranker.__dict__.update(kept)
    ranker.two_tower = load_towers(path / "two_tower")
    if ranker.uses_ranking:
        ranker.module = tf.saved_model.load(str(path / "scorer"))
    ranker.popularity_clock = PopularityClock.load(path / "clock.npz")
    ranker.cooccurrence = ItemCooccurrence.load(path)
    return ranker
