"""The running experiment of a server: who is in which arm, what its figures say, and when it stops by itself."""

import sys
import threading
from contextlib import suppress
from typing import Any

import numpy as np
from scipy.stats import binomtest

from art_recsys.config import Settings, UserError
from art_recsys.measures.sequential import detectable, excess, visitors_needed

from .arms import Arm, label_of, load_arms, moved_arms
from .experiment_file import arm_of, end_experiment, read_experiments
from .tally import Tally

__all__ = ["Experiments", "figures", "said", "tally_of"]

WORTH = 0.1  # the relative difference for which `figures` says how many visitors it takes
UNEVEN = 0.001  # p-value of the split below which the assignment itself is in doubt (Fabijan and others, KDD 2019)
FEW = 20  # visitors of arm b before a guardrail warns
SECONDS = 10.0  # between two looks at the guardrails


def tally_of(settings: Settings, experiment: dict) -> Tally:
    "An empty tally with the settings of the home"
    return Tally(experiment["name"], settings.guard_ms, settings.experiment_alpha, settings.experiment_visitors)


def _guardrails(settings: Settings, tally: Tally) -> list[dict]:  # `{name, words, state}`; state: ok, warn or crossed
    "Arm b beside what it may do: hides, empty pages, slow pages"
    more, alpha, plan = 1 + settings.guard_hides, settings.experiment_alpha, settings.experiment_visitors
    watched = (
        ("hides", None, f"at most {100 * settings.guard_hides:.0f} % more hides than in a"),
        ("empty", settings.guard_empty, f"at most {100 * settings.guard_empty:g} % empty pages, or as many as in a"),
        ("slow", 0.05, f"at most 5 % of the pages take over {settings.guard_ms:g} ms, or as many as in a"),
    )
    out = []
    for kind, limit, words in watched:
        a, b = tally.sums(kind, "a"), tally.sums(kind, "b")
        value, low = excess(b, more if limit is None else 1.0, a, alpha, plan)
        if limit is not None:  # a limit of its own is crossed only where arm a, on the same machine, does better
            value, low = map(min, zip((value, low), excess(b, limit, None, alpha, plan), strict=True))
        state = "crossed" if low > 0 and b.n >= FEW else "warn" if value > 0 and b.n >= FEW else "ok"
        out.append({"name": kind, "words": words, "state": state, "rate": float(b.rate), "excess": value})
    return out


def figures(
    settings: Settings,  # of the home
    experiment: dict,  # of `experiments.json`
    tally: Tally,  # up to date
) -> dict:  # as JSON
    "Everything that is known about an experiment now"
    a, b, found = tally.sums("likes", "a"), tally.sums("likes", "b"), tally.lift()
    known = bool(np.isfinite(found.low))
    arms = [{"arm": n, "label": label_of(experiment[n]), **tally.total(n)} for n in "ab"]
    for arm, s in zip(arms, (a, b), strict=True):
        arm["rate"] = float(s.rate)
    n = int(a.n + b.n)
    uneven = n > 0 and bool(binomtest(int(b.n), n, experiment["share"]).pvalue < UNEVEN)
    out = {k: experiment.get(k) for k in ("name", "at", "ended", "state", "why", "share")} | {
        "arms": arms,
        "lift": {k: float(v) for k, v in found._asdict().items()} if known else None,
        "path": [list(p) for p in tally.path],
        "guardrails": _guardrails(settings, tally),
        "uneven": uneven,
        "alpha": settings.experiment_alpha,
        "detectable": detectable(a, b, tally.alpha, tally.plan) if known else None,
        "needed": visitors_needed(a, WORTH, experiment["share"], tally.alpha) if a.y >= 20 else None,
    }
    return out | {"text": said(out)}


def said(found: dict) -> str:  # one to three sentences
    "What the figures of an experiment say"
    visitors = sum(arm["visitors"] for arm in found["arms"])
    if not visitors:
        return "Nobody has come yet."
    needed = ""
    if found["needed"]:
        needed = f" About {found['needed']:,} visitors show a difference of {100 * WORTH:.0f} % four times in five."
    if found["lift"] is None:
        return f"{visitors:,} {'visitor is' if visitors == 1 else 'visitors are'} too few to say anything.{needed}"
    low, high, value = (found["lift"][k] for k in ("low", "high", "value"))
    range_ = f"between {_percent(low)} and {_percent(high)}"
    if low > 0 or high < 0:
        more = "more" if low > 0 else "fewer"
        return f"Arm b gets {more} likes per work shown: {_percent(value)}, {range_}. That is more than chance."
    return f"No difference is shown yet: likes of arm b per work shown are {_percent(value)}, {range_}.{needed}"


