"""Findings in, ``DriftReport`` out, and one renderer per reader."""
