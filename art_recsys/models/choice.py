"""Settings that a log chooses by itself: does the order of the likes matter, and if not, what serves it better?

The towers that were asked for are fitted first. Their `base` was trained on the earlier likes; the later ones judge:

1. *Times that say nothing.* The likes of a user all have one time, or lie as far apart as times drawn at random.
2. *Shuffled histories.* Otherwise the same towers are asked with histories in order and with shuffled ones
   (Klenitskiy and others, Does it look sequential?, 2024, https://arxiv.org/abs/2408.12008). Where order brings more
   than a standard error, it matters, and nothing else is tried: that costs two passes over the held-out likes.

Where order does not matter, a budget of further fits is spent on one change after the other: pooling over a history
whose order is drawn anew every epoch, a longer history, more candidates for the ranking model. A change stays if the
mean NDCG@10 per user of the held-out likes rises. The ranking model chooses its penalty of EASE in every fit.
"""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from art_recsys.config import rng
from art_recsys.core import Cols, as_artworks, as_events, ndcg, positives

from .fingerprints import fingerprint_of
from .interests import all_scores
from .sequences import next_like_examples
from .trained_towers import TrainedTowers

__all__ = ["HeldOut", "choice_line", "chosen_candidates", "fit_best", "fit_ranker", "spread_times", "times_say_nothing"]

CELLS = 2**25  # scores that are in memory at once
LEAST = 1000  # held-out likes; fewer cannot tell two settings apart
MOST = 5000  # held-out likes that are asked, drawn at random
POOLING = {"blocks": 0, "shuffle": True}
LONGER = 4  # times the history length
LONG = 0.1  # share of held-out histories that are longer than what is read, from which on a longer one is tried
MORE = 2  # times the candidates


def spread_times(
    events: pd.DataFrame,  # normalised
    seed: int,  # draws the order of the pairs
) -> pd.DataFrame:
    "Events that all have the same time get an order at random, so that some can be held out; others stay as they are"
    if events[Cols.ts].nunique() > 1 or len(events) < 2:
        return events
    pair = events.groupby([Cols.user_id, Cols.artwork_id]).ngroup().to_numpy()
    turn = rng(seed, "times").permutation(pair.max() + 1)[pair] * len(events) + np.arange(len(events))
    later = events.assign(**{Cols.ts: events[Cols.ts] + pd.to_timedelta(turn, unit="us")})
    return later.sort_values(Cols.ts, kind="stable").reset_index(drop=True)


def times_say_nothing(
    liked: pd.DataFrame,  # `user_id, ts`, oldest first
    seed: int = 42,  # of the permutations
    draws: int = 20,
) -> str:  # why; '' where they may say something
    "Whether the likes of a user all have one time, or lie as far apart as if the times had been dealt out at random"
    user = pd.factorize(liked[Cols.user_id])[0]
    when = liked[Cols.ts].rank(method="dense").to_numpy()

    def distances(t: np.ndarray) -> np.ndarray:
        order = np.lexsort((t, user))
        return np.diff(t[order])[np.diff(user[order]) == 0]

    real, r = distances(when), rng(seed, "times")
    if not len(real):
        return "no user has two likes"
    if (real == 0).mean() > 0.9:
        return "the likes of a user have one time"
    dealt = [np.log1p(distances(r.permutation(when))).mean() for _ in range(draws)]
    closer = np.mean(dealt) - np.log1p(real).mean()
    return "times as if drawn at random" if closer < 4 * np.std(dealt, ddof=1) else ""


