"""Is the pipeline different? Each test compares what two windows hold row by row: their marks, times, columns."""

from __future__ import annotations

from textdrift.drift.quality.casing import Casing
from textdrift.drift.quality.copies import Copies
from textdrift.drift.quality.encoding import Encoding
from textdrift.drift.quality.giveaways import Giveaways
from textdrift.drift.quality.language import Language
from textdrift.drift.quality.late import Late
from textdrift.drift.quality.leakage import Leakage
from textdrift.drift.quality.length import Length
from textdrift.drift.quality.loop import Loop
from textdrift.drift.quality.markup import Markup
from textdrift.drift.quality.missing import Missing
from textdrift.drift.quality.placeholder import Placeholder
from textdrift.drift.quality.schema import Schema
from textdrift.drift.quality.template import Template

__all__ = [
    "Casing",
    "Copies",
    "Encoding",
    "Giveaways",
    "Language",
    "Late",
    "Leakage",
    "Length",
    "Loop",
    "Markup",
    "Missing",
    "Placeholder",
    "Schema",
    "Template",
]
