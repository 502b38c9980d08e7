"""Texts in, ``TokenCounts`` out."""
