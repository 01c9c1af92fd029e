"""The plan of sound: renditions of every track, bounded."""

import json
from dataclasses import replace

import pytest

from tests.unit.media.factories import make_source
from videosite.media.plan import Plan, make_plan
from videosite.media.sound import MAX_AUDIO_TRACKS
from videosite.media.tracks import AudioTrack


def track(index: int, channels: int = 2, language: str = "und", default: bool = False) -> AudioTrack:
    return AudioTrack(index, "aac", channels, 48_000, language, "", default)


def plan_of(*tracks: AudioTrack) -> Plan:
    return make_plan(make_source(audio=tracks))


def test_every_track_is_kept_in_stereo_and_surround_besides() -> None:
    plan = plan_of(track(0, 1, "de"), track(1, 6, "en"), track(2, 8, "fr"), track(3, 5, "es"))
    assert plan.audio
    assert [(it.name, it.stream_index, it.channels) for it in plan.audio.renditions] == [
        ("aac-stereo", 0, 2),
        ("aac-stereo-2", 1, 2),
        ("aac-surround-2", 1, 6),
        ("aac-stereo-3", 2, 2),
        ("aac-surround-3", 2, 6),
        ("aac-stereo-4", 3, 2),
    ]
    assert plan.audio.layouts == (2, 6)
    assert [it.name for it in plan.audio.with_layout(6)] == [
        "aac-stereo", "aac-surround-2", "aac-surround-3", "aac-stereo-4",
    ]  # fmt: skip
    assert plan.renditions_of("audio") == plan.audio.names
    assert all(plan.is_audio(name) for name in plan.audio.names)
    assert plan.ranges("audio") == [(0, 30)]


def test_what_cannot_be_mixed_is_one_channel() -> None:
    plan = plan_of(replace(track(0, 9), mixable=False))
    assert plan.audio
    assert [(it.channels, it.source_channels) for it in plan.audio.renditions] == [(2, 1)]


def test_the_files_default_is_ours() -> None:
    plan = plan_of(track(0, 2, "de"), track(1, 2, "en", default=True), track(2, 2, "fr"))
    assert plan.audio
    assert [it.language for it in plan.audio.renditions] == ["en", "de", "fr"]


def test_a_hundred_tracks_are_no_hundred_renditions() -> None:
    plan = plan_of(*(track(index, 6) for index in range(100)), track(100, 6, default=True))
    assert plan.audio
    assert len(plan.audio.renditions) == 2 * MAX_AUDIO_TRACKS
    assert plan.audio.renditions[0].stream_index == 100
    assert len(json.dumps(plan.to_dict())) < 20_000


@pytest.mark.parametrize("normalize", [False, True])
def test_normalising_is_part_of_the_plan_where_there_is_sound(normalize: bool) -> None:
    assert make_plan(make_source(), normalize=normalize).normalize is normalize
    assert not make_plan(make_source(audio=()), normalize=normalize).normalize
