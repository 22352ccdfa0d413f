"""The label in a video's file: what it says, where it lies, and that nothing else changes."""

import asyncio
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.domain.task import Task
from bot.errors import VideoUnreadable
from bot.video import xmp
from bot.video.boxes import make_box
from bot.video.labeler import VideoLabel, VideoLabeler, write_label
from bot.video.survey import TRAINED_ALGORITHMIC_MEDIA, Survey, survey
from tests.factories import NOON, make_options, make_request, make_task
from tests.video import clips

Change = Callable[[bytes], bytes]
LABEL = VideoLabel(model="wan22_i2v_flash", made_at=datetime(2026, 11, 28, 12, 30, tzinfo=UTC))
PROPERTIES = {
    "iptcExt:DigitalSourceType": TRAINED_ALGORITHMIC_MEDIA,
    "iptcExt:AISystemUsed": "wan22_i2v_flash",
    "xmp:CreateDate": "2026:11:28 12:30:00Z",
}
FORMS: dict[str, Change] = {
    "index first": lambda video: video,
    "index last": clips.index_last,
    "fragmented": clips.fragmented,
    "sizes of eight bytes": clips.large_sizes,
    "last box of size 0": clips.open_ended,
    "provider's AIGC field": clips.with_provider_s_aigc,
}


@pytest.fixture
def video(tmp_path: Path, clip: bytes) -> Path:
    path = tmp_path / "t1.mp4"
    path.write_bytes(clip)
    return path


def surveyed(path: Path) -> Survey:
    with path.open("rb") as file:
        return survey(file)


def labeled_for(task: Task, video: Path, producer: str | None = None) -> bytes:
    """What becomes of the file of a task."""
    asyncio.run(VideoLabeler(aigc_producer=producer).label(video, task))
    return video.read_bytes()


def labeled(path: Path, before: bytes, label: VideoLabel = LABEL) -> bytes:
    """What becomes of a file."""
    path.write_bytes(before)
    write_label(path, label)
    return path.read_bytes()


@pytest.mark.parametrize("form", FORMS)
def test_every_form_says_how_it_was_made_and_shows_the_same_frames(
    form: str, video: Path, clip: bytes
) -> None:
    before = FORMS[form](clip)
    after = labeled(video, before)
    assert clips.told_by_exiftool(video).items() >= PROPERTIES.items()
    assert clips.frames(after) == clips.frames(before)
    assert len(clips.frames(after)) == len(clips.frames(clip))
    assert surveyed(video).trouble is None
    # Twice is once.
    assert labeled(video, after) == after
    assert [one.name for one in video.parent.iterdir()] == [video.name]


def test_all_that_was_there_stays_where_it_was(video: Path, clip: bytes) -> None:
    assert labeled(video, clip).startswith(clip)


def test_a_last_box_of_size_0_is_given_its_size(video: Path, clip: bytes) -> None:
    after = labeled(video, clips.open_ended(clip))
    assert after.startswith(clip)


def test_the_index_of_fragments_stays_last_and_leads_to_its_own_beginning(
    video: Path, clip: bytes
) -> None:
    before = clips.fragmented(clip)
    after = labeled(video, before)
    kinds = [box.type for box in surveyed(video).layout]
    assert kinds[-2:] == [b"uuid", b"mfra"]
    assert kinds.count(b"moof") > 2
    size = int.from_bytes(after[-4:], "big")
    assert after[-size:] == before[-size:]
    assert after[-size:][4:8] == b"mfra"


def test_nothing_of_the_person_and_no_prompt_is_in_it(video: Path, clip: bytes) -> None:
    task = make_task(request=make_request(options=make_options(prompt="a secret garden")))
    added = labeled_for(task, video, "A Studio")[len(clip) :]
    for private in (b"secret", task.person.name.encode(), b"1001", task.id.encode()):
        assert private not in added
    assert task.request.model.encode() in added


def test_a_task_s_label_has_its_model_and_when_it_was_made(video: Path) -> None:
    task = make_task(rendered_at=NOON)
    labeled_for(task, video)
    assert surveyed(video).values(xmp.AI_SYSTEM) == [task.request.model]
    assert surveyed(video).values(xmp.CREATE_DATE) == [NOON.strftime("%Y-%m-%dT%H:%M:%SZ")]
    assert surveyed(video).aigc is None


# --- what is there already --------------------------------------------------------------------


def test_xmp_that_another_program_wrote_is_kept_in_one_packet_with_the_label(
    video: Path, clip: bytes
) -> None:
    title = "Wellen <&> 波浪"
    clips.exiftool(video, "-overwrite_original", f"-XMP-dc:Title={title}", "-XMP-xmp:Rating=4")
    assert len(surveyed(video).packets) == 1
    write_label(video, LABEL)
    told = clips.told_by_exiftool(video)
    assert told.items() >= {**PROPERTIES, "dc:Title": title, "xmp:Rating": 4}.items()
    assert len(surveyed(video).packets) == 1
    assert clips.frames(video.read_bytes()) == clips.frames(clip)


