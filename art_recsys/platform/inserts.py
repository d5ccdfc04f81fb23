"""Insert the rows of a feature group, with a limit on how long Kafka may take.

On Hopsworks, rows reach the online store through Kafka. Left alone, the SDK (5.2.1) waits as long as librdkafka
retries, and prints nothing meanwhile. The embedded project has no Kafka and ignores the limit.
"""

from collections.abc import Iterable
from typing import Any

import pandas as pd

from art_recsys.config import UserError

__all__ = ["KAFKA_SECONDS", "replace_rows"]

KAFKA_SECONDS = 60  # for a row to be acknowledged by the broker
KAFKA_WORDS = ("kafka", "_msg_timed_out", "message timed out", "local: timed out", "all broker connections are down")


def replace_rows(
    group: Any,  # feature group of the platform
    rows: pd.DataFrame | Iterable[pd.DataFrame],  # frames are inserted one after the other
) -> None:
    """Make `rows` the whole content of a feature group, and wait until the offline store has them.

    Raises `UserError` where Kafka does not acknowledge a row in `KAFKA_SECONDS`. The offline store may have the rows
    then, and the online store not; inserting again is safe.
    """
    limit = {"message.timeout.ms": KAFKA_SECONDS * 1000, "socket.timeout.ms": min(KAFKA_SECONDS, 60) * 1000}
    try:
        done = {"wait_for_job": True, "kafka_producer_config": limit}
        if isinstance(rows, pd.DataFrame):
            group.insert(rows, overwrite=True, write_options=done)
            return
        for n, part in enumerate(rows):
            group.insert(part, overwrite=n == 0, operation="insert", write_options=done)
    except Exception as e:
        text = f"{type(e).__name__}: {e} {type(e.__cause__).__name__}".lower()
        if not any(words in text for words in KAFKA_WORDS):
            raise
        raise UserError(
            f"The rows of {group.name} did not reach the online store: Kafka did not acknowledge them in "
            f"{KAFKA_SECONDS} s ({str(e)[:200]}).",
            "check that this machine reaches the cluster's Kafka (its port, and KAFKA among the scopes of "
            "HOPSWORKS_API_KEY), then run the stage again",
        ) from e
