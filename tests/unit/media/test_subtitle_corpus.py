"""A corpus of subtitle files, made here: what comes out of each, or the code and line of its refusal.

Formats, encodings, defects and attacks. Everything is read as an upload is, and what comes out is looked at
as WebVTT, which is what browsers get.
"""

import codecs
import random
import re
import time
import tracemalloc
from dataclasses import dataclass

import pytest

from videosite.errors import BadInputError, BrokenFileError
from videosite.media.subtitle_files import MAX_BYTES, SubtitleFile, read, shift
from videosite.media.webvtt import MAX_CUES, TAGS, Cue, write


def srt(*texts: str) -> str:
    """A cue a second, from 1 s, half a second each."""
    cues = [f"{n}\n00:00:{n:02d},000 --> 00:00:{n:02d},500\n{text}\n" for n, text in enumerate(texts, 1)]
    return "\n".join(cues)


def vtt(*texts: str, head: str = "WEBVTT") -> str:
    cues = [f"00:{n:02d}.000 --> 00:{n:02d}.500\n{text}\n" for n, text in enumerate(texts, 1)]
    return "\n".join([f"{head}\n", *cues])


def ass(*texts: str, style: str = "0,0,0", fields: str = "", lines: str = "") -> str:
    dialogues = [
        f"Dialogue: 0,0:00:{n:02d}.00,0:00:{n:02d}.50,Default,,0,0,0,,{t}" for n, t in enumerate(texts, 1)
    ]
    return "\n".join(
        [
            "[Script Info]", "Title: x", "", "[V4+ Styles]",
            f"Style: Default,Arial,20,&H00FFFFFF,&H00FFFFFF,&H0,&H0,{style},0,100,100,0,0,1,1,1,2,0,0,0,1",
            "", "[Events]",
            fields or "Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text",
            *([lines] if lines else dialogues), "",
        ]
    )  # fmt: skip


def ttml(body: str, head: str = "", attributes: str = "") -> str:
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<tt xmlns="http://www.w3.org/ns/ttml" '
        'xmlns:tts="http://www.w3.org/ns/ttml#styling" xmlns:ttp="http://www.w3.org/ns/ttml#parameter" '
        f"{attributes}>"
        f"\n<head>{head}</head>\n<body><div>\n{body}\n</div></body></tt>"
    )


SBV = "0:00:01.000,0:00:01.500\nHello\nyou\n\n0:00:02.000,0:00:02.500\nthere\n"
ZH, TW = "你好，世界。今天天气很好。", "你好，世界。今天天氣很好。"
JA, KO, RU = "こんにちは、いい天気ですね。", "안녕하세요 오늘 날씨가 좋네요", "Привет, как дела? Хорошо."
PL, EL, TR = "Zażółć gęślą jaźń", "Καλημέρα, τι κάνεις;", "Günaydın, hava çok güzel değil mi"
HE, AR, TH = "שלום, מה שלומך היום", "مرحبا كيف حالك اليوم", "สวัสดีครับ วันนี้อากาศดี"
FR, LT = "Où êtes-vous allés cet été ?", "Ačiū, viskas gerai, šiandien gražu"


@dataclass(frozen=True)
class Good:
    """A file and the texts of its cues."""

    data: bytes
    texts: tuple[str, ...]
    format: str
    encoding: str = "utf-8"
    language: str = "und"
    named: str | None = None
    """The encoding that the uploader names."""


def in_encoding(text: str, codec: str, encoding: str, language: str, named: str | None = None) -> Good:
    return Good(srt(text, "Plain").encode(codec), (text, "Plain"), "srt", encoding, language, named)


