"""The container's files name commands, options, paths and users that there are."""

import re
from pathlib import Path

import pytest
from support.commands import COMMANDS, options_of

ROOT = Path(__file__).parents[2]
COMPOSE = (ROOT / "compose.yaml").read_text("utf-8")
CONTAINERFILE = (ROOT / "Containerfile").read_text("utf-8")
PAGE = (ROOT / "docs" / "container.md").read_text("utf-8")


@pytest.mark.parametrize("service", ["watch", "serve"])
def test_a_service_runs_a_command_with_options_that_it_has(service: str) -> None:
    block = re.search(rf"^  {service}:\n(.*?)(?=^\S|^  \S|\Z)", COMPOSE, re.DOTALL | re.MULTILINE)
    assert block is not None
    command = re.search(r"command:(.*?)\n    (?=\w)", block[1], re.DOTALL)
    assert command is not None
    words = re.findall(r"[\w/$-][^\s\",\[\]]*", command[1].replace("- ", " "))
    assert words[0] == service
    options = {name for option in options_of(service) for name in option.opts}
    given = {word.partition("=")[0] for word in words if word.startswith("--")}
    assert given
    assert given <= options


def test_it_runs_as_one_user_who_is_not_root_and_writes_to_data_alone() -> None:
    (user,) = re.findall(r"^USER (\S+)$", CONTAINERFILE, re.MULTILINE)
    assert user != "0:0"
    assert f'user: "{user}"' in COMPOSE
    assert f"chown -R {user} " in PAGE
    assert "read_only: true" in COMPOSE
    assert re.findall(r"^VOLUME (\S+)$", CONTAINERFILE, re.MULTILINE) == ["/data"]


def test_what_is_copied_into_the_image_is_there_and_not_ignored() -> None:
    ignored = (ROOT / ".containerignore").read_text("utf-8").splitlines()
    for line in re.findall(r"^COPY (?!--from)(.*) \S+$", CONTAINERFILE, re.MULTILINE):
        for name in line.split():
            assert (ROOT / name).exists(), name
            assert f"!{name}" in ignored


def test_the_settings_of_the_page_are_those_of_compose() -> None:
    told = dict(re.findall(r"^\| `(CARDSTATUS_\w+)` \| .* \| `(.*)` \|$", PAGE, re.MULTILINE))
    assert told == dict(re.findall(r"\$\{(\w+):-(.*?)\}", COMPOSE))


def test_commands_that_the_page_names_are_there() -> None:
    named = set(re.findall(r"cardstatus (\w+) ", PAGE)) & set(COMMANDS)
    assert {"get", "problems", "backup"} <= named
