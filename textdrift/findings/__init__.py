"""Drift results in, findings out: the only room that may say "drifted"."""
