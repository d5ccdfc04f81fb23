"""The page of every user at once, as one Parquet file: for a newsletter, a cache, or whoever reads no server."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from art_recsys.config import progress, write_atomic
from art_recsys.core import Cols

from .service import Service

__all__ = ["all_users", "write_pages"]

CHUNK = 256  # users at once: memory does not grow with the number of users
SCHEMA = pa.schema(
    {Cols.user_id: pa.string(), Cols.artwork_id: pa.string(), Cols.score: pa.float64(), Cols.rank: pa.int64()}
)


def all_users(service: Service) -> list[str]:  # sorted
    "Ids of the users of the features and of the visitors in the event store"
    return sorted({*service.visitors.profiles, *service.visitors.logged, *service.store.users()})


def write_pages(
    service: Service,  # of one release, from `load_service`
    path: Path,  # Parquet file to write: `user_id, artwork_id, score, rank`
    k: int = 10,  # artworks per user
) -> dict:  # `{users, rows, model_version, file}`
    "Write what every user would be shown now, with exploration off, atomically; nothing is logged as an impression"
    users, rows = all_users(service), 0
    with (
        write_atomic(path) as temp,
        pq.ParquetWriter(temp, SCHEMA) as writer,
        progress(None, "recommend", len(users), "user") as bar,
    ):
        for part in (users[a : a + CHUNK] for a in range(0, len(users), CHUNK)):
            recs = service.recommender.recommend(part, k)
            writer.write_table(pa.Table.from_pandas(recs[SCHEMA.names], SCHEMA, preserve_index=False))
            rows += len(recs)
            bar.update(len(part))
    return {"users": len(users), "rows": rows, "model_version": service.version, "file": str(path)}
