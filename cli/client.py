"""The HTTP API as the commands use it: finding the site, signing in, calling, refreshing tokens."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Annotated, Any

import httpx
import typer

from cli.outcome import CommandError
from cli.sessions import Kept, Sessions, own_sessions

UrlOption = Annotated[
    str,
    typer.Option("--url", envvar="VIDEOSITE_URL", help="Address of the site. Default: the local stack."),
]
CredentialsOption = Annotated[
    Path | None,
    typer.Option(
        "--credentials",
        envvar="VIDEOSITE_CREDENTIALS",
        help='File with {"email": …, "password": …}. Default: the session of `videosite login`; '
        "for the local stack: its admin's.",
    ),
]

REFRESH_EARLY_S = 60
"""An access token this close to its end is renewed before it is used."""
PAGE = 100
"""Most rows that the API gives at once."""
ATTEMPTS = 4
"""Tries of a call that may be repeated, over passing faults."""


@dataclass(frozen=True)
class Site:
    """Where a site is, and whose account to use."""

    api: str
    """Up to /api/v1."""
    ws: str
    """Up to /api/v1/ws."""
    credentials_file: Path | None
    """None: the session that `videosite login` opened there."""
    sessions: Sessions = field(default_factory=own_sessions)


def site_at(url: str, credentials_file: Path | None) -> Site:
    """The site at an address such as https://videos.example.org."""
    base = url.rstrip("/").removesuffix("/api/v1")
    if not base.startswith(("http://", "https://")):
        raise CommandError("bad_url", f"{url} is no address; it should begin with http:// or https://.")
    return Site(f"{base}/api/v1", f"ws{base.removeprefix('http')}/api/v1/ws", credentials_file)


@dataclass
class _Tokens:
    access: str
    refresh: str
    expires_at_s: float


