"""How much of the oracle can a model reach? Rank works by the posterior of each synthetic user's taste, given the log.

    python benchmarks/ceiling.py HOME --users 300        # a home with users_truth.npz, which art-recsys run writes

The oracle knows what a user wants. A recommender only knows what the user was shown and what the user did. This
benchmark inverts the likelihood of the simulator. It samples the kind of taste, the attribute weights, the second and
third interest and the walk of the focus, given a user's events before the split (sequential Monte Carlo with
tempering). Then it ranks works by the expected probability of being shown and liked. A model that does not know the
simulator cannot do better.
The sampler knows all constants, the similarity of works in every attribute and the four works of the profile. The
output is one JSON object per line: one for each kind of evidence, and one for each part of the truth that is given
instead of inferred.
"""

import argparse
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.special import ndtr
from scipy.stats import gamma

from art_recsys.config import progress, read_parquet, rng
from art_recsys.core import Cols, Event, as_artworks, as_events, as_users, seen
from art_recsys.evaluation import hold_out
from art_recsys.measures.hits import per_user
from art_recsys.measures.statistics import intervals
from art_recsys.recommendation import make_recommenders
from art_recsys.simulator.attributes import artwork_attributes
from art_recsys.simulator.behaviour import Behaviour
from art_recsys.simulator.choices import examination_probability, like_probability
from art_recsys.simulator.kinds import ATTRIBUTE_WEIGHTS, KINDS
from art_recsys.simulator.truth import Truth, true_utility
from art_recsys.users import companions

B = Behaviour()
EVIDENCE = {
    "likes": "likes",
    "likes + impressions": "outcome",
    "likes + clicks + impressions": "clicks",
    "all + which works the log chose to show": "shown",
}


sure = like_probability  # appeal -> probability of a like


class Similarities:
    "What all users share: similarity of every work to every possible interest of every kind, per attribute"

    def __init__(self, works: pd.DataFrame, truth: Truth, seed: int, hidden: bool = True):
        attributes = artwork_attributes(works, seed)
        self.near, alike = companions(works, attributes, seed)  # kinds x works x 12
        self.n, self.names, self.truth = len(works), list(attributes), truth
        self.can = alike.sum(2) >= min(3, alike.shape[2])  # kinds x works
        first = np.broadcast_to(np.arange(self.n)[:, None], (len(KINDS), self.n, 1))
        self.group = np.concatenate([first, self.near[:, :, :3]], 2)
        self.attributes = {k: v if hidden or k != "hidden" else 0 * v for k, v in attributes.items()}
        # kinds x interests x attributes x works
        self.parts = np.stack([[self.likeness(g) for g in groups] for groups in self.group])
        self.fame, draw = B.popularity_weight * truth.fame, np.exp(truth.fame.astype(float))
        # probability that one slot of a page shows the work, for any user
        self.blind = (B.popular_per_page * draw / draw.sum() + B.random_per_page / self.n) / B.page_size
        self.hidden = attributes["hidden"] if hidden else None
        known = [[ATTRIBUTE_WEIGHTS[kind][k] * bool(v.any()) for k, v in attributes.items()] for kind in KINDS]
        self.grid = np.linspace(-4, 4, 401)
        self.ppf = [[gamma.ppf(ndtr(self.grid), 1.2 * a) if a else 0 * self.grid for a in of] for of in known]

    def likeness(self, group: np.ndarray) -> np.ndarray:  # attributes x works
        "Similarity of all works to one interest (a group of works)"
        out = []
        for v in self.attributes.values():
            q = v[group].sum(0)
            out.append(v @ (q / max(np.linalg.norm(q), 1e-6)))
        return np.stack(out).astype(np.float32)

    def weights(self, z: np.ndarray, kind: np.ndarray) -> np.ndarray:
        "Turn standard normal numbers (tastes x attributes) into attribute weights with the prior of each kind"
        w = np.empty(z.shape)
        for k in np.unique(kind):
            at = kind == k
            w[at] = np.stack([np.interp(z[at, b], self.grid, p) for b, p in enumerate(self.ppf[k])], 1)
        w += 1e-6
        return (w / w.sum(1, keepdims=True)).astype(np.float32)

    def kind_prior(self, seeds: np.ndarray) -> np.ndarray:
        "Probability of each kind given the four works of the profile, which must be companions for the kind"
        fits = np.array(
            [self.can[k, seeds[0]] & np.isin(seeds[1:], self.near[k, seeds[0]]).all() for k in range(len(KINDS))]
        )
        if not fits.any():
            fits[-1] = True  # what the source calls similar is a mix
        p = np.array(B.kind_shares) * fits
        return p / p.sum()

    def second(self, seed_work: int, kind: int) -> np.ndarray:
        "Prior of a further interest (works): the nearest in the hidden attribute out of 64 random works"
        can = self.can[kind] if self.can[kind].any() else np.ones(self.n, bool)
        if self.hidden is None:
            return can / can.sum()
        rank = np.argsort(np.argsort(np.where(can, self.hidden @ self.hidden[seed_work], -9))) + 1.0
        p = ((rank / self.n) ** 64 - ((rank - 1) / self.n) ** 64) * can
        return p / p.sum()


