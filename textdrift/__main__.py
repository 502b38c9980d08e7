"""``python -m textdrift`` and the ``textdrift`` command."""

from __future__ import annotations

from textdrift.cli.app import main

if __name__ == "__main__":
    raise SystemExit(main())
