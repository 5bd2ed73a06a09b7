"""The JSON of a running server, tried by schemathesis against its description."""

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
from support.builders import row, take, write
from support.serving import serving


@pytest.mark.web
def test_the_json_is_as_described(tmp_path: Path, database: Path) -> None:
    pytest.importorskip("fastapi", reason="the extra `web` is not installed")
    if find_spec("schemathesis") is None:
        pytest.skip("schemathesis is not installed")
    pickups = [row("CRD1"), row("CRD2", "tomorrow"), row("CRD3", mobile="12")]
    take(database, write(tmp_path, "pickup.csv", *pickups))
    with serving(database) as server:
        program = Path(sys.executable).with_name("schemathesis")
        done = subprocess.run(
            [
                program, "run", f"{server.url}openapi.json", "--max-examples", "50",
                # A schema cannot tell the texts that can be read as numbers and times for sure.
                "--exclude-checks", "positive_data_acceptance",
                "--no-color", "--generation-database", "none",
            ],
            cwd=tmp_path, capture_output=True, text=True, check=False, timeout=300,
        )  # fmt: skip
        _, talk = server.stop()
    assert done.returncode == 0, done.stdout
    assert "Traceback" not in talk
