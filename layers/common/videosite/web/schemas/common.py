"""What several of them use, and errors."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

VIDEO_ID = 1_420_070_400_001
TIME = "2026-03-01T10:30:00Z"

Status = Literal["pending", "processing", "completed", "failed", "cancelled", "deleting"]


def example(**values: Any) -> ConfigDict:
    return ConfigDict(json_schema_extra={"examples": [values]})


class Failure(BaseModel):
    """Why something did not work: a stable code and a sentence."""

    code: str = Field(examples=["no_video"])
    message: str = Field(examples=["The file has no video, only sound."])


class EventsTaken(BaseModel):
    taken: int = Field(description="Created uploads among the events", examples=[1])


class Health(BaseModel):
    status: Literal["ok"] = "ok"
    stage: str = Field(examples=["prod"])


class FieldProblem(BaseModel):
    field: str = Field(examples=["body.title"])
    message: str


class Problem(BaseModel):
    """RFC 9457."""

    model_config = example(
        type="urn:videosite:problem:video_not_found",
        title="Not Found",
        status=404,
        detail="There is no such video.",
        code="video_not_found",
    )

    type: str
    title: str
    status: int
    detail: str
    code: str = Field(description="Stable; decide by it")
    errors: list[FieldProblem] | None = None
    line: int | None = Field(None, description="Where a text file is broken, counted from 1")
