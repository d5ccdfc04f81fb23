"""The tables of events.db: what visitors did, what they asked for, their rooms, codes that carry their likes, how each
page came about (`exposures`: the arm of an experiment, and which ranks were explored), and the works and users that
came over HTTP (`art_recsys.platform.live_log`).

Every table is made if it is missing, so a file of an earlier release gets what is new and keeps what it has. A row that
belongs to a visitor is deleted by `FORGET`.
"""

from art_recsys.core import EVENT_COLS, Event

__all__ = [
    "DDL",
    "DECISIONS",
    "EXPOSE",
    "EXPOSURE_COLS",
    "FORGET",
    "INSERT",
    "STATE",
    "STEER",
    "STEERING_COLS",
    "WISHES",
]

DECISIONS = f"event in ('{Event.like}', '{Event.unlike}', '{Event.hide}')"
DDL = f"""
create table if not exists events(
  event_id text primary key, user_id text not null, artwork_id text not null, event text not null, ts text not null,
  position real, request_id text, model_version text, propensity real);
create index if not exists decisions on events(user_id, artwork_id) where {DECISIONS};
create table if not exists steering(
  event_id text primary key, user_id text not null, direction text not null, kind text not null, value text not null,
  ts text not null);
create index if not exists wishes on steering(user_id);
create table if not exists rooms(
  room_id text primary key, user_id text not null, name text not null, text text not null, sorting text not null,
  share_id text unique);
create index if not exists rooms_of on rooms(user_id);
create table if not exists room_works(
  room_id text not null, artwork_id text not null, position integer not null, primary key(room_id, artwork_id));
create table if not exists codes(
  digest blob primary key, user_id text not null unique, artists text not null, expires text not null);
create table if not exists exposures(
  request_id text primary key, user_id text not null, experiment text, arm text, odds real not null,
  exploration real not null, always integer, drawn text not null, fresh integer not null, shown integer not null,
  ms real not null);
create index if not exists exposures_of on exposures(user_id);
create table if not exists live_artworks(
  artwork_id text primary key, body text not null, made text, withdrawn integer not null, seq integer not null);
create index if not exists live_order on live_artworks(seq);
create table if not exists live_users(user_id text primary key, body text not null, vector blob);
"""
FORGET = (
    "delete from events where user_id = ?",
    "delete from steering where user_id = ?",
    "delete from room_works where room_id in (select room_id from rooms where user_id = ?)",
    "delete from rooms where user_id = ?",
    "delete from codes where user_id = ?",
    "delete from exposures where user_id = ?",
    "delete from live_users where user_id = ?",
)
STEERING_COLS = ("event_id", "user_id", "direction", "kind", "value", "ts")
STEER = f"""insert into steering({", ".join(STEERING_COLS)}) values({", ".join("?" * len(STEERING_COLS))})
on conflict(event_id) do nothing"""
EXPOSURE_COLS = (
    "request_id",
    "user_id",
    "experiment",  # its name, or null
    "arm",  # a or b, or null
    "odds",  # probability with which this visitor has this arm
    "exploration",  # probability with which a rank was given to a drawn artwork; 0 where nothing was explored
    "always",  # rank that always was, from 1, or null
    "drawn",  # ranks of the drawn artworks, from 1, with commas
    "fresh",  # 1 where nothing was filtered and nothing was shown before: the page depends on the visitor alone
    "shown",  # artworks on the page
    "ms",  # milliseconds that it took to compute
)
EXPOSE = f"""insert into exposures({", ".join(EXPOSURE_COLS)}) values({", ".join("?" * len(EXPOSURE_COLS))})
on conflict(request_id) do nothing"""
WISHES = """select kind, value, direction, max(rowid) as last from steering where user_id = ?
group by kind, value order by last"""
INSERT = f"""insert into events({", ".join(EVENT_COLS)}) values({", ".join("?" * len(EVENT_COLS))})
on conflict(event_id) do nothing"""
STATE = f"""select artwork_id, event, ts, max(rowid) as last from events where user_id = ? and {DECISIONS}
group by artwork_id order by last"""
