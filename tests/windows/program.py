"""Runs commands: each line of stdin has the words of one as JSON, and gets a line with what it printed."""

from __future__ import annotations

import contextlib
import io
import json
import sys

from provisioner.cli.main import main

for line in sys.stdin:
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        status = main(json.loads(line))
    sys.stdout.write(f"{json.dumps([status, out.getvalue(), err.getvalue()])}\n")
    sys.stdout.flush()
