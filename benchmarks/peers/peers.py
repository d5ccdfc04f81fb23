"""SASRec, eSASRec and HSTU of rectools on a split that `benchmarks/movielens.py --export` wrote.

    python peers.py search FOLDER --names sasrec esasrec hstu       # hyper-parameters and epochs, on validation
    python peers.py recommend FOLDER --names esasrec --seeds 42 43 44 45 46      # lists for the test part

Runs in an environment of its own (README.md). FOLDER has `val` and `test`, each with `fit.csv` (what a model may learn
from) and `held.csv` (the likes to predict). `search` fits every setting of GRID on `val/fit.csv`, as long as NDCG@10 of
the held-out likes rises, and appends a line per setting to `trials.jsonl`. `recommend` takes the best setting and its
number of epochs, fits on `test/fit.csv` once per seed and writes the hundred best films of every user to
`lists/NAME-SEED.csv`. What is there already is not run again.

Of `test/held.csv`, `recommend` reads who is asked for and, for `hstu` alone, when: HSTU with relative time is told the
moment of the like that it predicts. `hstu_last` are the lists of the same model when it is told the moment of the last
known like instead. `hstu_order` has no relative time at all.
"""

import argparse
import itertools
import json
import logging
import os
import time
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from pytorch_lightning import Trainer, seed_everything
from pytorch_lightning.callbacks import EarlyStopping
from rectools import Columns
from rectools.dataset import Dataset
from rectools.dataset.context import get_context
from rectools.models import HSTUModel, SASRecModel
from rectools.models.nn.item_net import IdEmbeddingsItemNet
from rectools.models.nn.transformers.lightning import TransformerLightningModule
from rectools.models.nn.transformers.ligr import LiGRLayers


class Module(TransformerLightningModule):
    "The losses of rectools, from the positions that are not padding, which is half of the work; NDCG on validation"

    def logits(self, session: torch.Tensor, items: torch.Tensor) -> torch.Tensor:
        return self.torch_model.similarity_module(session, items) / self.logits_t

    def training_step(self, batch, batch_idx):
        net, real = self.torch_model, batch["y"] > 0
        items = net.item_model.get_all_embeddings()
        logits, y = self.logits(net.encode_sessions(batch, items)[real], items), batch["y"][real]
        if "negatives" in batch:  # sampled softmax: of all films, only the right one (first) and the drawn ones count
            logits = logits.gather(1, torch.cat([y[:, None], batch["negatives"][real]], 1))
            y = torch.zeros_like(y)
        return torch.nn.functional.cross_entropy(logits, y)

    def validation_step(self, batch, batch_idx):
        logits = self.logits(self.torch_model.encode_sessions(batch, self.item_embs)[:, -1], self.item_embs)
        logits = logits.scatter(1, batch["x"], -torch.inf)  # what is in the history
        logits[:, 0] = -torch.inf  # the padding
        rank = (logits > logits.gather(1, batch["y"])).sum(1)
        self.log("ndcg", torch.where(rank < 10, 1 / torch.log2(rank + 2.0), 0.0).mean(), batch_size=len(rank))


COMMON = {
    "n_blocks": 2,
    "batch_size": 32,
    "item_net_block_types": (IdEmbeddingsItemNet,),
    "lightning_module_type": Module,
    "recommend_torch_device": "cpu",
}
SAMPLED = {"loss": "sampled_softmax"}
HSTU = SAMPLED | {"n_negatives": 128, "relative_pos_attention": True, "lightning_module_kwargs": {"logits_t": 0.05}}
MODELS = {
    "sasrec": (SASRecModel, {"loss": "softmax"}),
    "esasrec": (
        SASRecModel,
        SAMPLED
        | {
            "n_negatives": 256,
            "transformer_layers_type": LiGRLayers,
            "transformer_layers_kwargs": {"ff_factors_multiplier": 4},
            "use_key_padding_mask": True,
        },
    ),
    "hstu": (HSTUModel, HSTU | {"relative_time_attention": True}),
    "hstu_order": (HSTUModel, HSTU | {"relative_time_attention": False}),
}
SMALL = {"n_factors": 64, "n_heads": 1, "session_max_len": 100, "dropout_rate": 0.2}
GRID = [  # the same settings for every model
    SMALL,
    SMALL | {"lr": 0.003},
    SMALL | {"lr": 0.003, "dropout_rate": 0.4},
    SMALL | {"lr": 0.003, "dropout_rate": 0.4, "session_max_len": 200},
]
EPOCHS, PATIENCE = 60, 10


def trainer(epochs: int, search: bool) -> Trainer:
    "With early stopping on validation, or for a fixed number of epochs"
    stop = EarlyStopping("ndcg", mode="max", patience=PATIENCE, check_on_train_epoch_end=False)
    return Trainer(
        accelerator="cpu",
        devices=1,
        max_epochs=epochs,
        callbacks=[stop] if search else [],
        num_sanity_val_steps=0,
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
    )


