"""Registering, confirming an address, and setting a new password by mail."""

from pynamodb.expressions.update import Action
from pynamodb.transactions import TransactWrite

from videosite.accounts import audit, links, login, sessions, users
from videosite.accounts.audit import Actor
from videosite.accounts.passwords import hash_password
from videosite.accounts.sessions import Client
from videosite.errors import ForbiddenError, NotFoundError
from videosite.settings import get_settings, require
from videosite.store import queues
from videosite.store.tables import Link, User
from videosite.store.transactions import commit


def is_open() -> bool:
    """Whether people may register themselves."""
    return get_settings().registration != "closed"


def register(email: str, password: str, locale: str | None, by: Actor) -> None:
    """Have an account made, if the address has none. Takes the same time and says the same if it has.

    Raises:
        BadInputError: `bad_email`, `weak_password`.
        ForbiddenError: `registration_closed`.
    """
    if not is_open():
        raise ForbiddenError("registration_closed", "Accounts are made by the operators of this site.")
    event = {
        "do": "register",
        "email": users.normalise_email(email),
        "password_hash": hash_password(password),
        "role": get_settings().registration,
        "locale": locale,
        "address": by.address,
        "request_id": by.request_id,
    }
    queues.send(require("accounts_queue_url"), event)


def ask(what: str, email: str) -> None:
    """Have a mail sent to an address, if it has an account that needs it. `what`: verify | reset.

    Raises:
        BadInputError: `bad_email`.
    """
    queues.send(require("accounts_queue_url"), {"do": what, "email": users.normalise_email(email)})


def verify(key: str, by: Actor, now_s: float) -> None:
    """Confirm an address by the key that was sent there.

    Raises:
        BadInputError: `bad_link`.
    """
    link = links.find(links.VERIFY, key, now_s)
    user = _user_of(link)
    confirm: list[Action] = [
        User.state.set("active"),
        User.expires_at_s.remove(),
        User.updated_at_s.set(now_s),
        # Others may have registered with the address: whoever has its mails chose this one.
        User.password_hash.set(link.password_hash) if link.password_hash else User.password_hash.remove(),
    ]

    def change(write: TransactWrite) -> None:
        _use(write, link)
        audit.record(_as(user, by), "user.verify_email", f"user#{user.user_id}", now_s, write=write)
        write.update(user, actions=confirm, condition=users.in_state("unverified"))
        _keep_reservation(write, user)

    if commit(change):
        raise links.bad_link()


def reset_password(key: str, password: str, client: Client, by: Actor, now_s: float) -> User:
    """Set a new password by the key that was mailed. Ends all sessions, and confirms the address.

    A suspended account stays suspended.

    Raises:
        BadInputError: `bad_link`, `weak_password`.
    """
    link = links.find(links.RESET, key, now_s)
    password_hash = hash_password(password)
    user = _user_of(link)
    actions: list[Action] = [
        User.password_hash.set(password_hash),
        User.token_version.add(1),
        User.expires_at_s.remove(),
        User.updated_at_s.set(now_s),
    ]
    if user.state == "unverified":
        actions.append(User.state.set("active"))

    def change(write: TransactWrite) -> None:
        _use(write, link)
        audit.record(_as(user, by), "user.reset_password", f"user#{user.user_id}", now_s, write=write)
        same = users.in_state(user.state) & users.at_version(link.token_version)
        write.update(user, actions=actions, condition=User.user_id.exists() & same)
        _keep_reservation(write, user)

    if commit(change):
        raise links.bad_link()
    sessions.remove_sessions(user.user_id)
    login.note_known(user.email, client, now_s)
    return user


def _user_of(link: Link) -> User:
    try:
        return users.get_user(link.user_id)
    except NotFoundError:
        raise links.bad_link() from None


def _use(write: TransactWrite, link: Link) -> None:
    write.delete(link, condition=Link.link_id.exists())


def _keep_reservation(write: TransactWrite, user: User) -> None:
    write.update(
        users.reservation_of(user.email),
        actions=[User.expires_at_s.remove()],
        condition=User.target_id == user.user_id,
    )


def _as(user: User, by: Actor) -> Actor:
    """Who has the key is the user, though no token came along."""
    return Actor(user.user_id, by.address, by.request_id)
