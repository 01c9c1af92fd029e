"""How far a job is: done units of each task, weighted by what they cost."""

from collections.abc import Mapping

from videosite.media.plan import Plan

AUDIO_WEIGHT = 0.03
"""Share of the work that is a stereo rendition: AAC runs at about 47 times realtime, a 720p ladder at 1 to
2."""
MAX_AUDIO_WEIGHT = 0.3


def group_total(plan: Plan, group: str) -> int:
    """Units of a group: grid frames of video, AAC frames of audio."""
    if group == "audio":
        return plan.audio.frames if plan.audio else 0
    return plan.frames


def group_fraction(plan: Plan, group: str, parts: Mapping[str, int]) -> float:
    """0 to 1: how much of a group is encoded. `parts` maps task ids to units done."""
    total = group_total(plan, group)
    if not total:
        return 1.0
    done = sum(units for task_id, units in parts.items() if task_id.split("#")[0] == group)
    return min(1.0, done / total)


def progress_fraction(plan: Plan, parts: Mapping[str, int]) -> float:
    """0 to 1 over all groups, each codec weighted by its pixels, audio by a small constant."""
    pixels = {
        codec: sum(rung.width * rung.height for rung in plan.renditions if rung.codec == codec)
        for codec in plan.codecs
    }
    weights = {codec: count / sum(pixels.values()) for codec, count in pixels.items()}
    if plan.audio:
        audio = min(AUDIO_WEIGHT * len(plan.audio.renditions), MAX_AUDIO_WEIGHT)
        weights = {codec: weight * (1 - audio) for codec, weight in weights.items()}
        weights["audio"] = audio
    return sum(weight * group_fraction(plan, group, parts) for group, weight in weights.items())
