"""Is the pipeline different? Each test compares what ``windows/auditing.py`` counted in two windows."""

from __future__ import annotations

from textdrift.drift.quality.casing import Casing
from textdrift.drift.quality.copies import Copies
from textdrift.drift.quality.encoding import Encoding
from textdrift.drift.quality.length import Length
from textdrift.drift.quality.markup import Markup
from textdrift.drift.quality.missing import Missing

__all__ = ["Casing", "Copies", "Encoding", "Length", "Markup", "Missing"]
