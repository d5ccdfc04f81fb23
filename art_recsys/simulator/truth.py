"""The truth about a simulated crowd: what each user wants. No model may read it; the oracle and the tests do."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
import pandas as pd

from art_recsys.config import UserError, rng, write_atomic
from art_recsys.core import Cols

from .attributes import name_directions
from .behaviour import BEHAVIOUR, Behaviour
from .kinds import ATTRIBUTE_WEIGHTS, KINDS

__all__ = ["Truth", "draw_truth", "interest_utilities", "true_utility", "wanted_works"]

_CANDIDATES = 64  # Random artworks of which one becomes a further interest
_NEVER = np.float32(-9)  # Utility for an interest that a user does not have


@dataclass
class Truth:
    """What simulated users want. Rows of `kinds`, `interests`, `weights` and `focus` belong to `user_ids`.

    The utility of any artwork for any user follows from these arrays (`true_utility`). They are kept in
    `users_truth.npz`, apart from everything that a model reads.
    """

    user_ids: np.ndarray  # str [users]
    artwork_ids: np.ndarray  # str [works]
    vectors: np.ndarray  # float32 [works, dims]: the attributes of `artwork_attributes` side by side
    widths: np.ndarray  # int [attributes]: dims of each attribute in `vectors`
    fame: np.ndarray  # float32 [works]: base popularity, with mean 0 and standard deviation 1
    kind_names: np.ndarray  # str [kinds]: `KINDS`
    kinds: np.ndarray  # int8 [users]: what each user follows, as an index of `kind_names`
    interests: np.ndarray  # int [users, 3, 4]: rows of the artworks of each interest, -1 where there is none
    weights: np.ndarray  # float32 [users, attributes]: how much each attribute counts, rows sum to one
    focus: np.ndarray  # float32 [users, 3]: share of each interest in the last session, rows sum to one

    def save(
        self,
        path: Path,  # `users_truth.npz`
    ) -> None:
        "Write the arrays at once or not at all; floats are kept in half precision"
        small = {k: v.astype(np.float16) if v.dtype == np.float32 else v for k, v in vars(self).items()}
        with write_atomic(path) as p, open(p, "wb") as f:
            np.savez(f, **small)

    @property
    def kind_of(self) -> pd.Series:  # Name of the kind by user id
        "What each user follows"
        return pd.Series(self.kind_names[self.kinds], index=pd.Index(self.user_ids, name=Cols.user_id), name="taste")

    @classmethod
    def load(
        cls,
        path: Path,  # `users_truth.npz` of a home
    ) -> "Truth":
        "Read what `save` wrote; raises `UserError` where there is no such file, or one of an earlier version"
        try:
            with np.load(path) as z:
                kept = dict(z.items())
        except FileNotFoundError:
            raise UserError(
                f"{Path(path).name} is not here: only synthetic users have a known truth.",
                "run art-recsys users without events_file",
            ) from None
        if missing := sorted({f.name for f in fields(cls)} - set(kept)):
            raise UserError(
                f"{Path(path).name} is of an earlier version: it has no {', '.join(missing)}.",
                "make the users anew: art-recsys users --force, then art-recsys run",
            )
        return cls(**{k: v.astype(np.float32) if v.dtype == np.float16 else v for k, v in kept.items()})


def _interest_directions(t: Truth, rows: np.ndarray) -> np.ndarray:
    "float32 [users, 3, dims]: the mean artwork of each interest, each attribute scaled to the user's weight for it"
    at = t.interests[rows]
    q = (t.vectors[at] * (at >= 0)[..., None]).sum(2)  # a sum is enough: its length is divided out
    for end, width in zip(np.cumsum(t.widths), t.widths, strict=True):
        part = q[..., end - width : end]
        part /= np.maximum(np.linalg.norm(part, axis=-1, keepdims=True), 1e-6)
    return q * np.repeat(t.weights[rows], t.widths, axis=1)[:, None]


def interest_utilities(
    t: Truth,  # Has `interests`, `weights` and `vectors`
    rows: np.ndarray,  # Rows of `t.user_ids`
) -> np.ndarray:  # float32 [users, 3, works]; -9 where the user has no such interest
    "Similarity of every artwork to every interest of these users, weighted by attribute"
    present = t.interests[rows, :, 0] >= 0
    out = np.full((*present.shape, len(t.vectors)), _NEVER, np.float32)
    out[present] = _interest_directions(t, rows)[present] @ t.vectors.T
    return out


def true_utility(
    t: Truth,  # From `Truth.load`
    rows: Sequence[int] | np.ndarray,  # Rows of `t.user_ids`
    b: Behaviour = BEHAVIOUR,  # Constants of the behaviour model
) -> np.ndarray:  # float32 [rows, works], in the order of `t.artwork_ids`
    """Utility of each artwork for each user at the end of the log: what an oracle ranks by.

    It is the similarity to the interest that fits best, less `focus_penalty` in so far as the focus is elsewhere, plus
    a little for the artwork's base popularity.
    """
    rows = np.asarray(rows)
    unfocused = (1 - t.focus[rows])[..., None]
    return (interest_utilities(t, rows) - b.focus_penalty * unfocused).max(1) + b.popularity_weight * t.fame


def wanted_works(
    truth: Truth,  # Has the ids and tastes of a crowd
    rows: Sequence[int] | np.ndarray,  # Rows of `truth.user_ids`
    artwork_ids: Sequence[str],  # Artworks of the crowd's catalogue, in the order of the answer
    share: float = 0.03,  # Of these artworks; at least 24 of them
) -> np.ndarray:  # bool [rows, artwork_ids]
    "Which artworks each of these users would like: those of the highest utility"
    utility = true_utility(truth, rows)[:, pd.Index(truth.artwork_ids).get_indexer(artwork_ids)]
    n = min(len(artwork_ids), max(24, int(share * len(artwork_ids))))
    return utility >= np.sort(utility, axis=1)[:, [-n]]


def _draw_interests(
    r: np.random.Generator,
    hidden: np.ndarray,  # float32 [works, dims]
    kinds: np.ndarray,
    seeds: np.ndarray,
    near: np.ndarray,
    can: np.ndarray,  # bool [kinds, works]: whether a work has companions for the kind
    b: Behaviour,
) -> np.ndarray:
    """int [users, 3, 4]. A further interest is of the user's kind, and of 64 artworks the one with the companions it
    needs that shares most of the hidden attribute with the first interest."""
    n, k = seeds.shape
    interests = np.full((n, 3, k), -1)
    interests[:, 0] = seeds
    how_many = r.choice(3, n, p=b.interest_shares)
    for m in (1, 2):
        tries = r.integers(len(hidden), size=(n, _CANDIDATES))
        fit = np.einsum("ud,utd->ut", hidden[seeds[:, 0]], hidden[tries]) - 9 * ~can[kinds[:, None], tries]
        also = tries[np.arange(n), fit.argmax(1)]
        group, has = np.column_stack([also, near[kinds, also][:, : k - 1]]), np.greater_equal(how_many, m)
        interests[:, m] = np.where(has[:, None], group, -1)
    return interests


def draw_truth(
    works: pd.DataFrame,  # Normalised
    attributes: dict[str, np.ndarray],  # From `artwork_attributes`
    kinds: np.ndarray,  # int8 [users]: what each user follows, of `KINDS`
    seeds: np.ndarray,  # int [users, 4] rows of `works`: the first interest of each user
    near: np.ndarray,  # int [kinds, works, n] rows of the most similar works, from `alike_first`
    alike: np.ndarray,  # bool [kinds, works, n], from `alike_first`
    user_ids: Sequence[str] | pd.Series,  # One per row of `seeds`
    seed: int,  # Of the run
    b: Behaviour = BEHAVIOUR,  # Constants of the behaviour model
) -> Truth:  # With the focus still on the first interest
    "Draw what the users want: weights around those of their kind, one to three interests, and base popularity"
    r = rng(seed, "truth")
    fame = r.standard_normal(len(works)) + 0.5 * name_directions(works[Cols.artist].tolist(), 1).ravel()
    usual = np.array([[ATTRIBUTE_WEIGHTS[kind][k] * bool(v.any()) for k, v in attributes.items()] for kind in KINDS])
    known = usual[kinds]
    weights = r.gamma(np.maximum(1.2 * known, 1e-9), size=known.shape) * (known > 0) + 1e-6
    return Truth(
        user_ids=np.asarray(user_ids, dtype=str),
        artwork_ids=works[Cols.artwork_id].to_numpy(str),
        vectors=np.hstack(list(attributes.values())),
        widths=np.array([v.shape[1] for v in attributes.values()]),
        fame=((fame - fame.mean()) / max(fame.std(), 1e-6)).astype(np.float32),
        kind_names=np.array(KINDS),
        kinds=kinds,
        interests=_draw_interests(r, attributes["hidden"], kinds, seeds, near, alike.sum(2) >= seeds.shape[1] - 1, b),
        weights=(weights / weights.sum(1, keepdims=True)).astype(np.float32),
        focus=np.tile(np.array([1, 0, 0], np.float32), (len(seeds), 1)),
    )