@dataclass
class Log:
    "Events of one user before the split; sessions count from 0"

    seeds: np.ndarray
    session: np.ndarray  # one entry per shown work that is not a seed work, as in the fields below
    work: np.ndarray
    notice: np.ndarray
    click: np.ndarray
    like: np.ndarray
    sessions: int

    @classmethod
    def of(cls, g: pd.DataFrame, seeds: np.ndarray, item_index: pd.Index) -> "Log":
        "From a user's events in order of time"
        shown = g[g[Cols.event] == Event.impression]

        def pair(df):
            return pd.MultiIndex.from_arrays([df[Cols.artwork_id], df[Cols.request_id]])

        did = {e: pair(shown).isin(pair(g[g[Cols.event] == e])) for e in (Event.click, Event.like)}
        start = shown.groupby(Cols.request_id, sort=False)[Cols.ts].transform("min")
        session = (start.diff() > pd.Timedelta("50min")).cumsum().to_numpy()
        free = shown[Cols.propensity].notna().to_numpy()
        return cls(
            seeds,
            session[free],
            item_index.get_indexer(shown[Cols.artwork_id])[free],
            examination_probability(shown[Cols.position].to_numpy()[free]),
            did[Event.click][free],
            did[Event.like][free],
            int(session.max()) + 1,
        )


@dataclass
class Cloud:
    "Samples of a taste: its kind, normal numbers for the weights, further interests, their number, steps of the focus"

    kind: np.ndarray
    z: np.ndarray
    also: np.ndarray
    many: np.ndarray
    step: np.ndarray

    def pick(self, rows):
        "A new cloud with the samples `rows`"
        return Cloud(*(v[rows] for v in vars(self).values()))

    def where(self, ok, other):
        "Replace the samples `ok` by those of `other`"
        for k, v in vars(self).items():
            v[ok] = getattr(other, k)[ok]


def effective(ll: np.ndarray, heat: float) -> float:
    "Effective sample size of the importance weights exp(heat * ll)"
    w = np.exp(heat * (ll - ll.max()))
    return w.sum() ** 2 / (w**2).sum()


