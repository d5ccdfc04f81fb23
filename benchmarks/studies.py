"""What an expert asks of an evaluation: training seeds, tuned baselines, another split.

    python benchmarks/studies.py HOME                        # all three, as `art-recsys evaluate --thorough` has them
    python benchmarks/studies.py HOME --only seeds --seeds 10
    python benchmarks/studies.py HOME --only tuning --trials 50

`tuning` searches the space of each baseline on the validation part (`art_recsys.reports.tuning`). `seeds` fits each
recommender that has a seed again with other seeds. `splits` fits all of them on the last-like split. Without `tuning`
the baselines have their default values. Nothing in the home is changed. Prints tables, and the report's parts as JSON.
"""

import argparse
import json
from pathlib import Path

from about import add_options, keep
from homes import settings_of

from art_recsys.config import Home
from art_recsys.evaluation import competitors, evaluate_split, hold_out
from art_recsys.features import load_frames
from art_recsys.platform.login import login
from art_recsys.reports.oracle import taste_of_users
from art_recsys.reports.result import report
from art_recsys.reports.seeds import SEEDS
from art_recsys.reports.tables import baselines_table, debiased_table, seeds_table, splits_table, table
from art_recsys.reports.thorough import studies
from art_recsys.reports.tuning import trials_of_ours, tune, tuned_recommenders

STUDIES = ("tuning", "seeds", "splits")
KEPT = ("debiased", "baselines", "budget", "seeds", "splits")


def measure(home: Path, only: tuple[str, ...] = STUDIES, seeds: int = SEEDS, trials: int | None = None) -> dict:
    "The report of an evaluation with these studies in it"
    settings = settings_of(home)
    project = login(settings)
    works, users, events = load_frames(project, settings)
    train, test = hold_out(events, settings.test_share)
    budget = trials_of_ours(settings) if trials is None else trials
    found = tune(works, users, train, budget, settings.valid_share, settings.seed) if "tuning" in only else {}
    models = competitors(settings, project.get_model_registry()) | tuned_recommenders(found, settings.seed)
    taste = taste_of_users(Home.of(settings).file("users_truth.npz"))
    same = {"seed": settings.seed, "text_model": settings.text_model, "taste": taste}
    result = evaluate_split(works, users, train, test, models, **same)
    result.tuning = found
    result.studies = studies(works, users, events, train, test, result, settings, evaluate_split, seeds, only)
    return report(result, settings)


def as_markdown(found: dict) -> str:
    "The tables of a report with studies"
    parts = ["Popularity counts for less", debiased_table(found), "Baselines", baselines_table(found)]
    if found["seeds"]:
        parts += ["Mean ± standard error over users / standard deviation over seeds", seeds_table(found)]
        columns = ("difference", "user_se", "seed_sd", "both_se", "wins", "seeds")
        for name, gaps in found["seeds"]["differences"].items():
            parts += [f"{name} against each other", table(gaps, None, columns)]
    if "table" in found["splits"]:
        parts += ["Two splits", splits_table(found)]
    return "\n\n".join(parts)


def main():
    arg = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arg.add_argument("home", type=Path, help="a home with everything up to the deploy stage")
    arg.add_argument("--only", nargs="+", choices=STUDIES, default=STUDIES, help="which studies; default: all")
    arg.add_argument("--seeds", type=int, default=SEEDS, help="trainings of each recommender with a seed")
    arg.add_argument(
        "--trials", type=int, default=None, help="for each baseline; default: as many as ours choose among"
    )
    add_options(arg)
    a = arg.parse_args()
    found = measure(a.home, tuple(a.only), a.seeds, a.trials)
    print(as_markdown(found), "\n")
    print(json.dumps({k: found[k] for k in KEPT}))
    keep({k: found[k] for k in KEPT}, a, settings_of(a.home).seed, a.home)


if __name__ == "__main__":
    main()
