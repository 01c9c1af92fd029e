import pytest
from hypothesis import given
from hypothesis import strategies as st

from videosite.errors import BadInputError
from videosite.library import names


@pytest.mark.parametrize(
    ("title", "cleaned"),
    [
        ("  A   day\tat\nthe sea ", "A day at the sea"),
        ("示例视频", "示例视频"),
        ("Cafe\u0301", "Caf\u00e9"),
        ("\u202egpj.exe\u202c", "gpj.exe"),
        ("a\u0000b\u200bc\ufeff", "abc"),
        (
            "\U0001f468\u200d\U0001f469\u200d\U0001f466 home",
            "\U0001f468\u200d\U0001f469\u200d\U0001f466 home",
        ),
        ("x" * 300, "x" * 200),
    ],
)
def test_titles_are_cleaned(title: str, cleaned: str) -> None:
    assert names.clean_title(title) == cleaned


@pytest.mark.parametrize("title", ["", "  \n ", "\u200b\u202e", "\u200d"])
def test_a_title_of_nothing_is_refused(title: str) -> None:
    with pytest.raises(BadInputError, match="bad_title"):
        names.clean_title(title)


@given(st.text())
def test_a_cleaned_title_stays_as_it_is(text: str) -> None:
    title = names.title_from(text)
    assert 0 < len(title) <= names.MAX_TITLE_CHARS
    assert names.clean_title(title) == title


@pytest.mark.parametrize(
    ("filename", "title"),
    [
        ("my_holiday.mp4", "my holiday"),
        (r"C:\films\one.mkv", "one"),
        ("a/b/.mp4", ".mp4"),
        ("noextension", "noextension"),
        ("", "Untitled"),
        ("\u200b.mp4", "Untitled"),
    ],
)
def test_titles_from_file_names(filename: str, title: str) -> None:
    assert names.title_from(filename) == title


@pytest.mark.parametrize(
    ("filename", "extension"),
    [
        ("a.MP4", "mp4"),
        ("a.tar.mkv", "mkv"),
        ("a.exe", "bin"),
        ("a.mp4/../../x", "bin"),
        ("mp4", "mp4"),
        ("", "bin"),
        ("a.m p4", "bin"),
        ("a.mp4\n", "bin"),
    ],
)
def test_keys_get_a_known_extension_only(filename: str, extension: str) -> None:
    assert names.extension_of(filename) == extension
    assert "/" in names.content_type_of(extension)
