"""What a ranking that nobody has seen yet would get from the visitors, judged on pages that another one showed them.

For each logged page the ranking makes its own page for the same visitor at the same moment, from what they had liked
and hidden until then. `measures.off_policy` weighs the likes of the logged page accordingly. Only pages that depended
on the visitor alone count: without filters, and without works that were left out because they hung there already.
"""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from art_recsys.core import Cols, Event
from art_recsys.measures.off_policy import FEW, Estimate, estimates, examination_of, explored_log, weights
from art_recsys.models.recommender import RecommenderBase
from art_recsys.models.requests import KnownUsers
from art_recsys.models.steps import padded
from art_recsys.platform.visitor_log import fresh_pages

__all__ = ["off_policy", "requests_then"]

ALIKE = 0.05  # share of the weight on explored impressions below which both rankings show the same artworks
NOTE = f"too few explored impressions: {FEW:.0f} of equal weight at least"


def requests_then(
    shown: pd.DataFrame,  # from `fresh_pages`
    decided: pd.DataFrame,  # from `fresh_pages`
    known: KnownUsers,  # what was known of the visitors before the first of these pages
) -> tuple[list[dict], np.ndarray]:  # one request per page, and for each impression whether it was liked afterwards
    "What the recommender was asked for each page, in the order of the log, and what became of it"
    of_user = {user: rows for user, rows in decided.groupby(Cols.user_id)}
    requests, liked = [], np.zeros(len(shown), bool)
    at = 0
    for _, page in shown.groupby("request_id", sort=False):
        user, first = page[Cols.user_id].iloc[0], page["n"].iloc[0]
        state = known.decisions(user)
        standing: set[str] = set()
        mine = of_user.get(user)
        if mine is not None:
            for n, work, event in mine[["n", Cols.artwork_id, Cols.event]].itertuples(index=False, name=None):
                if n < first:
                    state.pop(work, None)
                    state |= {} if event == Event.unlike else {work: event}
                else:
                    (standing.add if event == Event.like else standing.discard)(work)
        lists = {
            k: [a for a, e in state.items() if e == v] for k, v in (("history", Event.like), ("hidden", Event.hide))
        }
        requests.append(known.profiles.get(user, {Cols.user_id: user}) | lists)
        liked[at : at + len(page)] = page[Cols.artwork_id].isin(standing)
        at += len(page)
    return requests, liked


def _pages(recommender: RecommenderBase, requests: list[dict], sizes: np.ndarray) -> tuple[list, np.ndarray]:
    "For each request the artworks of the new page with their ranks and, pages x ranks, the scores"
    ranks: list[dict] = [{} for _ in requests]
    scores: list[np.ndarray] = [np.zeros(0) for _ in requests]
    for size in np.unique(sizes):
        rows = np.flatnonzero(sizes == size)
        for n, page in zip(rows, recommender.pages([requests[n] for n in rows], int(size)), strict=True):
            ranks[n] = {str(recommender.candidate_ids[i]): rank for rank, i in enumerate(page.items[0])}
            scores[n] = np.where(np.isfinite(page.scores[0]), page.scores[0], 0.0)
    return ranks, padded(scores, 0.0)


def _taste(ranker: Any, requests: list[dict], shown: pd.DataFrame, page: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    "The ranking model's probability of a like of each logged impression"
    out, ids = np.zeros(len(shown)), shown[Cols.artwork_id].to_numpy(object)
    for size in np.unique(sizes):
        rows = np.flatnonzero(sizes == size)
        mine = np.isin(page, rows)
        out[mine] = ranker.score([requests[n] for n in rows], ids[mine].reshape(len(rows), size)).ravel()
    return out


def off_policy(
    recommender: RecommenderBase,  # a served `page_recommender`: the ranking that is judged
    path: Path,  # `events.db` of the model server
    since: pd.Timestamp,  # pages after that only: those that the ranking has not learned from
    most: int = 1000,  # the latest pages
) -> dict:  # `text, pages, impressions, explored, n_eff, note, shown, ips, snips, dr`; the last four are per impression
    "Likes per impression of the pages that were shown, and what the new pages would have got"
    shown, decided = fresh_pages(path, since.isoformat(timespec="microseconds"), most)
    if shown.empty:
        return {"pages": 0, "impressions": 0, "explored": 0, "n_eff": 0.0, "note": NOTE, "text": f"off-policy: {NOTE}"}
    requests, liked = requests_then(shown, decided, recommender.known)
    page = pd.factorize(shown["request_id"])[0]
    sizes, rank = np.bincount(page), shown.groupby("request_id", sort=False).cumcount().to_numpy()
    drawn = [str(int(p)) in d.split(",") for p, d in zip(shown[Cols.position], shown["drawn"], strict=True)]
    always = pd.to_numeric(shown["always"]).fillna(0).to_numpy(int) - 1  # all None where nothing was explored
    explored = (shown[Cols.propensity].to_numpy(float), np.array(drawn), shown["exploration"].to_numpy(float), always)
    log = explored_log(page, rank, liked, *explored)
    ranks, scores = _pages(recommender, requests, sizes)
    taste = _taste(recommender.model.ranker, requests, shown, page, sizes)
    examined = examination_of(log, taste, int(sizes.max()))
    scale = liked.sum() / max((examined[rank] * taste).sum(), 1e-12)
    new_rank = np.array([ranks[n].get(a, -1) for n, a in zip(page, shown[Cols.artwork_id], strict=True)])
    visitor = pd.factorize(shown.groupby("request_id", sort=False)[Cols.user_id].first())[0]
    predicted = scale * (scores * examined[: scores.shape[1]]).sum(1) / sizes
    w = weights(log, new_rank, examined)
    found = estimates(log, w, examined, visitor, scale * examined[rank] * taste, predicted)
    out: dict = {k: list(v) if isinstance(v, Estimate) else v for k, v in found.items()}
    if np.isnan(out["snips"][0]):  # nothing that was shown is on the new pages
        out |= {"snips": None}
    few = out["snips"] is None or not liked.any() or (out["n_eff"] < FEW and out["carried"] > ALIKE)
    out |= {
        "pages": len(requests),
        "impressions": len(shown),
        "explored": int(sum(drawn)),
        "shown": float(liked.mean()),
    }
    return out | {"note": NOTE if few else "", "text": _sentence(out, few)}


def _sentence(found: dict, few: bool) -> str:
    if found["snips"] is None:
        return f"off-policy: nothing that visitors were shown is on the new pages; {NOTE}"
    if not found["shown"]:
        return f"off-policy: visitors liked no work on the {found['pages']:,} pages that they got; {NOTE}"
    value, low, high = (100 * x for x in found["snips"])
    words = f"off-policy: {value:.2f} likes per 100 works shown (95 % interval {low:.2f} to {high:.2f})"
    words += f", beside {100 * found['shown']:.2f} on the {found['pages']:,} pages that visitors got"
    return f"{words}; {NOTE}" if few else words
