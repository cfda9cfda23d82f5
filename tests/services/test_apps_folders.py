"""The folder of the data: where it may be, whose it is, and how it is told."""

import asyncio
import json
import os
import re
import shlex
from asyncio.subprocess import PIPE

import pytest

from apps import settings
from apps.setting_kinds import authorities, file, folder
from tests.e2e.system import System, command, run
from tests.services.test_apps_up import refused

NO_TEXT = os.fsdecode(b"\xff")


@pytest.mark.parametrize("read", [folder, file, authorities])
@pytest.mark.parametrize("path", ["", "~nobody-of-that-name/x", NO_TEXT])
def test_what_names_no_place_is_told_with_what_is_allowed(read, path):
    with pytest.raises(ValueError, match=r"^a f"):
        read(path)


@pytest.mark.parametrize("words", [("audit",), ("up", "--port", "0"), ("demo", "--exit")])
async def test_an_option_that_says_nothing_is_not_as_if_it_were_left_out(words, tmp_path):
    """As by `--data "$DIR"` where DIR is not set: another folder would be worked on than was meant."""
    said = await refused(*words, "--data", "", MYTICKET_DATA=str(tmp_path / "data"))
    assert said == ("myticket: --data is ''; allowed: a folder, which is made when it does not exist", 1)


async def test_a_port_that_says_nothing_is_none(tmp_path):
    said, code = await refused("serve", "book", "--port", "", "--data", str(tmp_path))
    assert (said, code) == ("myticket: --port is ''; allowed: a whole number from 0 to 65535", 1)


async def test_a_user_without_a_home_is_asked_for_a_folder(monkeypatch):
    def nobody():
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    monkeypatch.setattr(settings.Path, "home", nobody)
    with pytest.raises(settings.CannotRun, match="name a folder with MYTICKET_DATA"):
        settings.Settings()


async def test_what_is_migrated_is_its_owners_alone_in_whatever_folder(tmp_path):
    tmp_path.chmod(0o755)
    await run("migrate", "all", "--data", str(tmp_path))
    made = list(tmp_path.glob("*.sqlite"))
    assert (len(made), [it.name for it in made if it.stat().st_mode & 0o077]) == (6, [])


async def test_a_misspelt_setting_is_told_before_another_store_is_migrated(tmp_path):
    named = {**os.environ, "DATABSE_URL": f"sqlite:///{tmp_path}/x.sqlite"}
    words = command("migrate", "pay", "--data", str(tmp_path / "data"))
    process = await asyncio.create_subprocess_exec(*words, stdout=PIPE, stderr=PIPE, env=named)
    told = json.loads((await process.communicate())[1].splitlines()[0])
    assert (told["name"], told["meant"]) == ("DATABSE_URL", "DATABASE_URL")


async def test_a_rebuild_of_what_is_not_there_makes_no_folder(tmp_path):
    said, code = await refused("rebuild", "mypage", "--data", str(tmp_path / "none"))
    assert (said.startswith("myticket: there is no log.sqlite in "), code) == (True, 1)
    assert not (tmp_path / "none").exists()


async def test_how_to_get_a_token_can_be_copied_whatever_the_folder_is_called(tmp_path):
    data = tmp_path / "내 표 'of' mine"
    data.mkdir()
    async with System(data) as system:
        (told,) = re.findall(r"^token  myticket (.*)$", (data / "up.log").read_text(), re.MULTILINE)
        token = await run(*shlex.split(told))
        async with system.http.get(f"{system.url}/books", headers={"Authorization": f"Bearer {token.strip()}"}) as it:
            assert it.status == 200