def _percent(x: float) -> str:
    return f"{100 * x:+.1f} %".replace("-", "−")


def say(text: str) -> None:
    "Print to the log of the server, if it can be written"
    with suppress(OSError):  # the log may be on a full disk, and who follows the releases must go on
        print(text, file=sys.stderr, flush=True)


class Experiments:
    "Follows `experiments.json`, holds the arms, and looks at the guardrails"

    def __init__(
        self,
        settings: Settings,  # as the server was started
    ):
        self.settings = settings
        self.running: dict | None = None
        self.arms: dict[str, Arm] = {}
        self._seen: Any = None
        self._tally: Tally | None = None
        self._lock, self._waited = threading.Lock(), 0.0

    def arm_of(self, user_id: str) -> Arm | None:
        "The arm of a visitor, None where no experiment runs"
        arms, running = self.arms, self.running
        return arms[arm_of(running, user_id)] if running and arms else None

    def look(
        self,
        service: Any,  # the `Service` that is served now
        passed: float = 1.0,  # seconds since the last look
    ) -> None:
        "Follow the file; load the arms of a new experiment or for a new release; look at the guardrails"
        try:
            self._follow(service, passed)
        except Exception as e:  # the thread that follows releases must go on, and visitors get the release meanwhile
            if self._seen != str(e):
                self._seen, self.running, self.arms = str(e), None, {}
                say(f"experiment: {getattr(e, 'what', e)}")

    def _follow(self, service: Any, passed: float) -> None:
        running = read_experiments(self.settings)["running"]
        if running is None:
            self.running, self.arms, self._tally, self._seen = None, {}, None, None
            return
        if self._seen != (running, service.version, service.live_seq):
            self._load(running, service)
        self._waited += passed
        if self.running and self._waited >= SECONDS:
            self._waited = 0.0
            self._guard()

    def _load(self, running: dict, service: Any) -> None:
        "The arms replace those before in one assignment; one that cannot be loaded ends the experiment"
        only_catalogue = bool(self.arms) and self._seen[:2] == (running, service.version)
        self._seen = running, service.version, service.live_seq
        try:
            if only_catalogue:
                arms = moved_arms(self.arms, service, running)
            else:
                arms = load_arms(self.settings, service, running)
        except Exception as e:
            why = f"an arm could not be loaded: {getattr(e, 'what', e)}"
            say(f"experiment {running['name']}: {why}")
            self.running, self.arms = None, {}
            end_experiment(self.settings, why=why, name=running["name"])
            return
        if self.running != running:
            self._tally = tally_of(self.settings, running)
        self.running, self.arms = None, arms  # nobody is given an arm of one experiment under the name of another
        self.running = running

    def _guard(self) -> None:
        found = self.figures()
        crossed = [g["words"] for g in (found or {}).get("guardrails", []) if g["state"] == "crossed"]
        if found and crossed and self.settings.guardrails == "stop":
            why = f"a guardrail was crossed: {'; '.join(crossed)}"
            end_experiment(self.settings, why=why, name=found["name"])
            say(f"experiment {found['name']} stopped, {why}")

    def figures(self) -> dict | None:
        "As `figures`, for the running experiment; None where there is none"
        running, tally = self.running, self._tally
        if not running or tally is None:
            return None
        with self._lock:
            return figures(self.settings, running, tally.read(self.settings.home / "events.db"))

    def shown(self) -> dict | None:
        "For the operators: the figures of the running experiment, or how the last one ended; None without any"
        if found := self.figures():
            return found
        try:
            past = read_experiments(self.settings)["past"]
        except UserError:
            return None
        return {k: past[0].get(k) for k in ("name", "state", "why", "share", "at", "ended")} if past else None

    def forget(self) -> None:
        "A visitor was forgotten: count again from what is on disk"
        with self._lock:
            if self._tally is not None:
                self._tally.clear()