class HeldOut:
    """The likes that the base model of fitted towers has not seen, as questions: what was liked next?

    `histories`: item indices, oldest first; `items`: the item index of each answer; `users`: user ids.
    """

    def __init__(
        self,
        tower: TrainedTowers,  # fitted, with a `base`
        events: pd.DataFrame,  # normalised, the same as for the fit
    ):
        liked, early = positives(events), positives(events[events[Cols.ts] <= tower.cut])
        late = liked[liked[Cols.ts] > tower.cut]
        self.seed = tower.config["seed"]
        self.histories, self.items, pick = next_like_examples(early, late, tower.base.item_index, self.seed, MOST)
        self.users = late[Cols.user_id].to_numpy()[pick]

    def __len__(self) -> int:
        return len(self.items)

    def shuffled(self) -> list[list[int]]:
        "The same histories, each in a random order"
        r = rng(self.seed, "order")
        return [r.permutation(h).tolist() for h in self.histories]

    def ndcg(
        self,
        tower: TrainedTowers,  # fitted on the same frames, not loaded: its base knows the users
        histories: list[list[int]] | None = None,  # those of the log where None
        k: int = 10,  # ranks that count
    ) -> pd.Series:  # by user id: the mean of their questions
        "NDCG@k of the base model over the whole catalogue, without what was liked before"
        base = tower.base
        histories = self.histories if histories is None else histories
        rank = np.zeros(len(self), int)
        for a in range(0, len(self), step := max(1, min(512, CELLS // len(base.candidates)))):
            at = slice(a, a + step)
            q = base.query_vectors(histories[at], base.profiles_of(list(self.users[at])))
            scores, items = all_scores(q, base.candidates), self.items[at]
            answer = scores[np.arange(len(items)), items][:, None]
            for row, h in zip(scores, histories[at], strict=True):
                row[h] = -np.inf
            rank[at] = (scores >= answer).sum(1).clip(min=1)  # of equal scores, all others come first
        found = ndcg(rank[:, None] == np.arange(1, k + 1), np.ones(len(self), int), k)
        return pd.Series(found, dtype=float).groupby(self.users).mean()


def _order(tower: TrainedTowers, held_out: HeldOut, liked: pd.DataFrame) -> dict[str, Any]:
    "Whether order matters, and the figures that say so"
    ordered, shuffled = held_out.ndcg(tower), held_out.ndcg(tower, held_out.shuffled())
    gain, error = float((ordered - shuffled).mean()), float((ordered - shuffled).sem())
    why = times_say_nothing(liked, held_out.seed)
    if not why and gain <= error:
        why = "shuffled histories do as well"
    figures = {"ndcg_10": float(ordered.mean()), "ndcg_10_shuffled": float(shuffled.mean()), "standard_error": error}
    return {"order_matters": not why, "why": why or "shuffled histories do worse", "users": len(ordered), **figures}


def fit_best(
    tower: Any,  # `TwoTower`, not fitted yet; becomes the best of those that were tried
    artworks: pd.DataFrame,  # as for `fit`
    users: pd.DataFrame,  # as for `fit`
    events: pd.DataFrame,  # as for `fit`
    checkpoints: str | Path | None = None,  # as for `fit`
) -> Any:  # `tower`; its `choice` says what was tried, with which figures, and how many fits are `left`
    "Fit what was asked for; if the order of the likes does not matter, try others on the held-out likes"
    budget, make, asked = tower.choice_budget, type(tower), tower.asked
    fingerprint, works = fingerprint_of(artworks, events), as_artworks(artworks)
    events = spread_times(as_events(events, works[Cols.artwork_id]), asked["seed"])
    best = make(**asked).fit(artworks, users, events, checkpoints)
    choice: dict[str, Any] = {}
    if best.base is not None and len(held_out := HeldOut(best, events)) >= LEAST:
        choice = _order(best, held_out, positives(events)) | {"asked": {}, "tried": [], "left": 0}
        if not choice["order_matters"]:
            frames = artworks, users, events, checkpoints
            best, choice["tried"] = _try(best, choice["ndcg_10"], held_out, budget, frames)
            choice["asked"] = {k: v for k, v in asked.items() if v != best.config[k]}
            choice["left"] = budget - len(choice["tried"])
    tower.__dict__.update(best.__dict__ | {"choice": choice, "choice_budget": budget, "fitted_on": fingerprint})
    return tower


def _try(best: Any, score: float, held_out: HeldOut, budget: int, frames: tuple) -> tuple[Any, list[dict]]:
    "One change after the other, each to the best so far"
    read, tried = best.config["history_length"], []
    changes = [POOLING]
    if np.mean([len(h) > read for h in held_out.histories]) > LONG:
        changes.append({"history_length": LONGER * read})
    for change in [c for c in changes if not c.items() <= best.config.items()][:budget]:
        other = type(best)(**best.config | change)
        try:
            found = float(held_out.ndcg(other.fit(*frames)).mean())
        except FloatingPointError:  # did not converge with these settings
            found = 0.0
        tried.append({"change": change, "ndcg_10": found, "kept": found > score})
        if found > score:
            best, score = other, found
    return best, tried


def fit_ranker(
    ranker: Any,  # a `Ranker`, fitted or not
    tower: TrainedTowers,  # fitted on the same frames; its `choice` gets what is tried here
    artworks: pd.DataFrame,  # as for `fit`
    users: pd.DataFrame,  # as for `fit`
    events: pd.DataFrame,  # as for `fit`
) -> Any:  # the fitted ranker, or another one with more candidates
    "Fit the ranking model; where the towers left a fit of their budget, also with more candidates"
    choice = tower.choice
    n = ranker.n_candidates
    ranker.fit(tower, artworks, users, events)
    if not choice.get("left") or n >= len(tower.candidate_ids) or tower.base is None:
        return ranker
    more = type(ranker)(MORE * n, ranker.seed, ranker.max_examples).fit(tower, artworks, users, events)
    figures = [max(r.summary["ndcg_10_retrieval"], r.summary["ndcg_10_ranking"]) for r in (ranker, more)]
    best = more if figures[1] > figures[0] else ranker
    choice["candidates"] = {"asked": n, "chosen": best.n_candidates, "ndcg_10": figures[0], "ndcg_10_more": figures[1]}
    return best


def chosen_candidates(
    model: Any,  # its `tower` or `two_tower`, if it has one, knows what was chosen
    n: int,  # candidates that were asked for
) -> int:
    "The number of candidates: `n`, or what the fit of the ranking model chose in its place"
    tower = getattr(model, "tower", None) or getattr(model, "two_tower", None)
    chosen = getattr(tower, "choice", {}).get("candidates", {})
    return chosen["chosen"] if chosen.get("asked") == n else n


def choice_line(
    choice: dict[str, Any],  # of fitted towers
) -> str:
    "What was found about the order, and what was tried, in one line"
    if not choice:
        return "as asked"
    said = [f"order {'matters' if choice['order_matters'] else 'does not matter'} ({choice['why']})"]
    said += [f"as asked {choice['ndcg_10']:.4f}, shuffled {choice['ndcg_10_shuffled']:.4f}"]
    for t in choice["tried"]:
        what = " and ".join(f"{k} {v}" for k, v in t["change"].items())
        said.append(f"{what} {t['ndcg_10']:.4f}{' (kept)' if t['kept'] else ''}")
    if c := choice.get("candidates"):
        n = c["asked"]
        said.append(f"ranking of {n} candidates {c['ndcg_10']:.4f}, of {MORE * n} {c['ndcg_10_more']:.4f}")
    return "; ".join(said)
