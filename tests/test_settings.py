"""The settings file and the level to log at."""

from __future__ import annotations

from pathlib import Path

import pytest

from medlit.errors import UsageError
from medlit.settings import read_log_level, read_settings


def test_the_file_in_the_librarys_folder_adds_workflows(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text('workflows = ["ward_round", "tumor_board"]\n')
    assert read_settings({"MEDLIT_LIBRARY": str(tmp_path)}).workflows == ("ward_round", "tumor_board")
    assert read_settings({"MEDLIT_LIBRARY": str(tmp_path / "other")}).workflows == ()


def test_another_file_can_be_named(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text('workflows = ["ward_round"]\n')
    environ = {"MEDLIT_LIBRARY": str(tmp_path), "MEDLIT_SETTINGS": str(tmp_path / "mine.toml")}
    assert read_settings(environ).workflows == ("ward_round",)


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("workflows = [", "cannot be read as TOML"),
        ("workflow = []", "one key, workflows"),
        ('workflows = "ward_round"', "with a list of names"),
        ('workflows = ["Ward round"]', "small letters, digits and underscores"),
        ("workflows = [1]", "small letters, digits and underscores"),
        ('workflows = ["research"]', "new names"),
    ],
)
def test_a_file_that_cannot_be_understood_is_wrong_usage(content: str, complaint: str, tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text(content)
    with pytest.raises(UsageError, match=complaint):
        read_settings({"MEDLIT_LIBRARY": str(tmp_path)})


def test_a_file_that_is_named_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="not there"):
        read_settings({"MEDLIT_SETTINGS": str(tmp_path / "none.toml")})


def test_the_log_level_is_one_of_four() -> None:
    assert (read_log_level({}), read_log_level({"MEDLIT_LOG_LEVEL": "DEBUG"})) == ("warning", "debug")
    with pytest.raises(UsageError, match="one of debug, info, warning, error"):
        read_log_level({"MEDLIT_LOG_LEVEL": "loud"})
