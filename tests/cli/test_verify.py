"""`flipbook verify`: what it says of a file, and its exit codes."""

import sys
from datetime import UTC, datetime
from pathlib import Path
from unittest.mock import patch

import pytest

from bot.cli import main
from bot.video.boxes import make_box
from bot.video.labeler import VideoLabel, write_label
from tests.factories import make_picture
from tests.video import clips

LABEL = VideoLabel(model="wan22_i2v_flash", made_at=datetime(2026, 11, 28, 12, 30, tzinfo=UTC))
UNLABELED, NO_MP4 = 1, 65


@pytest.fixture
def video(tmp_path: Path, some_video: bytes) -> Path:
    path = tmp_path / "video.mp4"
    path.write_bytes(some_video)
    return path


def verify(path: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    """The exit code and what is printed."""
    arguments = ["flipbook", "verify", str(path)]
    with patch.object(sys, "argv", arguments), pytest.raises(SystemExit) as ended:
        main()
    return int(ended.value.code or 0), capsys.readouterr().out


def test_a_labeled_video_says_model_and_date(
    video: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_label(video, LABEL)
    code, out = verify(video, capsys)
    assert code == 0
    assert f"{video}: AI-generated" in out
    assert "model: wan22_i2v_flash" in out
    assert "made: 2026-11-28T12:30:00Z" in out


def test_china_s_field_alone_says_it_too(
    video: Path, some_video: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    video.write_bytes(clips.with_provider_s_aigc(some_video))
    code, out = verify(video, capsys)
    assert code == 0
    assert "model: not said" in out
    assert clips.AIGC in out


def test_a_video_without_a_label(video: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out = verify(video, capsys)
    assert code == UNLABELED
    assert "no label" in out
    assert "proves nothing" in out


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (make_picture("PNG"), "not an MP4"),
        (b"", "empty"),
        (make_box(b"ftyp", b"isom") + b"\0\0\1\0mdat", "breaks off"),
    ],
    ids=["PNG", "empty", "cut"],
)
def test_an_incomplete_mp4_is_reported(
    content: bytes, words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)
    code, out = verify(path, capsys)
    assert code == NO_MP4
    assert words in out


def test_a_file_that_breaks_off_after_its_label_says_both(
    video: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_label(video, LABEL)
    with video.open("ab") as file:
        file.write(b"\0\0\1\0mdat")
    code, out = verify(video, capsys)
    assert code == 0
    assert "AI-generated" in out
    assert "breaks off" in out


def test_what_a_file_says_does_not_steer_the_terminal(
    video: Path, some_video: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    evil = '{"Label":"1","ContentProducer":"\x1b[2J\x1b]0;owned\x07"}'
    video.write_bytes(clips.remuxed(some_video, "faststart+use_metadata_tags", AIGC=evil))
    code, out = verify(video, capsys)
    assert code == 0
    assert "owned" in out
    assert "\x1b" not in out
    assert "\x07" not in out


def test_a_file_that_is_not_there_is_a_wrong_call(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert verify(tmp_path / "none.mp4", capsys)[0] == 2
