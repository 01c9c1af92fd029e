"""The sentences of messages, in the languages the platform speaks."""

from collections.abc import Mapping

LANGUAGES = ("zh-CN", "en")
DEFAULT_LANGUAGE = "zh-CN"
"""Of a frame's `message`; its `text` holds every language."""

Params = Mapping[str, str | int]

TEXTS: Mapping[str, Mapping[str, str]] = {
    "waiting_for_upload": {"zh-CN": "等待上传", "en": "Waiting for the upload"},
    "reading": {"zh-CN": "正在读取文件", "en": "Reading the file"},
    "preparing": {"zh-CN": "正在准备转码", "en": "Preparing the transcode"},
    "transcoding": {
        "zh-CN": "正在转码，已完成 {done}/{total} 段",
        "en": "Transcoding, {done} of {total} parts done",
    },
    "encoded": {
        "zh-CN": "已完成{resolution}转码 ({done}/{total})",
        "en": "Finished {resolution}, {done} of {total} renditions",
    },
    "completed": {"zh-CN": "转码完成", "en": "Transcode completed"},
    "failed": {"zh-CN": "转码失败", "en": "Transcode failed"},
    "cancelled": {"zh-CN": "转码已取消", "en": "Transcode cancelled"},
    "deleting": {"zh-CN": "正在删除", "en": "Being deleted"},
    "webhook_disabled": {
        "zh-CN": "发往 {host} 的 Webhook 已停用：对方长时间不接受消息",
        "en": "The webhook to {host} was disabled: nothing sent there is accepted",
    },
}
"""Code → language → sentence, with its parameters in braces."""


def render(code: str, params: Params) -> dict[str, str]:
    """A sentence in every language."""
    return {language: sentence.format_map(params) for language, sentence in TEXTS[code].items()}
