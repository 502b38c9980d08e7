"""Formulas on arrays: no text, no files, no models."""
