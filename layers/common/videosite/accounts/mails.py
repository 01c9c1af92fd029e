"""What the platform writes to people about their accounts, in their language."""

from dataclasses import dataclass
from datetime import UTC, datetime

from videosite.log import logger
from videosite.settings import get_settings
from videosite.store import mail


@dataclass(frozen=True)
class Text:
    """Subject and body; `{link}`, `{site}` and `{when}` are filled in."""

    subject: str
    body: str


TEXTS = {
    "en": {
        "verify": Text(
            "Confirm your address",
            "Somebody registered at {site} with this address: {when}.\n\n"
            "If it was you, confirm it within a day:\n{link}\n\n"
            "It sets the password that was typed then. If there are several of these mails, take the one of "
            "the time when you registered.\n\n"
            "If not, do nothing: the account cannot be used and will be removed.\n",
        ),
        "registered": Text(
            "You have an account already",
            "Somebody tried to register at {site} with this address, which has an account already.\n\n"
            "If it was you, sign in, or ask for a new password there. If not, nothing has changed.\n",
        ),
        "reset": Text(
            "Set a new password",
            "Somebody asked for a new password at {site} for this address.\n\n"
            "If it was you, set one within an hour:\n{link}\n\n"
            "If not, do nothing: your password stays as it is.\n",
        ),
    },
    "zh": {
        "verify": Text(
            "请确认您的邮箱",
            "有人使用此邮箱在 {site} 注册了账号（{when}）。\n\n"
            "如果是您本人，请在一天内打开以下链接确认：\n{link}\n\n"
            "密码以当时填写的为准。如果收到多封此类邮件，请打开与您注册时间相符的那一封。\n\n"
            "如果不是，请忽略本邮件：该账号无法使用，并将被删除。\n",
        ),
        "registered": Text(
            "您已有账号",
            "有人试图使用此邮箱在 {site} 注册，但该邮箱已有账号。\n\n"
            "如果是您本人，请直接登录，或在登录页申请重设密码。如果不是，一切保持不变。\n",
        ),
        "reset": Text(
            "重设密码",
            "有人为此邮箱在 {site} 申请了重设密码。\n\n"
            "如果是您本人，请在一小时内打开以下链接设置新密码：\n{link}\n\n"
            "如果不是，请忽略本邮件：您的密码保持不变。\n",
        ),
    },
}
PAGES = {"verify": "verify-email", "reset": "reset-password"}


def write(kind: str, to: str, locale: str | None, key: str = "", at_s: float = 0) -> None:
    """Send one of the texts; `at_s`: when it was that it tells of. Without a sender (`VIDEOSITE_MAIL_FROM`)
    nothing is sent.

    The key stands behind `#`, which browsers keep to themselves: it is in no server's log.
    """
    settings = get_settings()
    sender, site = settings.mail_from, settings.public_url
    if not sender:
        logger.warning("mail_not_sent", extra={"kind": kind, "reason": "no_sender"})
        return
    texts = TEXTS.get((locale or "en").partition("-")[0].lower(), TEXTS["en"])
    text = texts[kind]
    link = f"{site}/{PAGES.get(kind, '')}#token={key}"
    when = datetime.fromtimestamp(at_s, UTC).strftime("%Y-%m-%d %H:%M UTC")
    if not mail.send(sender, to, text.subject, text.body.format(site=site, link=link, when=when)):
        logger.warning("mail_not_sent", extra={"kind": kind, "reason": "recipient"})
