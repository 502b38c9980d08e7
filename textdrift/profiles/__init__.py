"""What is left of a window without its texts: it merges, it is compared, and its file holds no pickle."""

from textdrift.profiles.binned_units import BinnedUnits
from textdrift.profiles.profile import Profile, Span, check_comparable, merged
from textdrift.profiles.profile_file import load, save
from textdrift.profiles.profiling import profile_texts

__all__ = ["BinnedUnits", "Profile", "Span", "check_comparable", "load", "merged", "profile_texts", "save"]