GOOD = {
    # formats
    "srt": Good(srt("Hello", "two\nlines").encode(), ("Hello", "two\nlines"), "srt"),
    "srt of Windows": Good(srt("Hello").replace("\n", "\r\n").encode(), ("Hello",), "srt"),
    "srt of old Macs": Good(srt("Hello", "you").replace("\n", "\r").encode(), ("Hello", "you"), "srt"),
    "srt without numbers": Good(b"00:00:01,000 --> 00:00:02,000\nHello\n", ("Hello",), "srt"),
    "srt with points and few digits": Good(b"1\n0:0:1.5 --> 0:0:2.0\nHello\n", ("Hello",), "srt"),
    "srt with places": Good(b"1\n00:00:01,000 --> 00:00:02,000 X1:1 Y1:2\nHello\n", ("Hello",), "srt"),
    "srt without empty lines": Good(
        srt("Hello", "you").replace("\n\n", "\n").encode(), ("Hello", "you"), "srt"),
    "srt that ends with a number": Good(srt("Count to", "3\n2\n1").encode(), ("Count to", "3\n2\n1"), "srt"),
    "srt with an empty cue": Good(srt("Hello", "", "you").encode(), ("Hello", "you"), "srt"),
    "srt with HTML": Good(srt('<FONT color="red"><I>Hi</I></FONT> &amp; {\\an8}you').encode(),
                          ("<i>Hi</i> &amp; you",), "srt"),
    "vtt": Good(vtt("Hello", "<v Bob>you</v>").encode(), ("Hello", "<v Bob>you</v>"), "vtt"),
    "vtt with everything": Good(
        vtt("<lang fr>Oui</lang> <c.yellow>non</c> <ruby>漢<rt>kan</rt></ruby>",
            head="WEBVTT - title\nKind: x\n"
            "\nSTYLE\n::cue { color: red }\n\nREGION\nid:a\n\nNOTE\nno words\n").encode(),
        ("<lang fr>Oui</lang> <c.yellow>non</c> <ruby>漢<rt>kan</rt></ruby>",), "vtt"),
    "vtt with names and settings": Good(
        b"WEBVTT\n\nintro\n00:01.000 --> 00:02.000 align:start line:0%\nHello\n", ("Hello",), "vtt"),
    "sbv": Good(SBV.encode(), ("Hello\nyou", "there"), "sbv"),
    "ass": Good(ass("{\\pos(9,9)\\i1}slanted{\\i0} plain\\Nline", "{\\b1}fat{\\r} thin").encode(),
                ("<i>slanted</i> plain\nline", "<b>fat</b> thin"), "ass"),
    "ass with an italic style": Good(
        ass("all", "{\\i0}none", style="0,-1,0").encode(), ("<i>all</i>", "none"), "ass"),
    "ass with a drawing": Good(ass("{\\p1}m 0 0 l 100 0{\\p0}", "words").encode(), ("words",), "ass"),
    "ass in another order": Good(
        ass(fields="Format: Start, End, Style, Text",
            lines="Dialogue: 0:00:01.00,0:00:02.00,Default,Hi, you").encode(),
        ("Hi, you",), "ass"),
    "ass whose text is no markup": Good(ass("a <b> & c").encode(), ("a &lt;b&gt; &amp; c",), "ass"),
    "ssa": Good(
        ass("Hello").replace("V4+ Styles", "V4 Styles").replace("Layer", "Marked").encode(),
        ("Hello",), "ssa"),
    "ttml": Good(
        ttml('<p begin="00:00:01.000" end="00:00:02.5">Hi <span tts:fontStyle="italic">you</span>'
             "<br/>  there </p>")
        .encode(), ("Hi <i>you</i>\nthere",), "ttml"),
    "ttml with frames, ticks and styles": Good(
        ttml('<p begin="00:00:01:12" dur="25f" style="s">Hi</p><p begin="30000000t" end="4s">you</p>',
             '<styling><style xml:id="s" tts:fontWeight="bold"/></styling>',
             'ttp:frameRate="25" ttp:tickRate="10000000"').encode(), ("<b>Hi</b>", "you"), "ttml"),
    # encodings
    "UTF-8 with a mark": Good(codecs.BOM_UTF8 + srt(FR).encode(), (FR,), "srt"),
    "UTF-16 with a mark": Good(srt(RU).encode("utf-16"), (RU,), "srt", "utf-16le"),
    "UTF-16, the other way round": Good(
        codecs.BOM_UTF16_BE + srt(JA).encode("utf-16-be"), (JA,), "srt", "utf-16be"),
    "UTF-16 without a mark": Good(srt(FR).encode("utf-16-le"), (FR,), "srt", "utf-16le"),
    "UTF-16 without a mark, the other way round": Good(srt(ZH).encode("utf-16-be"), (ZH,), "srt", "utf-16be"),
    "GB18030": in_encoding(ZH, "gb18030", "gb18030", "zh"),
    "GB18030, no hint": in_encoding(ZH, "gb18030", "gb18030", "und"),
    "Big5": in_encoding(TW, "big5", "big5", "zh-Hant"),
    "Big5, a wrong hint": in_encoding(TW, "big5", "big5", "en"),
    "Shift-JIS": in_encoding(JA, "cp932", "shift_jis", "und"),
    "EUC-JP": in_encoding(JA, "euc_jp", "euc-jp", "ja"),
    "EUC-KR": in_encoding(KO, "cp949", "euc-kr", "und"),
    "Windows-1250": in_encoding(PL, "cp1250", "windows-1250", "pl"),
    "Windows-1251": in_encoding(RU, "cp1251", "windows-1251", "ru"),
    "Windows-1251, no hint": in_encoding(RU, "cp1251", "windows-1251", "und"),
    "KOI8-R": in_encoding(RU, "koi8_r", "koi8-r", "ru"),
    "Windows-1252": in_encoding(FR, "cp1252", "windows-1252", "fr"),
    "Windows-1253": in_encoding(EL, "cp1253", "windows-1253", "el"),
    "Windows-1254": in_encoding(TR, "cp1254", "windows-1254", "tr"),
    "Windows-1255": in_encoding(HE, "cp1255", "windows-1255", "he"),
    "Windows-1256": in_encoding(AR, "cp1256", "windows-1256", "ar"),
    "Windows-1257": in_encoding(LT, "cp1257", "windows-1257", "lt"),
    "Windows-874": in_encoding(TH, "cp874", "windows-874", "th"),
    "a guess corrected": in_encoding(PL, "cp1250", "windows-1250", "en", "CP1250"),
    # oddities that are no defects
    "overlapping cues": Good(
        b"1\n00:00:03,000 --> 00:00:09,000\nb\n\n2\n00:00:01,000 --> 00:00:05,000\na\n", ("a", "b"), "srt"),
    "a cue of no length": Good(
        b"1\n00:00:01,000 --> 00:00:01,000\nx\n\n2\n00:00:02,000 --> 00:00:03,000\ny\n", ("y",), "srt"),
    "ideographic space and joiners": Good(srt("あ　い می‌روم").encode(), ("あ　い می‌روم",), "srt"),
    # attacks that are only text
    "a script": Good(srt("<script>alert(1)</script>hi").encode(), ("alert(1)hi",), "srt"),
    "handlers and addresses": Good(
        vtt('<i onclick="x()">a</i> <img src=x onerror=alert(1)> <a href="javascript:x">b</a> '
            "<c.a onload=x>c</c>")
        .encode(), ("<i>a</i>  b <c.a>c</c>",), "vtt"),
    "entities for markup": Good(
        srt("&lt;script&gt; &#60;b&#62; &#x3c;i&#x3e; &amp;lt;u&amp;gt; &bogus;").encode(),
        ("&lt;script&gt; &lt;b&gt; &lt;i&gt; &amp;lt;u&amp;gt; &amp;bogus;",), "srt"),
    "half a tag, and a tag in a tag": Good(
        srt("<scr<script>ipt>a <b").encode(), ("&lt;script&gt;a &lt;b",), "srt"),
    "arrows in the text": Good(srt("a -- > b &#45;-&gt; c").encode(), ("a -- &gt; b --&gt; c",), "srt"),
    "a style that imports": Good(
        vtt("hi", head="WEBVTT\n\nSTYLE\n@import url(http://evil.example/x.css);").encode(), ("hi",), "vtt"),
    "controls and turned text": Good(
        srt("a\u202eb\u0007c\u2066d &#8238;e &#10;f").encode(), ("abcd e\nf",), "srt"),
    "ass with an attachment": Good(
        (ass("hi") + "\n[Fonts]\nfontname: x.ttf\n" + "!" * 70 + "\n").encode(), ("hi",), "ass"),
    "ttml with a foreign element": Good(
        ttml('<p begin="1s" end="2s">hi<script xmlns="http://www.w3.org/1999/xhtml">&lt;b&gt;</script></p>').encode(),
        ("hi&lt;b&gt;",), "ttml"),
}  # fmt: skip