def is_held_out(interactions: pd.DataFrame, fit: int) -> np.ndarray:
    "The rows after the first `fit`"
    return np.arange(len(interactions)) >= fit


def read(folder: Path, name: str) -> pd.DataFrame:
    "The likes of one file, as rectools calls their columns"
    df = pd.read_csv(folder / f"{name}.csv", dtype=str)
    df = df.set_axis([Columns.User, Columns.Item, Columns.Datetime], axis=1)
    moment = pd.to_datetime(df[Columns.Datetime].astype(int), unit="s")
    return df.assign(**{Columns.Datetime: moment, Columns.Weight: 1})


def build(name: str, setting: dict, seed: int, epochs: int, fit: int | None = None):
    "A model that is not fitted yet; `fit`: the rows to learn from, where the others decide when to stop"
    seed_everything(seed, verbose=False)
    kind, own = MODELS[name]
    more = {"get_trainer_func": trainer, "get_trainer_func_kwargs": {"epochs": epochs, "search": fit is not None}}
    if fit is not None:
        more |= {"get_val_mask_func": is_held_out, "get_val_mask_func_kwargs": {"fit": fit}}
    return kind(**COMMON | own | setting | more)


def search(folder: Path, names: list[str], seed: int):
    "Every setting of GRID on validation, a line of `trials.jsonl` each"
    fit, held = read(folder / "val", "fit"), read(folder / "val", "held")
    data = Dataset.construct(pd.concat([fit, held], ignore_index=True))
    for setting, name in itertools.product(GRID, names):
        if any(t["name"] == name and t["setting"] == setting for t in trials(folder)):
            continue
        start = time.perf_counter()
        model = build(name, setting, seed, EPOCHS, len(fit)).fit(data)
        ran = model.fit_trainer
        stop = ran.early_stopping_callback
        row = {
            "name": name,
            "setting": setting,
            "ndcg@10": round(float(stop.best_score), 4),
            "epochs": ran.current_epoch - stop.wait_count,
            "seconds": round(time.perf_counter() - start),
        }
        with (folder / "trials.jsonl").open("a") as f:
            f.write(json.dumps(row) + "\n")
        print(json.dumps(row), flush=True)


def trials(folder: Path) -> list[dict]:
    "What `search` wrote"
    file = folder / "trials.jsonl"
    return [json.loads(line) for line in file.read_text().splitlines()] if file.is_file() else []


def recommend(folder: Path, name: str, seed: int):
    "Fit the best setting on the test part's `fit.csv` with one seed; write the lists"
    if (folder / "lists" / f"{name}-{seed}.csv").is_file():
        return
    best = max((t for t in trials(folder) if t["name"] == name), key=lambda t: t["ndcg@10"])
    fit, held = read(folder / "test", "fit"), read(folder / "test", "held")
    data, start = Dataset.construct(fit), time.perf_counter()
    model = build(name, best["setting"], seed, best["epochs"]).fit(data)
    seconds = round(time.perf_counter() - start)
    users = held[Columns.User].unique()
    asked = {name: None}
    if model.require_recommend_context:
        last = fit[fit[Columns.User].isin(users)].sort_values(Columns.Datetime, kind="stable")
        last = last.drop_duplicates(Columns.User, keep="last")
        asked = {f"{name}_last": get_context(last), name: get_context(held)}
    for called, context in asked.items():
        recs = model.recommend(users, data, k=100, filter_viewed=True, context=context)
        recs = recs.rename(columns={Columns.Item: "artwork_id", Columns.Rank: "rank"})
        file = folder / "lists" / f"{called}-{seed}.csv"
        file.parent.mkdir(exist_ok=True)
        recs[["user_id", "artwork_id", "rank"]].to_csv(file.with_suffix(".part"), index=False)
        os.replace(file.with_suffix(".part"), file)
        print(json.dumps({"name": called, "seed": seed, "fit_seconds": seconds, **best}), flush=True)


def main():
    arg = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arg.add_argument("what", choices=("search", "recommend"))
    arg.add_argument("folder", type=Path, help="what `benchmarks/movielens.py --export` wrote")
    arg.add_argument("--names", nargs="+", choices=MODELS, default=list(MODELS))
    arg.add_argument("--seeds", type=int, nargs="+", default=[42], help="training seeds of `recommend`")
    arg.add_argument("--threads", type=int, default=1)
    a = arg.parse_args()
    torch.set_num_threads(a.threads)
    logging.getLogger("pytorch_lightning").setLevel(logging.ERROR)
    warnings.filterwarnings("ignore")
    if a.what == "search":
        search(a.folder, a.names, 42)
    else:
        for seed, name in itertools.product(a.seeds, a.names):
            recommend(a.folder, name, seed)


if __name__ == "__main__":
    main()
