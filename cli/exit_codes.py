"""How commands end, as scripts see it. (0: done.)"""

OTHER = 1
REFUSED = 2
INTERRUPTED = 130
"""128 and the signal's number, as shells have it."""

MEANING = (
    "Exit codes: 0 done · 1 not done (wrong usage, no connection, no permission, …) · "
    "2 the video was refused, or its transcode failed or was cancelled · 130 interrupted"
)