class Client:
    """Calls the API of a site as one account. Signs in with the first call that needs it.

    Raises `CommandError` for what the API refuses and lets `httpx.HTTPError` through where it cannot be
    reached.
    """

    def __init__(
        self,
        site: Site,
        transport: httpx.BaseTransport | None = None,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.site = site
        self.sleep = sleep
        self.transport = transport
        self.http = httpx.Client(timeout=httpx.Timeout(30, connect=5), transport=transport)
        self._clock = clock
        self._tokens: _Tokens | None = None
        self._refused: _Tokens | None = None
        self._renewing = Lock()

    def get(self, path: str, **query: str | int) -> dict[str, Any]:
        """GET a path under /api/v1."""
        return self._call("GET", path, params=query or None)

    def listed(self, path: str, field: str, limit: int, **query: str) -> tuple[list[dict[str, Any]], bool]:
        """(Up to `limit` rows of a list, whether there are more). `field`: where a page has its rows."""
        rows: list[dict[str, Any]] = []
        cursor: dict[str, str] = {}
        while True:
            page = self.get(path, limit=min(PAGE, limit - len(rows)), **query, **cursor)
            rows += page[field]
            if len(rows) >= limit or not page["next_cursor"]:
                return rows, bool(page["next_cursor"])
            cursor = {"cursor": page["next_cursor"]}

    def post(self, path: str, body: dict[str, Any] | None = None, repeatable: bool = False) -> dict[str, Any]:
        """POST JSON to a path under /api/v1. `repeatable`: doing it twice is as doing it once."""
        return self._call("POST", path, json=body, repeatable=repeatable)

    def patch(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """PATCH a path under /api/v1."""
        return self._call("PATCH", path, json=body)

    def put_file(self, path: str, data: bytes, kind: str, **query: str | int) -> dict[str, Any]:
        """PUT a file as it is to a path under /api/v1. `kind`: its Content-Type."""
        return self._call("PUT", path, content=data, kind=kind, params=query or None, repeatable=True)

    def delete(self, path: str) -> None:
        """DELETE a path under /api/v1."""
        self._call("DELETE", path)

    def access_token(self) -> str:
        """An access token that is good for another minute at least."""
        # Uploads call from several threads, and a refresh token works once.
        with self._renewing:
            tokens = self._tokens
            if tokens is None:
                tokens = self._begin()
            elif self._clock() > tokens.expires_at_s - REFRESH_EARLY_S:
                tokens = self._refresh(tokens)
            return tokens.access

    def _call(self, method: str, path: str, **options: Any) -> dict[str, Any]:
        response = self._send(method, path, **options)
        if response.status_code == 401:
            # The token was revoked, or the stack was started anew.
            self._refused, self._tokens = self._tokens, None
            response = self._send(method, path, **options)
        return _document(response)

    def _send(self, method: str, path: str, kind: str = "", **options: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.access_token()}"}
        if kind:
            headers["Content-Type"] = kind
        return self._request(method, f"{self.site.api}{path}", headers=headers, **options)

    def _request(self, method: str, url: str, repeatable: bool = False, **options: Any) -> httpx.Response:
        """Send, again after a while if the answer is a passing fault (502-504, 429) or does not come.

        A POST whose answer did not come may have been heard, so it is repeated only if that does no harm.
        """
        for attempt in range(1, ATTEMPTS + 1):
            try:
                response = self.http.request(method, url, **options)
            except httpx.TransportError as error:
                again = repeatable or method == "GET" or isinstance(error, httpx.ConnectError)
                if attempt == ATTEMPTS or not again:
                    raise
            else:
                if response.status_code not in (429, 502, 503, 504) or attempt == ATTEMPTS:
                    return response
            self.sleep(0.3 * 2**attempt)
        raise AssertionError("unreachable")

    # --- signing in ---

    def open_session(self, email: str, password: str) -> None:
        """Sign in, and keep the session for commands to come.

        Raises:
            CommandError: `bad_credentials`, and what else the site says.
        """
        tokens = self._log_in({"email": email, "password": password}, "this address and password")
        self.site.sessions.keep(self.site.api, _kept(email, tokens))

    def end_session(self) -> bool:
        """End the kept session; False: there was none."""
        kept = self.site.sessions.find(self.site.api)
        if kept is None:
            return False
        body = {"refresh_token": kept.refresh_token}
        _document(self._request("POST", f"{self.site.api}/auth/logout", json=body, repeatable=True))
        self.site.sessions.forget(self.site.api)
        return True

    def _begin(self) -> _Tokens:
        if self.site.credentials_file is None and self.site.sessions.find(self.site.api):
            return self._take_up()
        return self._sign_in()

    def _sign_in(self) -> _Tokens:
        body = _read_credentials(self.site.credentials_file)
        return self._log_in(body, f"the credentials in {self.site.credentials_file}")

    def _log_in(self, body: dict[str, str], what: str) -> _Tokens:
        response = self._request("POST", f"{self.site.api}/auth/login", json=body)
        if response.status_code == 401:
            raise CommandError("bad_credentials", f"The site does not accept {what}.")
        return self._keep(_document(response))

    def _refresh(self, tokens: _Tokens) -> _Tokens:
        if self.site.credentials_file is None:
            self._refused = tokens
            return self._take_up()
        body = {"refresh_token": tokens.refresh}
        response = self._request("POST", f"{self.site.api}/auth/refresh", json=body)
        return self._sign_in() if response.is_client_error else self._keep(_document(response))

    def _take_up(self) -> _Tokens:
        """Go on with the kept session; another command may have exchanged its tokens meanwhile."""
        sessions, api = self.site.sessions, self.site.api
        with sessions.turn():
            kept = sessions.find(api)
            if kept is None:
                raise _signed_out(api)
            refused = self._refused is not None and self._refused.access == kept.access_token
            if not refused and self._clock() <= kept.expires_at_s - REFRESH_EARLY_S:
                self._tokens = _Tokens(kept.access_token, kept.refresh_token, kept.expires_at_s)
                return self._tokens
            body = {"refresh_token": kept.refresh_token}
            response = self._request("POST", f"{api}/auth/refresh", json=body)
            if response.status_code in (401, 403):
                sessions.forget(api)
                raise _signed_out(api)
            tokens = self._keep(_document(response))
            sessions.keep(api, _kept(kept.email, tokens))
            return tokens

    def _keep(self, answer: dict[str, Any]) -> _Tokens:
        expires_at_s = self._clock() + answer["expires_in"]
        self._tokens = _Tokens(answer["access_token"], answer["refresh_token"], expires_at_s)
        return self._tokens


def _kept(email: str, tokens: _Tokens) -> Kept:
    return Kept(email, tokens.access, tokens.refresh, tokens.expires_at_s)


def _signed_out(api: str) -> CommandError:
    return CommandError(
        "signed_out", f"Your session at {api} has ended. Sign in again: videosite login EMAIL"
    )


def _read_credentials(path: Path | None) -> dict[str, str]:
    if path is None:
        message = (
            "Say whose account to use there: videosite login EMAIL --url ADDRESS, or --credentials FILE."
        )
        raise CommandError("no_credentials", message)
    try:
        values = json.loads(path.read_text())
        return {"email": str(values["email"]), "password": str(values["password"])}
    except FileNotFoundError:
        raise CommandError("no_credentials", f"There is no credentials file {path}.") from None
    except (ValueError, TypeError, KeyError):
        message = f'{path} is no credentials file; it should hold {{"email": …, "password": …}}.'
        raise CommandError("no_credentials", message) from None


def _document(response: httpx.Response) -> dict[str, Any]:
    """The answer's JSON, or the problem it describes as a `CommandError`."""
    try:
        document = response.json() if response.content else {}
    except ValueError:
        document = None
    if not isinstance(document, dict):
        message = "This does not look like a VideoSite; is the address right?"
        raise CommandError("unexpected_answer", message)
    if response.is_success:
        return document
    message = str(document.get("detail") or f"The site answered with status {response.status_code}.")
    for item in document.get("errors", []):
        message += f" {item['field'].removeprefix('body.')}: {item['message']}."
    code = str(document.get("code", "unexpected_answer"))
    raise CommandError(code, message, refused=response.status_code == 422)
