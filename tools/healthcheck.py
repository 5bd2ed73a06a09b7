#!/opt/cardstatus/bin/python
"""Asks the server of this container whether it can answer, with the token of a file."""

import sys
import urllib.request
from pathlib import Path

token = Path(sys.argv[1]).read_text("utf-8").strip()
request = urllib.request.Request(
    "http://127.0.0.1:8001/healthz", headers={"Authorization": f"Bearer {token}"}
)
with urllib.request.urlopen(request, timeout=5) as answer:
    sys.stdout.write(answer.read().decode())
