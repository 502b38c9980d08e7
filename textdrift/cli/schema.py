"""``textdrift schema``."""

from __future__ import annotations

import json

from textdrift.cli.printing import print_document

__all__ = ["schema"]


def schema() -> None:
    """Print the JSON Schema of a job file, for editors that complete and check it.

    A first line `# yaml-language-server: $schema=FILE` in a job file tells an editor where it lies.
    """
    from textdrift.job_config import job_schema

    print_document(json.dumps(job_schema(), indent=2, ensure_ascii=False) + "\n")
