"""Online rows: the SDK sends them as Avro through Kafka (`hsfs.core.kafka_engine`)

This server reads the topics of librdkafka's mock broker. It reads a topic when its rows are requested, up to the number
of rows that `online_ingestion` announced: on a cluster they arrive a little later without a request. The last message
of a key counts.
"""

import io
import json
import threading
import time

import fastavro
from confluent_kafka import Consumer, Producer, TopicPartition

AVRO = {
    "string": "string",
    "bigint": "long",
    "int": "int",
    "double": "double",
    "float": "float",
    "boolean": "boolean",
    "timestamp": {"type": "long", "logicalType": "timestamp-micros"},
}


def avro(kind: str):
    if kind.startswith("array<"):
        return {"type": "array", "items": ["null", avro(kind[6:-1])]}
    return AVRO[kind]


class Online:
    def __init__(self):
        self.broker = Producer({"test.mock.num.brokers": 1, "bootstrap.servers": ""})  # the broker lives in this client
        self.address = ",".join(f"{b.host}:{b.port}" for b in self.broker.list_topics(timeout=10).brokers.values())
        self.groups, self.lock = {}, threading.RLock()

    def schema(self, group: dict) -> dict:
        fields = [{"name": f["name"], "type": ["null", avro(f["type"])]} for f in group["features"]]
        return {"type": "record", "name": f"{group['name']}_{group['version']}", "fields": fields}

    def open(self, group: dict):
        topic = group["onlineTopicName"]
        self.broker.list_topics(topic, timeout=10)  # the mock makes a topic when it is asked for it
        time.sleep(0.1)
        parts = self.broker.list_topics(topic, timeout=10).topics[topic].partitions
        consumer = Consumer({"bootstrap.servers": self.address, "group.id": topic})
        consumer.assign([TopicPartition(topic, p, 0) for p in parts])
        self.groups[group["id"]] = {"group": group, "consumer": consumer, "expected": 0, "read": 0, "rows": {}}

    def expect(self, n: int, rows: int) -> int:
        self.groups[n]["expected"] += rows
        return self.groups[n]["expected"]

    def rows(self, n: int) -> list[dict]:
        "All rows of a group by now; lists that are no vectors stay Avro bytes, as in the online store"
        with self.lock:
            of = self.groups[n]
            complex_ = {f["name"]: avro(f["type"]) for f in of["group"]["features"] if f["type"].startswith("array<")}
            fields = [
                {"name": f["name"], "type": ["null", "bytes" if f["name"] in complex_ else avro(f["type"])]}
                for f in of["group"]["features"]
            ]
            record = fastavro.parse_schema({"type": "record", "name": "row", "fields": fields})
            vectors = {f["name"] for f in (of["group"].get("embeddingIndex") or {}).get("features", [])}
            keys, end = [f["name"] for f in of["group"]["features"] if f.get("primary")], time.monotonic() + 20
            while of["read"] < of["expected"]:
                message = of["consumer"].poll(1)
                if time.monotonic() > end:
                    raise TimeoutError(
                        f"{of['expected'] - of['read']} rows of {of['group']['name']} did not come by Kafka"
                    )
                if message is None or message.error():
                    continue
                row = fastavro.schemaless_reader(io.BytesIO(message.value()), record)
                for name in vectors:
                    if row[name] is not None:
                        row[name] = fastavro.schemaless_reader(io.BytesIO(row[name]), ["null", complex_[name]])
                of["rows"][tuple(row[k] for k in keys)] = row
                of["read"] += 1
            return list(of["rows"].values())

    def row(self, n: int, key: tuple) -> dict | None:
        "One row with its lists read, or None"
        with self.lock:
            self.rows(n)
            of = self.groups[n]
            row = of["rows"].get(key)
            kinds = {f["name"]: f["type"] for f in of["group"]["features"]}
            return row and {
                c: fastavro.schemaless_reader(io.BytesIO(v), ["null", avro(kinds[c])]) if isinstance(v, bytes) else v
                for c, v in row.items()
            }

    def clear(self, n: int):
        with self.lock:
            self.rows(n)
            self.groups[n]["rows"].clear()

    def subject(self, n: int) -> dict:
        return {"id": n, "version": 1, "schema": json.dumps(self.schema(self.groups[n]["group"]))}

    def close(self):
        for g in self.groups.values():
            g["consumer"].close()
