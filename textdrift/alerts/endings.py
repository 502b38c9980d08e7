"""How the end of a story of drift is told."""

from __future__ import annotations

from textdrift.alerts.state import Event
from textdrift.alerts.story_course import StoryCourse
from textdrift.reports.wording import kind_words

__all__ = ["ending_sentence"]


def ending_sentence(event: Event, window: str, *, has_begun_anew: bool = False) -> str:
    """Return what is to be said when a story ends: that it is over, how long it lasted, and what it was.

    Parameters
    ----------
    event:
        ``resolved``, with the course of the story where it is known.
    window:
        The window by which it was over.
    has_begun_anew:
        Whether that window drifted all the same, as the end of a story may be told late.

    Examples
    --------
    >>> course = StoryCourse(first="2026-11-13", last="2026-11-14", n_windows=2, kinds=("lexical", "semantic"))
    >>> print(ending_sentence(Event("resolved", "2026-11-13", "2026-11-13/resolved", course), "2026-11-15"))
    No drift any more in window 2026-11-15. It lasted from window 2026-11-13 to 2026-11-14 (2 windows): words, meaning.
    """
    course = event.course
    begun = "The drift is over, and a new one has begun" if has_begun_anew else "No drift any more"
    now = f"{begun} in window {window}."
    if course is None:  # of a version that did not count
        return f"{now} It began with window {event.story.partition('/')[0]}."
    kinds = f": {', '.join(kind_words(kind) for kind in course.kinds)}" if course.kinds else ""
    is_one = course.first == course.last
    where = f"for window {course.first} alone" if is_one else f"from window {course.first} to {course.last}"
    return f"{now} It lasted {where} ({_counted(course)}){kinds}."


def _counted(course: StoryCourse) -> str:
    parts = []
    if course.n_windows or not course.n_labelled:
        parts.append(f"{course.n_windows:,} window" + ("" if course.n_windows == 1 else "s"))
    if course.n_labelled:
        parts.append(f"{course.n_labelled:,} by {'its' if course.n_labelled == 1 else 'their'} labels")
    return ", ".join(parts)