class UserPosterior:
    "Samples the posterior of one user's taste"

    ahead = 2  # future sessions that `scores` averages over

    def __init__(self, m: Similarities, log: Log, r: np.random.Generator, evidence: str):
        self.m, self.log, self.r, self.evidence = m, log, r, evidence
        self.first, self.kinds = m.likeness(log.seeds), m.kind_prior(log.seeds)
        self.prior = np.stack([m.second(log.seeds[0], k) for k in range(len(KINDS))])  # kinds x works

    def draw(self, n: int) -> Cloud:
        "n samples of the prior"
        r = self.r
        kind = r.choice(len(KINDS), n, p=self.kinds)
        also = np.stack([r.choice(self.m.n, (n, 2), p=p) for p in self.prior])
        return Cloud(
            kind,
            r.standard_normal((n, len(self.first))),
            also[kind, np.arange(n)],
            r.choice(3, n, p=B.interest_shares),
            r.standard_normal((n, self.log.sessions + self.ahead, 3)),
        )

    def moved(self, c: Cloud) -> Cloud:
        "A proposal (Metropolis step) that keeps the prior invariant"
        new, n = self.draw(len(c.many)), len(c.many)
        far = self.r.choice([0.1, 0.3, 0.7], (n, 1))
        how = self.r.integers(3, size=n)
        z = np.where((how != 1)[:, None], np.sqrt(1 - far**2) * c.z + far * new.z, c.z)
        step = np.where(
            (how != 0)[:, None, None], np.sqrt(1 - far[..., None] ** 2) * c.step + far[..., None] * new.step, c.step
        )
        jump = self.r.random(n) < 0.15  # to another kind, with other interests of that kind
        other = (self.r.random((n, 2)) < np.where(how == 2, 0.5, 0.15)[:, None]) & (new.kind == c.kind)[:, None]
        return Cloud(
            np.where(jump, new.kind, c.kind),
            z,
            np.where(other | jump[:, None], new.also, c.also),
            np.where(self.r.random(n) < 0.2, new.many, c.many),
            step,
        )

    def focus(self, c: Cloud) -> np.ndarray:
        "Weight of each interest per session: tastes x sessions x 3"
        nth = np.arange(c.step.shape[1])
        walk = np.cumsum(np.where(nth[:, None] > 0, c.step, 0) * B.focus_drift, axis=1)
        walk[..., 0] += B.focus_start - B.focus_fade * np.minimum(nth, 8)
        walk = np.where(np.arange(3) <= c.many[:, None, None], walk, -99)
        e = np.exp(walk - walk.max(2, keepdims=True))
        return (e / e.sum(2, keepdims=True)).astype(np.float32)

    def crowd(self, c: Cloud):
        "Similarity to interests (tastes x 3 x works), best works, their lowest utility, utility at even odds, scale"
        m, w = self.m, self.m.weights(c.z, c.kind)
        like = np.empty((len(w), 3, m.n), np.float32)
        like[:, 0] = w @ self.first
        for i in (0, 1):
            like[:, i + 1] = np.einsum("nb,nbw->nw", w, m.parts[c.kind, c.also[:, i]], optimize=True)
        like[:, 1:][np.arange(1, 3) > c.many[:, None]] = -9
        want = like.max(1) + m.fame
        k = min(m.n, int(np.clip(B.wanted[0] * m.n, *B.wanted[1:])))
        catalogue = np.argpartition(-want, 2 * k - 1, axis=1)[:, : 2 * k]
        top = -np.sort(-np.take_along_axis(want, catalogue, 1), axis=1)
        return (
            like,
            catalogue,
            top[:, -1],
            top[:, k - 1],
            np.maximum(top[:, : max(1, k // 8)].mean(1) - top[:, k - 1], 1e-3),
        )

    def appeal(self, crowd, focus, work):
        "Appeal of works: tastes x len(work), or tastes x sessions x catalogue"
        like, _, _, ok, scale = crowd
        n = np.arange(len(ok))
        if work.ndim == 1:
            want = (like[:, :, work] - B.focus_penalty * (1 - focus).swapaxes(1, 2)).max(1) + self.m.fame[work]
        else:
            mine = like[n[:, None], :, work].swapaxes(1, 2)[:, None]  # n, 1, 3, catalogue
            want = (mine - B.focus_penalty * (1 - focus)[..., None]).max(2) + self.m.fame[work][:, None]
        shape = (-1, *[1] * (want.ndim - 1))
        return (want - ok.reshape(shape)) / scale.reshape(shape)

    def loglik(self, c: Cloud) -> np.ndarray:
        "Log-likelihood of the log for each taste, with the kind of evidence of this object"
        log, crowd, focus = self.log, self.crowd(c), self.focus(c)
        if not len(log.work):
            return np.zeros(len(c.many))
        x = self.appeal(crowd, focus[:, log.session], log.work)
        click = log.notice * sure(x + B.click_margin)
        like = click * sure(x)
        if self.evidence in ("likes", "shown"):
            on = self.appeal(crowd, focus[:, : log.sessions], crowd[1])
            pull = np.exp(np.clip(on / B.page_temperature, -50, 50))
            total = pull.sum(2)
            floor = (crowd[2] - crowd[3]) / crowd[4]
            raw = self.appeal(crowd, np.ones_like(focus[:, log.session]), log.work)
            fits = np.where(
                raw >= floor[:, None] - 1e-6,
                np.exp(np.clip(x / B.page_temperature, -50, 50)) / total[:, log.session],
                0,
            )
            chance = B.taste_per_page / B.page_size * fits + self.m.blind[log.work]
        if self.evidence == "likes":
            on_like = sure(on + B.click_margin) * sure(on)
            rest = (
                (B.taste_per_page / B.page_size * pull / total[..., None] + self.m.blind[crowd[1]][:, None]) * on_like
            ).sum(2) + 0.003
            return np.log((chance * like / rest[:, log.session])[:, log.like]).sum(1)
        eps = 1e-9
        if self.evidence == "outcome":
            return np.where(log.like, np.log(like + eps), np.log(1 - like)).sum(1)
        did = np.where(
            log.like, np.log(like + eps), np.where(log.click, np.log(click * (1 - sure(x)) + eps), np.log(1 - click))
        )
        return did.sum(1) + (np.log(chance).sum(1) if self.evidence == "shown" else 0)

    def sample(self, n: int, moves: int = 3) -> Cloud:
        "Sample the posterior: start at the prior and temper in steps that keep half of the tastes effective"
        c = self.draw(n)
        ll, heat = self.loglik(c), 0.0
        while heat < 1:
            left, right = 0.0, 1 - heat
            if effective(ll, right) < n / 2:
                for _ in range(30):
                    mid = (left + right) / 2
                    left, right = (mid, right) if effective(ll, mid) > n / 2 else (left, mid)
            w = np.exp(right * (ll - ll.max()))
            heat = min(1.0, heat + right)
            rows = np.searchsorted(np.cumsum(w) / w.sum(), (np.arange(n) + self.r.random()) / n).clip(0, n - 1)
            c, ll = c.pick(rows), ll[rows]
            for _ in range(moves if heat < 1 else 3 * moves):
                new = self.moved(c)
                l2 = self.loglik(new)
                ok = np.log(self.r.random(n)) < heat * (l2 - ll)
                c.where(ok, new)
                ll = np.where(ok, l2, ll)
        return c

    def scores(self, c: Cloud) -> np.ndarray:
        "Expected probability of every work to be shown and liked in the next sessions"
        crowd, focus, out = self.crowd(c), self.focus(c)[:, -self.ahead :], 0
        floor = ((crowd[2] - crowd[3]) / crowd[4])[:, None]
        want = (crowd[0].max(1) + self.m.fame - crowd[3][:, None]) / crowd[4][:, None]
        for s in range(self.ahead):
            x = (
                (crowd[0] - B.focus_penalty * (1 - focus[:, s])[..., None]).max(1) + self.m.fame - crowd[3][:, None]
            ) / crowd[4][:, None]
            pull = np.where(want >= floor - 1e-6, np.exp(np.clip(x / B.page_temperature, -50, 50)), 0)
            out = out + (
                (B.taste_per_page / B.page_size * pull / pull.sum(1, keepdims=True) + self.m.blind)
                * sure(x + B.click_margin)
                * sure(x)
            ).mean(0)
        return out


def scores_given(v: UserPosterior, t: Truth, row: int, m: Similarities, what: str, n: int) -> np.ndarray:
    "Scores of all works if a part of the truth (`what`) is known and the rest comes from the prior"
    c = v.draw(n)
    c.kind[:] = t.kinds[row]
    many = int((t.interests[row, 1:, 0] >= 0).sum())
    c.many[:] = many
    c.also[:] = np.maximum(t.interests[row, 1:, 0], 0)
    if "weights" in what:
        m = v.m
        target = t.weights[row]
        m_weights, m.weights = m.weights, lambda z, kind: np.tile(target, (len(z), 1))
    if "focus" in what:
        focus, v.focus = v.focus, lambda c: np.tile(t.focus[row], (n, v.ahead, 1))
    out = v.scores(c)
    if "weights" in what:
        m.weights = m_weights
    if "focus" in what:
        v.focus = focus
    return out


def main():
    arg = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arg.add_argument("home", type=Path)
    arg.add_argument("--users", type=int, default=300, help="number of users with test positives to sample")
    arg.add_argument("--tastes", type=int, default=192, help="samples of the posterior per user")
    arg.add_argument(
        "--moves",
        type=int,
        default=3,
        help="steps of each sample at each temperature; more steps come closer to the posterior",
    )
    arg.add_argument(
        "--systems", nargs="*", default=["popularity", "item_knn", "ease"], help="recommenders to compare with"
    )
    arg.add_argument("--share", type=float, default=0.1, help="share of the likes in the test part")
    arg.add_argument("--seed", type=int, default=42, help="seed of the home and of the sampler")
    arg.add_argument(
        "--evidence", nargs="+", default=list(EVIDENCE), choices=EVIDENCE, help="what the posterior knows of the log"
    )
    a = arg.parse_args()
    works = as_artworks(read_parquet(a.home / "enriched.parquet"))
    truth, events = Truth.load(a.home / "users_truth.npz"), as_events(read_parquet(a.home / "events.parquet"))
    train, test = hold_out(events, a.share)
    item_index, of = pd.Index(works[Cols.artwork_id]), pd.Index(truth.user_ids)
    known = set(train[Cols.user_id])
    users_in_both = np.array([u for u in test[Cols.user_id].unique() if u in known], object)
    asked = rng(a.seed, "ceiling").permutation(users_in_both)[: a.users]
    test = test[test[Cols.user_id].isin(asked)]
    decided = seen(train[train[Cols.user_id].isin(asked)]).groupby(Cols.user_id)[Cols.artwork_id].agg(list)
    logs = {
        u: Log.of(g, truth.interests[of.get_loc(u), 0], item_index)
        for u, g in train[train[Cols.user_id].isin(asked)].groupby(Cols.user_id)
    }

    def best(scores: dict) -> pd.DataFrame:
        "The ten best works of every user that the user has not decided on"
        rows = []
        for u, s in scores.items():
            s = np.array(s, float)
            s[item_index.get_indexer(decided.get(u, []))] = -np.inf
            rows.append(
                pd.DataFrame({Cols.user_id: u, Cols.artwork_id: item_index[np.argsort(-s, kind="stable")[:10]]})
            )
        return pd.concat(rows)

    base = []

    def print_row(name, found):
        "Print NDCG@10 of scores or recommendations, and its share of the first row (the oracle)"
        value = per_user(found if isinstance(found, pd.DataFrame) else best(found), test, ["ndcg@10"]).reindex(asked)
        if not base:
            base.append(value["ndcg@10"])
        draw = rng(a.seed, "share").integers(len(asked), size=(1000, len(asked)))
        share = value["ndcg@10"].to_numpy()[draw].mean(1) / base[0].to_numpy()[draw].mean(1)
        i = intervals(value, a.seed).loc["ndcg@10"]
        print(
            json.dumps(
                {
                    "ranked by": name,
                    "users": len(asked),
                    **{f"ndcg@10 {k}": round(float(v), 4) for k, v in i.items()},
                    "share of oracle": [
                        round(float(x), 3)
                        for x in (value["ndcg@10"].mean() / base[0].mean(), *np.quantile(share, [0.025, 0.975]))
                    ],
                }
            ),
            flush=True,
        )

    print_row("oracle: true utility at the end of the log", {u: true_utility(truth, [of.get_loc(u)])[0] for u in asked})
    m = Similarities(works, truth, a.seed)

    def posterior(u, e, m):
        return UserPosterior(m, logs[u], rng(a.seed, "posterior", u), EVIDENCE[e])

    for what in ("interests, weights and focus known", "interests and weights known", "interests known"):
        print_row(
            f"probability of shown and liked, {what}",
            {u: scores_given(posterior(u, "likes", m), truth, of.get_loc(u), m, what, 64) for u in asked},
        )
    users, models = as_users(read_parquet(a.home / "users.parquet")), make_recommenders()
    for name in a.systems:
        print_row(name, models[name].fit(works, users, train).recommend(asked, 10))
    for hidden in (True, False):
        m = Similarities(works, truth, a.seed, hidden)
        for e in (
            a.evidence if hidden else a.evidence[:: len(a.evidence) - 1 or 1]
        ):  # without the hidden attribute: only the first and the last kind of evidence
            found = {}
            for u in progress(list(asked), e, unit="user"):
                v = posterior(u, e, m)
                found[u] = v.scores(v.sample(a.tastes, a.moves))
            print_row(f"posterior given {e}{'' if hidden else ', hidden attribute unknown'}", found)


if __name__ == "__main__":
    main()
