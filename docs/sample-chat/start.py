"""Start the sample chat page with one command: a local org, a key, the declaration, the shop's server.

    python docs/sample-chat/start.py [--folder .sample-chat] [--port 8100]

It needs the program installed with the extra ``localorg``. Everything that it makes is in the folder.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
import server  # noqa: E402

KEY, KEYSET, KID, ISSUER = "sample_2026", "sample_shop", "sample-2026", "https://shop.example.com"
DEPLOYMENT, SIGNER, PORT = "Shop_Api", "signer.key", 8100


def provisioner(folder: Path, *words: str) -> str:
    """Show and run a command as a person would type it in the folder; return its standard output."""
    sys.stdout.write(f"$ provisioner {' '.join(words)}\n")
    sys.stdout.flush()
    done = subprocess.run(
        [sys.executable, "-m", "provisioner", *words],
        cwd=folder,
        env={**os.environ, "PROVISIONER_CONFIG": str(folder / "config")},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        sys.stderr.write(f"{done.stdout}{done.stderr}")
        raise SystemExit(done.returncode)
    return done.stdout


def prepare(folder: Path, port: int = PORT) -> dict[str, Any]:
    """Create in the folder what is missing, apply it, and return the settings of the page."""
    config = folder / "config"
    if not config.exists():
        shutil.copytree(HERE / "config", config)
        provisioner(folder, "keys", "generate", KEY, "--keyset", KEYSET, "--private-key", SIGNER)
    declaration = config / "user-verification.yaml"
    text = re.sub(r"http://localhost:\d+", f"http://localhost:{port}", declaration.read_text("utf-8"))
    declaration.write_text(text, "utf-8")
    provisioner(folder, "localorg", "start", "--dir", "org")
    provisioner(folder, "apply", "--env", "local", "--yes")
    printed = provisioner(folder, "render", "--env", "local", "--snippet", DEPLOYMENT, "--format", "json")
    settings: dict[str, Any] = json.loads(printed)["settings"]
    return settings


def main() -> None:
    parser = argparse.ArgumentParser(description="Start the sample chat page with a local org.")
    parser.add_argument("--folder", type=Path, default=Path(".sample-chat"))
    parser.add_argument("--port", type=int, default=PORT)
    given = parser.parse_args()
    folder = given.folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    with socket.socket() as probe:
        if probe.connect_ex(("127.0.0.1", given.port)) == 0:
            raise SystemExit(f"Something answers on port {given.port}. Give another one with --port.")
    settings = prepare(folder, given.port)
    minter = server.IdentityTokenMinter((folder / SIGNER).read_bytes(), kid=KID, issuer=ISSUER)
    shop = server.Shop(given.port, settings, minter.mint)
    sys.stdout.write(
        f"\n1. Open {settings['Url']} once, and let the browser trust the certificate of the local org.\n"
        f"2. Open {shop.origin}. Press Ctrl+C here to stop the page and the org.\n"
    )
    sys.stdout.flush()
    try:
        shop.serve_forever()
    except KeyboardInterrupt:
        shop.server_close()
        provisioner(folder, "localorg", "stop", "--dir", "org")


if __name__ == "__main__":
    main()
