"""The query service (`hsfs.core.arrow_flight_client`): Arrow Flight over TLS on port 5005; DuckDB joins and filters"""

import json
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.flight as fl
import pyarrow.parquet as pq
from deltalake import DeltaTable

OPS = {
    "GREATER_THAN": ">",
    "GREATER_THAN_OR_EQUAL": ">=",
    "LESS_THAN": "<",
    "LESS_THAN_OR_EQUAL": "<=",
    "EQUALS": "=",
    "NOT_EQUALS": "<>",
}


def quote(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def full_name(group: dict, name: str) -> str:
    "A column that a view does not select (`hopsworks_common.util._generate_fully_qualified_feature_name`)"
    return f"museum_{group['name']}_{group['version']}_{name}"


def condition(f: dict, alias: dict) -> tuple[str, list]:
    "A `Filter` or a `Logic` (`hsfs.constructor.filter`) as SQL and its values"
    if f is None:
        return "true", []
    if "type" in f:
        sides = [
            condition(f.get(side) or f.get(kind), alias)
            for side, kind in (("leftFilter", "leftLogic"), ("rightFilter", "rightLogic"))
            if f.get(side) or f.get(kind)
        ]
        word = " OR " if f["type"] == "OR" else " AND "
        return "(" + word.join(s for s, _ in sides) + ")", [v for _, values in sides for v in values]
    column, value = f"{alias[f['feature'].get('featureGroupId')]}.{quote(f['feature']['name'])}", f["value"]
    if f["condition"] == "IN":
        return f"list_contains(?, {column})", [json.loads(value)]
    if f["feature"]["type"] == "timestamp" and value.isdigit():
        return f"{column} {OPS[f['condition']]} make_timestamptz(?)", [int(value) * 1000]
    return f"{column} {OPS[f['condition']]} ?", [value]


def answer(q: dict) -> pa.Table:
    "A `Query` (`hsfs.constructor.query`) as a table; a right side with a clock is joined by point in time"
    with duckdb.connect() as db:
        db.execute("SET TimeZone='UTC'")
        sides = [q, *(j["query"] for j in q.get("joins") or [])]
        alias = {None: "t0", **{s["leftFeatureGroup"]["id"]: f"t{i}" for i, s in reversed(list(enumerate(sides)))}}
        for i, s in enumerate(sides):
            db.register(f"r{i}", DeltaTable(s["location"]).to_pyarrow_table())
        named = lambda f: full_name(q["leftFeatureGroup"], f["name"]) if f.get("useFullyQualifiedName") else f["name"]  # noqa: E731
        columns = [f"t0.{quote(f['name'])} AS {quote(named(f))}" for f in q["leftFeatures"]]
        source, values = "r0 t0", []
        for i, j in enumerate(q.get("joins") or [], 1):
            left = [f["name"] for f in j.get("leftOn") or j.get("on") or []]
            right = [f["name"] for f in j.get("rightOn") or j.get("on") or []]
            on = [f"t0.{quote(a)} = t{i}.{quote(b)}" for a, b in zip(left, right, strict=True)]
            clock = q["eventTime"] and j["query"]["eventTime"]
            if clock:
                on.append(f"t0.{quote(q['eventTime'])} >= t{i}.{quote(j['query']['eventTime'])}")
            inner, more = condition(j["query"].get("filter"), alias | {None: f"t{i}"})
            kind = "LEFT" if j.get("type", "LEFT") == "LEFT" else "INNER"
            asof, right = "ASOF " if clock else "", f"(SELECT * FROM r{i} t{i} WHERE {inner})"
            source += f" {asof}{kind} JOIN {right} t{i} ON {' AND '.join(on)}"
            values += more
            columns += [
                f"t{i}.{quote(f['name'])} AS {quote((j.get('prefix') or '') + f['name'])}"
                for f in j["query"]["leftFeatures"]
                if j.get("prefix") or f["name"] not in right
            ]
        where, more = condition(q.get("filter"), alias)
        return db.sql(f"SELECT {', '.join(columns)} FROM {source} WHERE {where}", params=values + more).to_arrow_table()


class QueryService(fl.FlightServerBase):
    "Queries by their JSON, Parquet files of the project by their path"

    def __init__(self, address: str, files: Path, **options):
        super().__init__(address, **options)
        self.files = files

    def list_actions(self, context):
        return [("healthcheck", ""), ("get-version", "")]

    def do_action(self, context, action):
        if action.type == "healthcheck":
            return iter([fl.Result(b"ok")])
        if action.type == "get-version":
            return iter([fl.Result(b"1")])
        raise fl.FlightServerError(f"the contract server has no action {action.type}")

    def get_flight_info(self, context, descriptor):
        of_file = descriptor.descriptor_type == fl.DescriptorType.PATH
        ticket = json.dumps({"path": descriptor.path[0].decode()}) if of_file else descriptor.command
        return fl.FlightInfo(pa.schema([]), descriptor, [fl.FlightEndpoint(ticket, [])], -1, -1)

    def do_get(self, context, ticket):
        asked = json.loads(ticket.ticket)
        return fl.RecordBatchStream(
            pq.read_table(self.files / asked["path"].removeprefix("/Projects/museum/"))
            if "path" in asked
            else answer(asked)
        )


def start(cert, key, files: Path) -> QueryService:
    "Port 5005 is fixed by the SDK"
    try:
        return QueryService(
            "grpc+tls://127.0.0.1:5005", files, tls_certificates=[(cert.read_bytes(), key.read_bytes())]
        )
    except Exception as e:
        raise RuntimeError("port 5005 of 127.0.0.1 is taken: end the program that has it") from e
