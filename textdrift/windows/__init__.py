"""Rows in, ``Window`` out: reading, roles, copies, and what is wrong with rows."""