def test_a_provider_s_own_label_gets_only_what_it_lacks(video: Path, clip: bytes) -> None:
    theirs = {xmp.DIGITAL_SOURCE_TYPE: TRAINED_ALGORITHMIC_MEDIA, xmp.AI_SYSTEM: "their own name"}
    labeled(video, clip + _box(xmp.write(theirs)))
    told = clips.told_by_exiftool(video)
    assert told.items() >= {**PROPERTIES, "iptcExt:AISystemUsed": "their own name"}.items()


KEPT_APART: dict[str, bytes] = {
    "cannot be read": b"<x:xmpmeta",
    "an entity": b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
    "is too large": xmp.write({xmp.CREATE_DATE: "x" * xmp.PACKET_BYTES_MAX}),
    "not UTF-8": "<x/>".encode("utf-16"),
    "another source": xmp.write({xmp.DIGITAL_SOURCE_TYPE: "http://example.com/digitalCapture"}),
}


@pytest.mark.parametrize("packet", KEPT_APART)
def test_a_packet_that_the_label_does_not_fit_stays_beside_it(
    packet: str, video: Path, clip: bytes
) -> None:
    before = clip + _box(KEPT_APART[packet])
    after = labeled(video, before)
    assert after.startswith(before)
    assert TRAINED_ALGORITHMIC_MEDIA in surveyed(video).values(xmp.DIGITAL_SOURCE_TYPE)
    assert labeled(video, after) == after


def test_of_a_file_full_of_packets_only_the_first_are_read(video: Path, clip: bytes) -> None:
    packet = xmp.write({xmp.CREATE_DATE: "2026" + " " * 200_000})
    labeled(video, clip + _box(packet) * 100)
    found = surveyed(video)
    assert sum(len(packet.content) for packet in found.packets) < 5 * xmp.PACKET_BYTES_MAX
    assert len(found.packets) == 101
    before = video.read_bytes()
    assert labeled(video, before) == before


def test_a_comment_that_looks_like_the_end_of_the_packet_does_not_take_the_label(
    video: Path, clip: bytes
) -> None:
    tricky = xmp.write({xmp.CREATE_DATE: "2026"}) + b"<!-- </rdf:RDF> -->"
    labeled(video, clip + _box(tricky))
    assert surveyed(video).says_ai_generated


def test_the_provider_s_aigc_field_is_kept_and_no_second_one_is_written(
    video: Path, clip: bytes
) -> None:
    video.write_bytes(clips.with_provider_s_aigc(clip))
    labeled_for(make_task(), video, "A Studio")
    assert surveyed(video).aigc == clips.AIGC
    assert surveyed(video).values(xmp.AIGC) == []


def test_china_s_field_is_written_for_the_producer_that_the_operator_names(video: Path) -> None:
    labeled_for(make_task(), video, "示例（上海）<公司> & Co")
    field = json.loads(surveyed(video).aigc or "")
    assert field == json.loads(clips.told_by_exiftool(video)["TC260:Aigc"])
    assert field["ContentProducer"] == "示例（上海）<公司> & Co"
    assert list(field) == [
        *("Label", "ContentProducer", "ProduceID", "ReservedCode1"),
        *("ContentPropagator", "PropagateID", "ReservedCode2"),
    ]


# --- what cannot be labeled -------------------------------------------------------------------


UNREADABLE: dict[str, Change] = {
    "cut within its last box": lambda video: video[:-1],
    "cut within a head": lambda video: video + b"\0\0\0",
    "a size smaller than a head": lambda video: video + b"\0\0\0\x04free",
    "a uuid box without its uuid": lambda video: video + b"\0\0\0\x0cuuid1234",
    "empty": lambda _: b"",
    "no MP4": lambda _: b"\x89PNG\r\n\x1a\n" + bytes(100),
    "more boxes than any video": lambda video: video + b"\0\0\0\x08free" * 10_001,
}


@pytest.mark.parametrize("form", UNREADABLE)
def test_a_file_that_is_no_whole_mp4_stays_as_it_is(form: str, video: Path, clip: bytes) -> None:
    before = UNREADABLE[form](clip)
    video.write_bytes(before)
    with pytest.raises(VideoUnreadable):
        write_label(video, LABEL)
    assert video.read_bytes() == before
    assert list(video.parent.iterdir()) == [video]


def test_a_file_without_an_index_is_labeled_as_it_is(video: Path, clip: bytes) -> None:
    before = clips.without_index(clip)
    assert labeled(video, before).startswith(before)
    assert surveyed(video).says_ai_generated


def test_what_a_killed_attempt_left_is_written_over(video: Path, clip: bytes) -> None:
    video.with_name("t1.mp4.part").write_bytes(b"x" * 2 * len(clip))
    labeled(video, clip)
    assert list(video.parent.iterdir()) == [video]
    assert clips.told_by_exiftool(video).items() >= PROPERTIES.items()


def test_a_disk_without_room_changes_nothing(
    video: Path, clip: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_label(video, LABEL)
    assert video.read_bytes() == clip
    assert list(video.parent.iterdir()) == [video]


def _box(packet: bytes) -> bytes:
    return make_box(b"uuid", xmp.UUID + packet)
