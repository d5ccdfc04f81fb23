"""Profiles of the museum as the chooser shows them."""

__all__ = ["profile_card"]

GENDER_WORDS = {"F": "Woman", "M": "Man", "N": "Person"}


def profile_card(user: dict) -> dict:
    "The profile `user` as the chooser shows it: `{user_id, who, description, likes}`"
    age = user.get("age")
    who = GENDER_WORDS.get(user.get("gender") or "", "Visitor")
    if isinstance(age, (int, float)) and age == age:
        who = f"{who}, {int(age)}"
    return {
        "user_id": user["user_id"],
        "who": who,
        "description": str(user.get("description") or ""),
        "likes": likes_count(user),
    }


def likes_count(user: dict) -> int:
    "Number of works that `user` (from the server) likes; `likes` is either the number or the works"
    likes = user.get("likes") or 0
    return likes if isinstance(likes, int) else len(likes)
