"""Cues: on the video's time, clean, and nothing else."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from videosite.media.webvtt import Cue, clean, parse, write

DOCUMENT = """WEBVTT

00:06.250 --> 00:07.750
Hello <i>there</i> & <b>you</b>

00:04.000 --> 00:06.000 position:50%
early

with an empty line

1:00:14.000 --> 1:00:15.000
long after

00:14.000 --> 00:13.000
backwards
"""


def test_cues_are_on_the_videos_time_and_within_it() -> None:
    assert parse(DOCUMENT, Fraction("5.25"), Fraction(10)) == [
        Cue(0, 750, "early\nwith an empty line"),
        Cue(1000, 2500, "Hello <i>there</i> &amp; <b>you</b>"),
    ]


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("3 < 4 --> x & y", "3 &lt; 4 --&gt; x &amp; y"),
        ("AT&amp;T &lt;b&gt; &copy;", "AT&amp;T &lt;b&gt; &amp;copy;"),
        ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
        ('<b onclick="x">a</b>', '&lt;b onclick="x"&gt;a</b>'),
        ("<v Roger Bingham>We</v> <c.loud>are</c> <lang en>here</lang>",) * 2,
        ("<font color=red>Two</font>", "&lt;font color=red&gt;Two&lt;/font&gt;"),
        ("a\\hb\u202e\x00\n\n  \nc", "a b\nc"),
        ("<b>m 0 0 l 100 0 100 100</b>", ""),
        ("m 0 is a letter and a number", "m 0 is a letter and a number"),
    ],
)
def test_text_is_markup_only_where_it_may_be(text: str, cleaned: str) -> None:
    assert clean(text) == cleaned


def test_a_file() -> None:
    assert write([Cue(0, 750, "a\nb"), Cue(3_661_001, 3_662_000, "c")]) == (
        "WEBVTT\nX-TIMESTAMP-MAP=LOCAL:00:00:00.000,MPEGTS:0\n\n"
        "00:00:00.000 --> 00:00:00.750\na\nb\n\n01:01:01.001 --> 01:01:02.000\nc\n"
    )


@given(st.text(), st.lists(st.tuples(st.integers(0, 10_000), st.text(max_size=50)), max_size=5))
def test_whatever_comes_in_the_same_cues_come_out_again(noise: str, texts: list[tuple[int, str]]) -> None:
    document = noise + "".join(
        f"\n\n00:0{start // 1000 % 10}.{start % 1000:03d} --> 00:10.500\n{text}" for start, text in texts
    )
    cues = parse(document, Fraction(0), Fraction(60))
    assert parse(write(cues), Fraction(0), Fraction(60)) == cues
