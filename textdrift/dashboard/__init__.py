"""The dashboard: what the history of a job looks like, as a page, and behind a small server that only reads."""

from textdrift.dashboard.page import dashboard_page

__all__ = ["dashboard_page"]
