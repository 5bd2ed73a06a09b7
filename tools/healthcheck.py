#!/opt/cardstatus/bin/python
"""Asks the server of this container whether it can answer: healthcheck TOKEN_FILE [PORT]."""

import sys
import urllib.request
from pathlib import Path

token = Path(sys.argv[1]).read_text("utf-8").strip()
port = sys.argv[2] if len(sys.argv) > 2 else "8001"
request = urllib.request.Request(
    f"http://127.0.0.1:{port}/healthz", headers={"Authorization": f"Bearer {token}"}
)
with urllib.request.urlopen(request, timeout=5) as answer:
    sys.stdout.write(answer.read().decode())