@pytest.mark.parametrize("name", GOOD)
def test_what_comes_out(name: str) -> None:
    case = GOOD[name]
    found = read(case.data, encoding=case.named, language=case.language)
    assert (found.format, found.encoding) == (case.format, case.encoding)
    assert tuple(cue.text for cue in found.cues) == case.texts
    assert_plain(found)


def assert_plain(found: SubtitleFile) -> None:
    """What is written is cues, and of markup what is listed."""
    document = write(found.cues)
    blocks = document.split("\n\n")
    assert len(blocks) == len(found.cues) + 1
    assert all(block.count("-->") == 1 for block in blocks[1:])
    for name in re.findall(r"</?([^\s.>]*)", document.replace("-->", "")):
        assert name in TAGS
    assert not re.search(r"&(?!amp;|lt;|gt;)", document)


def test_times() -> None:
    assert read(b"1\n0:0:1.5 --> 01:02:03,004\nx\n").cues == (Cue(1500, 3_723_004, "x"),)
    assert read(b"WEBVTT\n\n00:01.000 --> 100:00:02.000\nx\n").cues == (Cue(1000, 360_002_000, "x"),)
    assert read(b"1\n0:0:1,25 --> 0:0:1,5\nx\n").cues == (Cue(1250, 1500, "x"),)
    assert read(SBV.encode()).cues[1] == Cue(2000, 2500, "there")
    assert read(ass("x").encode()).cues == (Cue(1000, 1500, "x"),)
    found = read(GOOD["ttml with frames, ticks and styles"].data).cues
    assert [(cue.start_ms, cue.end_ms) for cue in found] == [(1480, 2480), (3000, 4000)]
    inside = ttml('<p begin="1s" end="2s">x</p>').replace("<div>", '<div begin="10s">')
    assert read(inside.encode()).cues == (Cue(11_000, 12_000, "x"),)


