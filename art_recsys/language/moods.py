"""Which moods a picture may be said to have: those that nothing measured in it contradicts, and that agree together.

A mood is a convention (`phrases.MOODS`), a measurement is none. So the measurement decides: a dark, cool night of low
contrast is not nervous, and a picture that is the mirror of itself is not restless, however near the mood lies.
"""

from collections.abc import Iterable, Sequence

from .phrases import LIVELY_MOODS, MOOD_LIMITS, MOODS, QUIET_MOODS, WORD_TIMES

__all__ = ["in_harmony", "may_feel", "words_of"]

MEASURED = ("light", "contrast", "colour", "warmth", "texture", "symmetry")


def may_feel(
    mood: str,  # key of `phrases.MOODS`
    measured: Sequence[float],  # light, contrast, colour, warmth, texture, symmetry; the last may be missing
) -> bool:
    "Whether no number that was measured contradicts a mood"
    found = dict(zip(MEASURED, measured, strict=False))
    return all(low <= found.get(n, low) <= high for n, (low, high) in MOOD_LIMITS.get(mood, {}).items())


def in_harmony(
    moods: Iterable[str],  # keys of `phrases.MOODS`, the best first
    n: int = 2,  # how many are wanted
) -> list[str]:  # at most `n`
    "The first moods that may be named together: not one that is quiet and one that is lively"
    out: list[str] = []
    for mood in moods:
        if len(out) < n and not any(
            (a in QUIET_MOODS and b in LIVELY_MOODS) for m in out for a, b in ((m, mood), (mood, m))
        ):
            out.append(mood)
    return out


def words_of(
    mood: str,  # key of `phrases.MOODS`
    tags: Iterable[str] = (),  # of the work, in small letters
) -> tuple[str, ...]:  # never empty
    "The words for a mood that do not contradict the time of day that the catalogue names"
    times = set(tags)
    return tuple(w for w in MOODS[mood][1] if not times & set(WORD_TIMES.get(w, ())))
