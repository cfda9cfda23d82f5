"""`make up` and `make down` with words that are none, or a folder that cannot be had: a line, and nothing is made."""

import pytest

from scripts import up
from scripts.up import main


@pytest.mark.parametrize("port", ["0", "-5", "65532", "70000", "x", "1e3", "٣"])
def test_a_port_has_four_others_behind_it(port, capsys, monkeypatch):
    monkeypatch.setattr(up, "up", lambda *_: pytest.fail("it starts"))
    with pytest.raises(SystemExit) as ended:
        main(["up", f"--port={port}"])
    last = capsys.readouterr().err.splitlines()[-1]
    assert ended.value.code == 2
    assert last.endswith(f"{port!r} is not a whole number from 1 to 65531: 5 ports in a row")


def test_the_last_of_them_is_one(monkeypatch, tmp_path):
    asked = []
    monkeypatch.setattr(up, "up", lambda *given: asked.append(given))
    assert main(["up", "--port", "65531", "--data", str(tmp_path)]) == 0
    assert asked == [(tmp_path, 65531)]


@pytest.mark.parametrize("folder", [__file__, "/proc/x", "/proc"])
def test_a_folder_that_cannot_be_had_is_told_in_a_line(folder, capsys):
    assert main(["up", "--data", folder]) == 1
    said = capsys.readouterr()
    assert (said.out, len(said.err.splitlines())) == ("", 1)
    assert folder in said.err


def test_who_ends_what_was_never_begun_makes_nothing(tmp_path, capsys):
    assert main(["down", "--data", str(tmp_path / "none")]) == 0
    assert capsys.readouterr().out == f"nothing runs in {tmp_path}/none\n"
    assert list(tmp_path.iterdir()) == []