BROKEN = {
    "no arrow": (b"1\n00:00:01,000 00:00:02,000\nx\n", "no_times", 2),
    "another arrow": (srt("a").encode() + b"\n2\n00:00:03,000 -> 00:00:04,000\ny\n", "no_times", 6),
    "times in the text": (
        b"1\n00:00:01,000 --> 00:00:02,000\nx\n00:00:03,000 00:00:04,000\ny\n", "no_times", 4),
    "text of no cue": (srt("a").encode() + b"\nlost words\n\n", "no_times", 5),
    "letters for digits": (b"1\n00:00:O1,000 --> 00:00:02,000\nx\n", "bad_time", 2),
    "61 minutes": (b"1\n00:61:01,000 --> 01:02:02,000\nx\n", "bad_time", 2),
    "a hundred hours": (b"1\n100:00:01,000 --> 100:00:02,000\nx\n", "bad_time", 2),
    "half a line of times": (srt("a").encode() + b"\n2\n00:00:03,000 -->\ny\n", "bad_time", 6),
    "ends before it starts": (b"\n\n1\n00:00:05,000 --> 00:00:02,000\nx\n", "end_before_start", 4),
    "negative": (b"1\n-00:00:01,000 --> 00:00:02,000\nx\n", "negative_time", 2),
    "negative end": (b"1\n00:00:01,000 --> -00:00:02,000\nx\n", "negative_time", 2),
    "vtt with commas": (b"WEBVTT\n\n00:00:01,000 --> 00:00:02,000\nx\n", "bad_time", 3),
    "vtt with text of no cue": (vtt("a").encode() + b"\nlost words\n", "no_times", 6),
    "vtt with another word": (b"WEBVTTX\n\n00:01.000 --> 00:02.000\nx\n", "no_header", 1),
    "sbv with a gap": (SBV.encode() + b"\n0:00:03.000 0:00:04.000\nx\n", "no_times", 8),
    "ass with few fields": (ass(lines="Dialogue: 0,0:00:01.00").encode(), "bad_line", 9),
    "ass with odd times": (ass(lines="Dialogue: 0,1.00,2.00,Default,,0,0,0,,x").encode(), "bad_time", 9),
    "ass with negative times": (
        ass(lines="Dialogue: 0,-0:00:01.00,0:00:02.00,Default,,0,0,0,,x").encode(), "negative_time", 9),
    "ass without text": (ass("x", fields="Format: Start, End, Style").encode(), "bad_line", 8),
    "ttml cut short": (ttml('<p begin="1s" end="2s">x</p>')[:-20].encode(), "bad_xml", 5),
    "ttml with an odd time": (ttml('<p begin="soon" end="2s">x</p>').encode(), "bad_time", 5),
    "ttml without an end": (ttml('<p begin="1s">x</p>').encode(), "bad_time", 5),
    "ttml backwards": (ttml('<p begin="3s" end="2s">x</p>').encode(), "end_before_start", 5),
    "ttml one after another": (
        ttml('<p begin="3s" end="4s" timeContainer="seq">x</p>').encode(), "bad_time", 5),
    "ttml, an entity of nobody's": (ttml('<p begin="1s" end="2s">&evil;</p>').encode(), "bad_xml", 5),
    "ttml, far too deep": (ttml('<p begin="1s" end="2s">' + "<span>" * 5000).encode(), "bad_xml", 5),
    "a cue of a megabyte": (srt("a", "x" * 1_000_000).encode(), "cue_too_long", 6),
    "ass, a cue too long": (ass("a", "x" * 3000).encode(), "cue_too_long", 10),
    "cut in the middle of a letter": (codecs.BOM_UTF8 + srt("a", "é").encode()[:-2], "bad_encoding", 7),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_it_is_refused_with_the_line(name: str) -> None:
    data, code, line = BROKEN[name]
    with pytest.raises(BrokenFileError) as caught:
        read(data)
    assert (caught.value.code, caught.value.line) == (code, line)
    assert caught.value.message.startswith(f"Line {line}: ")


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
REFUSED = {
    "empty": (b"", "empty"),
    "nothing but space": (b" \n\n", "empty"),
    "no cues": (b"WEBVTT\n\nNOTE nothing\n", "no_cues"),
    "cues without words": (srt("<i></i>", " ").encode(), "no_cues"),
    "another kind of file": (b"just some words\n", "unknown_format"),
    "MicroDVD": (b"{1}{1}25\n{25}{50}Hello\n", "unknown_format"),
    "a picture": (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(60), "not_text"),
    "a zip": (b"PK\x03\x04\x14\0\0\0" + bytes(200), "not_text"),
    "billion laughs": (
        ttml('<p begin="1s" end="2s">&l11;</p>')
        .replace("<tt ", f'<!DOCTYPE tt [<!ENTITY l0 "ha">{LAUGHS}]>\n<tt ', 1)
        .encode(),
        "has_doctype",
    ),
    "a file by entity": (
        b'<?xml version="1.0"?><!DOCTYPE tt [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
        b'<tt><p begin="1s" end="2s">&x;</p></tt>',
        "has_doctype",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_it_is_refused(name: str) -> None:
    data, code = REFUSED[name]
    with pytest.raises(BadInputError) as caught:
        read(data)
    assert caught.value.code == code


def test_it_is_refused_in_the_encoding_that_was_named() -> None:
    with pytest.raises(BrokenFileError) as caught:
        read(srt("a", PL).encode("cp1250"), encoding="utf-8")
    assert (caught.value.code, caught.value.line) == ("bad_encoding", 7)
    with pytest.raises(BadInputError) as refused:
        read(srt("a").encode(), encoding="zip_codec")
    assert refused.value.code == "unknown_encoding"


# --- bounds -----------------------------------------------------------------------------------------


def test_fifty_megabytes_are_refused_before_they_are_read() -> None:
    data = b"x" * (50 << 20)
    tracemalloc.start()
    started_s = time.process_time()
    with pytest.raises(BadInputError) as caught:
        read(data)
    assert caught.value.code == "too_large"
    assert tracemalloc.get_traced_memory()[1] < 100_000
    tracemalloc.stop()
    assert time.process_time() - started_s < 0.1


def test_a_million_cues_are_refused() -> None:
    data = b"00:01,0 --> 00:02,0\n\n" * 1_000_000
    with pytest.raises(BadInputError) as caught:
        read(data)
    assert caught.value.code == "too_large"
    # As many as fit.
    most = b"0:0:1,0-->0:0:2,0\nx\n\n" * (MAX_BYTES // 21)
    with pytest.raises(BrokenFileError) as broken:
        read(most)
    assert (broken.value.code, broken.value.line) == ("too_many_cues", MAX_CUES * 3 + 1)


SLOW = {
    "empty lines": b"1\n00:00:01,000 --> 00:00:02,000\nx\n" + b"\n" * 2_000_000,
    "open tags": srt(*["<a" * 900] * 50).encode(),
    "open braces": srt(*["{\\" * 900] * 50).encode(),
    "entities": srt(*["&#x3c;" * 300] * 50).encode(),
    "overrides": ass(*["{\\i1}" * 3900] * 50).encode(),
    "unended overrides": ass(*["{" * 19_000] * 50).encode(),
    "digits": b"1" * 2_000_000 + b"\n-->",
    "one line": b"WEBVTT\n\n" + b"a" * 2_000_000,
    "blanks before times": b"1\n00:00:01,000" + b" " * 2_000_000 + b"--> 00:00:02,000\nx\n",
    "attributes": ttml(
        "<p " + " ".join(f'a{n}="1"' for n in range(100_000)) + ' begin="1s" end="2s">x</p>'
    ).encode(),
    "noise": bytes(range(128, 256)) * 16_000,
}


@pytest.mark.parametrize("name", SLOW)
def test_no_file_takes_long(name: str) -> None:
    """Times that grow with the square of the size would be minutes here."""
    started_s = time.process_time()
    try:
        found = read(SLOW[name])
    except BadInputError:
        found = None
    assert time.process_time() - started_s < 3
    if found:
        assert_plain(found)


def test_damaged_files_are_read_or_refused() -> None:
    """Nothing else happens, whatever the damage."""
    chance = random.Random(5)
    kinds = [case.data for case in GOOD.values()]
    for _ in range(600):
        data = bytearray(chance.choice(kinds))
        for _ in range(chance.randint(1, 6)):
            start = chance.randrange(len(data))
            end = min(len(data), start + chance.randint(1, 9))
            other = chance.choice(kinds)
            place = chance.randrange(len(other))
            data[start:end] = chance.choice([b"", bytes([chance.randrange(256)]), other[place : place + 9]])
        try:
            found = read(bytes(data), language=chance.choice(["und", "zh", "ru", "fr"]))
        except BadInputError:
            continue
        assert_plain(found)


# --- shifting ---------------------------------------------------------------------------------------


def test_shifting() -> None:
    cues = [Cue(1000, 2000, "a"), Cue(3000, 4000, "b")]
    assert shift(cues, 500) == [Cue(1500, 2500, "a"), Cue(3500, 4500, "b")]
    assert shift(cues, -1500) == [Cue(0, 500, "a"), Cue(1500, 2500, "b")]
    assert shift(cues, -2000) == [Cue(1000, 2000, "b")]
    assert shift(cues, -9000) == []
