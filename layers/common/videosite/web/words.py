"""Words of the description that no single route has: of groups, and of parameters that many have."""

from collections.abc import Mapping

TAGS: Mapping[str, str] = {
    "accounts": "Registering, signing in, one's own profile and sessions. An access token lasts 15 minutes; "
    "`/auth/refresh` exchanges a refresh token for a new pair, once.",
    "uploads": "Making a video and getting its file into storage: `POST /videos` says whether by one form or "
    "in parts, the file goes straight to storage, `upload/complete` begins the transcode.",
    "videos": "Seeing videos, and changing what is said of them. Lists are paged by `cursor`.",
    "subtitles": "Uploaded subtitle tracks. Who may see the video may read them, its owner may change them.",
    "pictures": "A video's poster and thumbnails, a user's avatar.",
    "transcodes": "How transcodes stand, and steering them.",
    "viewing": "Views that count, positions to resume from, history.",
    "sockets": "What surrounds the WebSockets at `/api/v1/ws` and `/api/v1/ws/admin`.",
    "notifications": "What people were told, and telling them something.",
    "webhooks": "Events posted to an address of yours, signed as Standard Webhooks has it.",
    "users": "Accounts, as admins manage them.",
    "administration": "Roles that admins make, and the audit log.",
    "operations": "Queues, dead letters, statistics, use of quotas.",
    "system": "For machines: storage's events, health.",
    "media": "Playlists and manifests. The token in the address is the permission; addresses come with a "
    "video's document. Segments and pictures under the same root come from the CDN.",
}

PARAMETERS: Mapping[str, str] = {
    "limit": "How many at most",
    "cursor": "`next_cursor` of the page before",
    "since": "Then or later",
    "until": "Before",
    "status": "Only those that stand so",
    "visibility": "Only those for so many",
    "category": "Only those of it",
    "tag": "Only those that have it",
    "role": "A role's name",
    "state": "Only accounts that stand so",
    "actor_id": "Only what this user did; also `anonymous`, `operator`, `system`",
    "target": "Only what was done to this, written `kind#id`",
    "action": "Only this kind",
    "step": "Of one hour, or of one day",
    "format": "Of the file",
    "token": "From the address in a video's document",
    "generation": "Which of the video's transcodes: 1 is the first",
    "asset_key": "Of a generation of the video's media; also from that address",
    "video_id": "The video's id",
    "user_id": "The user's id",
    "webhook_id": "The webhook's id",
    "message_id": "The message's id",
    "session_id": "The session's id",
    "queue": "The queue's short name",
    "language": "RFC 5646, or `und`",
    "rendition": "The rendition's name, as `transcode-status` has it",
    "file": "A name that a playlist has",
    "slug": "The video's `share_slug`",
}
"""Name → what it is, unless a route says so itself."""
