"""The stand-in's answers about likes, hidden works, rooms and codes: the real thing, on an invented collection."""

from pathlib import Path
from types import SimpleNamespace

from art_recsys.serving.catalogue import UnknownArtwork
from art_recsys.serving.store import EventStore
from art_recsys.serving.visits import Visits


class StandInCatalogue:
    "Cards and years of an invented collection"

    def __init__(self, cards: dict[str, dict]):
        self.cards = cards
        self.years = {a: int(card["date_text"]) if card["date_text"].isdigit() else None for a, card in cards.items()}

    def card(self, artwork_id: str) -> dict:
        if artwork_id not in self.cards:
            raise UnknownArtwork(f"There is no work {artwork_id}.")
        return self.cards[artwork_id]


class StandInVisits:
    "Answers one request with `(status, body)`, or None for a path of somebody else"

    def __init__(self, standin, folder: Path):
        self.standin, self.store = standin, EventStore(folder / "events.db")
        self.store.append([e for e in standin.events])
        self.visits = Visits(
            StandInCatalogue(standin.cards),
            SimpleNamespace(store=self.store, decisions=self.store.decisions, profiles=standin.people),
        )

    def answer(self, method: str, parts: list[str], q: dict) -> tuple[int, dict] | None:
        try:
            found = self.found(method, parts, q)
        except LookupError as e:
            return 404, {"detail": str(e.args[0])}
        except ValueError as e:
            return 422, {"detail": str(e)}
        return found and (200, found)

    def found(self, method, parts, q):
        visits, part = self.visits, {"k": int(q.get("k", 60)), "skip": int(q.get("skip", 0))}
        match method, parts:
            case "GET", ["visitors", token]:
                return visits.visitor(token)
            case "DELETE", ["visitors", token]:
                visits.visitor(token)
                return self.found("DELETE", ["users", token], q)
            case "GET", ["decisions", user_id]:
                if user_id not in self.standin.people and user_id not in self.standin.visitors:
                    raise LookupError("no such user")
                return visits.decisions(user_id)
            case "GET", ["likes", user_id]:
                return visits.likes(user_id, **part)
            case "GET", ["hidden", user_id]:
                return visits.hidden(user_id, **part)
            case "GET", ["rooms", user_id]:
                return visits.rooms_of(user_id)
            case "POST", ["rooms"]:
                return visits.make_room(q["user_id"], q["name"], q["artwork_ids"])
            case "GET", ["room", room_id]:
                return visits.room(q["user_id"], room_id)
            case "PATCH", ["room", room_id]:
                return visits.change_room(room_id=room_id, **q)
            case "DELETE", ["room", room_id]:
                return visits.delete_room(q["user_id"], room_id)
            case "POST", ["room", room_id, "works"]:
                return visits.hang(room_id=room_id, **q)
            case "POST", ["room", room_id, "share"]:
                return visits.share_room(room_id=room_id, **q)
            case "GET", ["shared", share_id]:
                return visits.shared_room(share_id)
            case "POST", ["codes"]:
                return visits.codes.make(q["user_id"], q["artists"])
            case "POST", ["codes", "redeem"]:
                return visits.codes.redeem(q["user_id"], q["code"])
            case "DELETE", ["users", user_id]:
                self.standin.forget(user_id)
                return {"user_id": user_id, "rows": {"events": self.store.forget(user_id)}, "left": []}
        return None
