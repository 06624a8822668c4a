"""The latest result as a page: the tables, the machine, the versions."""

from __future__ import annotations

import json
import os
import platform
from datetime import UTC, datetime
from pathlib import Path

from provisioner import __version__


def page(compared: str, grown: str, cli: Path) -> str:
    """The page, in Markdown. ``cli`` is the folder that the official CLI is installed in."""
    official = json.loads((cli / "node_modules/@salesforce/cli/package.json").read_text())["version"]
    return f"""# Benchmarks

The last run of `make bench ARGS='--out docs/benchmarks.md'`, on {datetime.now(UTC):%Y-%m-%d}.
This program {__version__}, Python {platform.python_version()}, the official Salesforce CLI {official};
{_processor()}, {os.cpu_count()} cores, {platform.system()} {platform.release().split("-")[0]}.
All programs use local orgs on the same machine, and all figures include the work of these orgs. Compare the ratios and
the growth, not the seconds.

## Comparison

Medians of both sides, measured in turn. `sf` is the official CLI. Our apply plans first, keeps a journal, reads
everything back and plans again; the other command only deploys.

```text
{compared}
```

## Growth

A declaration of keys, keysets and channels in the proportion 8,000 : 1,000 : 500; one run each. The memory is the most
that the process held. One deployment carries 10,000 files; beyond that, or beyond 39 MB, a plan is refused with the way
to split it.

```text
{grown}
```
"""


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.machine()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())
