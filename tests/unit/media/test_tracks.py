"""Sound and subtitle streams: which are taken, what they are called."""

from typing import Any

import pytest

from tests.unit.media.factories import AUDIO_STREAM, make_document, make_video_stream
from videosite.media.languages import language_name, language_tag
from videosite.media.probe import parse_probe
from videosite.media.tracks import AudioTrack, SubtitleTrack, labels

TEXT_STREAM = {"codec_type": "subtitle", "codec_name": "subrip", "tags": {"language": "fre"}}


@pytest.mark.parametrize(
    "values",
    [{"codec_name": None}, {"codec_name": "apple_apac"}, {"codec_name": ["aac"], "channels": []},
     {"channels": 0}, {"sample_rate": "0"}],
)  # fmt: skip
def test_sound_that_cannot_be_decoded_is_not_there(values: dict[str, Any]) -> None:
    """The tracks behind it keep their numbers."""
    document = make_document(make_video_stream(), {**AUDIO_STREAM, **values}, AUDIO_STREAM)
    assert [track.index for track in parse_probe(document).audio] == [1]


@pytest.mark.parametrize("codec", ["hdmv_pgs_subtitle", "dvd_subtitle", None, ["subrip"]])
def test_subtitles_that_are_pictures_are_not_there(codec: object) -> None:
    document = make_document(make_video_stream(), {**TEXT_STREAM, "codec_name": codec}, TEXT_STREAM)
    assert parse_probe(document).subtitles == (SubtitleTrack(1, "subrip", "fr"),)


@pytest.mark.parametrize(
    ("values", "mixable"),
    [({"channels": 6, "channel_layout": "5.1"}, True), ({"channels": 6}, True), ({"channels": 9}, False),
     ({"channels": 9, "channel_layout": "unknown"}, False),
     ({"channels": 4, "channel_layout": "ambisonic 1"}, False),
     ({"channels": 11, "channel_layout": "7.1.2+DL"}, True)],
)  # fmt: skip
def test_sound_of_no_known_layout_cannot_be_mixed(values: dict[str, Any], mixable: bool) -> None:
    (track,) = parse_probe(make_document(make_video_stream(), {**AUDIO_STREAM, **values})).audio
    assert track.mixable is mixable


def test_what_a_file_says_of_its_tracks() -> None:
    sound = {**AUDIO_STREAM, "tags": {"title": ' Director\'s\n"cut"\u202e '}, "disposition": {"default": 1}}
    text = {**TEXT_STREAM, "disposition": {"forced": 1, "hearing_impaired": 1}}
    source = parse_probe(make_document(make_video_stream(), sound, text))
    assert source.audio == (AudioTrack(0, "aac", 2, 44_100, "und", "Director's cut", True),)
    assert source.subtitles == (SubtitleTrack(0, "subrip", "fr", "", True, True),)


@pytest.mark.parametrize(
    ("tag", "language", "name"),
    [
        ("eng", "en", "English"),
        ("GER", "de", "Deutsch"),
        ("chi", "zh", "中文"),
        ("zh-Hant", "zh-Hant", "中文 (Hant)"),
        ("pt_BR", "pt-BR", "Português (BR)"),
        ("tlh", "tlh", "tlh"),
        *(
            (tag, "und", "")
            for tag in ('en"\n#EXT-X-KEY', "<x>", "", None, 7, "engl", "mul", "zxx", "e" * 99)
        ),
    ],
)
def test_a_language_is_a_language_or_nothing(tag: object, language: str, name: str) -> None:
    assert language_tag(tag) == language
    assert language_name(language) == name


def test_no_two_tracks_have_one_name() -> None:
    tracks = [
        AudioTrack(number, "aac", 2, 48_000, language, title)
        for number, (language, title) in enumerate(
            [("en", ""), ("en", ""), ("und", ""), ("en", "Comments"), ("de", "Comments"), ("und", "")]
        )
    ]
    assert labels(tracks) == ["English", "English #2", "Track 3", "Comments", "Comments #5", "Track 6"]
