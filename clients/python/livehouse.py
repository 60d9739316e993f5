"""The rooms of a Livehouse server: who one is, what one says, and every event of the log once and in order.

    house = House("http://127.0.0.1:8080", key="lhk_...")
    async with house.room(stream_id) as room:
        async for frame in room:
            if frame["type"] == "comment.created" and frame["comment"]["content"] == "!song":
                await room.comment("Now playing: First night", reply_to=frame["comment"]["id"])

A lost connection is made again, later the more often it was in vain, and goes on in the log where it was. What a program does
not take in time is asked for again, so that nothing is lost and nothing piles up. Frames are dictionaries with the names of the
API. Leave out types that you do not know: v1 only grows.
"""

from __future__ import annotations

import asyncio
import json
import logging
import random
import secrets
import urllib.error
import urllib.parse
import urllib.request
from collections import deque
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Literal, NoReturn, NotRequired, Self, TypedDict, cast

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException
from websockets.typing import Subprotocol

log = logging.getLogger("livehouse")

ANSWER_S = 10.0  # what is unanswered for so long is dead
BACKOFF_S = (0.4, 20.0)
STEADY_S = 30.0  # a connection that lived for so long was a good one
RENEW_S = 60.0  # how long before its end a token is renewed
FRAME_BYTES = 16 * 1024 * 1024  # the longest frame that is taken from a server
FRAMES_WAITING = 10_000  # frames that wait for the program; what is beyond is asked for again

# ---- what the server says

Id = str
"""A UUIDv7."""
Time = str
"""RFC 3339 in UTC, with milliseconds."""

Role = Literal["guest", "viewer", "moderator", "host", "admin"]
Right = Literal[
    "comment", "react", "vote", "ask", "delete", "ban", "review", "pin", "announce", "poll", "settings", "manage"
]
ReactionKind = Literal["like", "love", "laugh", "wow", "clap", "fire"]
Scope = Literal["channel", "stream"]


class User(TypedDict):
    id: Id
    username: str
    display_name: str


class Writer(User):
    bot: NotRequired[bool]


class Author(Writer):
    role: Role
    """As of writing."""


class Host(User):
    avatar_url: str | None


class Style(TypedDict, total=False):
    mode: Literal["scroll", "top", "bottom"]
    color: str
    size: Literal["small", "normal", "large"]


class Comment(TypedDict):
    id: Id
    seq: int | None
    stream_id: Id
    user: Author
    content: str
    style: Style | None
    reply_to: Id | None
    client_id: str | None
    offset_ms: int | None
    created_at: Time


class Announcement(TypedDict):
    id: Id
    content: str
    user: Writer
    created_at: Time


class Poll(TypedDict):
    id: Id
    question: str
    options: list[str]
    closes_at: Time
    tally: list[int]


class Question(TypedDict):
    id: Id
    user: Writer
    content: str
    votes: int
    answered: bool


class Settings(TypedDict):
    comments: Literal["users", "followers", "moderators", "off"]
    slow_mode_s: int
    min_account_age_s: int
    repeat_window_s: int
    links: Literal["allow", "hold", "reject"]
    hold_all: bool


class Picture(TypedDict):
    state: Literal["none", "waiting", "live", "stalled"]
    since: Time | None
    width: int | None
    height: int | None


class StreamCore(TypedDict):
    """A stream without its counters, as events have it."""

    id: Id
    title: str
    description: str
    tags: list[str]
    visibility: Literal["public", "unlisted", "private"]
    status: Literal["scheduled", "live", "ended"]
    host: Host
    scheduled_for: Time | None
    playback_url: str | None
    started_at: Time | None
    ended_at: Time | None
    created_at: Time
    updated_at: Time


class Stream(StreamCore):
    viewers: int
    peak_viewers: int
    comment_count: int
    reactions: dict[str, int]
    picture: Picture


class Ban(TypedDict):
    until: Time | None
    """None: for good."""
    reason: str | None


class You(TypedDict):
    """Who one is in the room. `can` says what the role allows, not what the room's settings do."""

    role: Role
    user: User | None
    """None for a guest."""
    can: list[Right]
    ban: Ban | None
    vote: int | None


class Limits(TypedDict):
    content_graphemes: int
    content_bytes: int
    frame_bytes: int
    comments: int | None
    per_ms: int


# ---- events of the log


class Numbered(TypedDict):
    seq: int
    ts: Time


class CommentCreated(Numbered):
    type: Literal["comment.created"]
    comment: Comment


class CommentDeleted(Numbered):
    type: Literal["comment.deleted"]
    comment_id: Id
    by: Literal["author", "moderator", "host", "admin"]


class CommentTombstone(Numbered):
    type: Literal["comment.tombstone"]
    comment_id: Id
    deleted_at: Time


class CommentsPurged(Numbered):
    """All comments of theirs with a lower `seq` are gone."""

    type: Literal["comments.purged"]
    user_id: Id


class CommentPinned(Numbered):
    type: Literal["comment.pinned"]
    comment: Comment


class CommentUnpinned(Numbered):
    type: Literal["comment.unpinned"]


class AnnouncementCreated(Numbered):
    type: Literal["announcement.created"]
    announcement: Announcement


class AnnouncementRemoved(Numbered):
    type: Literal["announcement.removed"]
    announcement_id: Id


class AnnouncementTombstone(Numbered):
    type: Literal["announcement.tombstone"]
    announcement_id: Id
    deleted_at: Time


class StreamChanged(Numbered):
    type: Literal["stream.updated", "stream.started", "stream.ended"]
    stream: StreamCore


class SettingsUpdated(Numbered):
    type: Literal["settings.updated"]
    settings: Settings


class ViewerBanned(Numbered):
    """The end of a timeout is no event."""

    type: Literal["viewer.banned"]
    user_id: Id
    until: Time | None


class ViewerUnbanned(Numbered):
    type: Literal["viewer.unbanned"]
    user_id: Id


class ModeratorChanged(Numbered):
    type: Literal["moderator.added", "moderator.removed"]
    user_id: Id
    user: User


class PollChanged(Numbered):
    type: Literal["poll.opened", "poll.closed"]
    poll: Poll


class QuestionChanged(Numbered):
    type: Literal["question.created", "question.answered"]
    question: Question


class QuestionTombstone(Numbered):
    type: Literal["question.tombstone"]
    question_id: Id
    deleted_at: Time


LogEvent = (
    CommentCreated
    | CommentDeleted
    | CommentTombstone
    | CommentsPurged
    | CommentPinned
    | CommentUnpinned
    | AnnouncementCreated
    | AnnouncementRemoved
    | AnnouncementTombstone
    | StreamChanged
    | SettingsUpdated
    | ViewerBanned
    | ViewerUnbanned
    | ModeratorChanged
    | PollChanged
    | QuestionChanged
    | QuestionTombstone
)

# ---- frames without a number


class Snapshot(TypedDict):
    """Everything of a room at one `seq`: what was known before does not count any more."""

    type: Literal["snapshot"]
    epoch: str
    seq: int
    stream: Stream
    settings: Settings
    pinned: Comment | None
    announcement: Announcement | None
    poll: Poll | None
    questions: list[Question]
    comments: list[Comment]
    """The last 50, oldest first."""


class Resumed(TypedDict):
    """After a lost connection: the events `from` to `to`, which were missed, follow."""

    type: Literal["resumed"]
    epoch: str
    to: int


class Pulse(TypedDict):
    type: Literal["pulse"]
    viewers: int
    reactions: dict[str, int]
    tally: NotRequired[list[int]]


class PictureFrame(Picture):
    type: Literal["picture"]
    whep: bool
    hls: bool


class IngestFrame(TypedDict):
    """To host and moderators: where the picture comes from."""

    type: Literal["ingest"]
    publisher: dict[str, Any] | None
    warnings: list[str]
    last_refusal: dict[str, Any] | None


class YouFrame(You):
    type: Literal["you"]


class Queue(TypedDict):
    """To moderators: how many comments wait."""

    type: Literal["queue"]
    held: int


class Held(TypedDict):
    """A comment waits for a moderator, or was turned down."""

    type: Literal["held"]
    comment_id: Id
    state: Literal["held", "rejected"]


class Lagged(TypedDict):
    """The server left `missed` of the events from `from` to `to` out for this viewer; `House.events` has them."""

    type: Literal["lagged"]
    to: int
    missed: int


class Posted(TypedDict):
    """A comment is written down."""

    type: Literal["ack"]
    op: Literal["comment"]
    id: Id
    seq: int
    duplicate: bool
    comment: Comment


Frame = LogEvent | Snapshot | Resumed | Pulse | PictureFrame | IngestFrame | YouFrame | Queue | Held | Lagged

# ---- what goes wrong


class Refused(Exception):
    """The server's no to one thing; `code` as in the API. Waiting helps where `retry_after_s` is not None."""

    def __init__(self, code: str, detail: str = "", retry_after_s: float | None = None, status: int = 0) -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code = code
        self.detail = detail
        self.retry_after_s = retry_after_s
        self.status = status


class Offline(ConnectionError):
    """The server was not reached, or was lost before its answer came. It may have done what was asked."""


class Closed(Exception):
    """The server closed the room. `retry`: whether to come back, then after `retry_after_s` at the earliest."""

    def __init__(self, code: int, reason: str, retry: bool, retry_after_s: float = 0.0) -> None:
        super().__init__(f"{code} {reason}".strip())
        self.code = code
        self.reason = reason
        self.retry = retry
        self.retry_after_s = retry_after_s

    @staticmethod
    def of(code: int, reason: str, bye: Mapping[str, Any] | None) -> Closed:
        """What a `bye` says counts for more than what its code is known for; an unknown code is one to come back after."""
        kind = {4401: SessionEnded, 4404: StreamGone, 4409: Replaced}.get(code, Closed)
        if bye is None:
            return kind(code, reason, code not in FINAL)
        return kind(code, bye["reason"], bye["retry"], (bye.get("retry_after_ms") or 0) / 1000)


class SessionEnded(Closed):
    """4401: the session was ended, or the account is gone. Log in again, or come as a guest."""


class StreamGone(Closed):
    """4404: the stream is gone, or is not to be seen any more."""


class Replaced(Closed):
    """4409: the account has joined more often than it may, and this was the oldest time."""


FINAL = {1002, 1003, 1007, 1009, 4400, 4401, 4404, 4409}

# ---- the house


class House:
    """A server, and who one is there: a guest, the owner of a key, or an account after `log_in`."""

    def __init__(self, url: str, *, key: str | None = None) -> None:
        self.url = url.rstrip("/")
        self._key = key
        self._session: dict[str, Any] | None = None
        self._renew_at = 0.0
        self._renewing = asyncio.Lock()

    async def register(self, username: str, password: str) -> User:
        """Makes an account, and logs in."""
        return await self._enter("/users", {"username": username, "password": password})

    async def log_in(self, username: str, password: str) -> User:
        """Raises `Refused` with `invalid_credentials` where the password is wrong. The session is renewed by itself."""
        return await self._enter("/sessions", {"username": username, "password": password})

    async def log_out(self) -> None:
        """Ends the session; its rooms close with `SessionEnded`."""
        await self.call("DELETE", "/sessions/current")
        self._session = None

    async def streams(self, **query: str) -> AsyncIterator[Stream]:
        """Public streams, newest first, page after page. `status`, `host`, `tag`, `q`, `following`, `sort` choose."""
        cursor: dict[str, str] = {}
        while True:
            page = await self.call("GET", "/streams", query={**query, **cursor})
            for stream in page["items"]:
                yield stream
            if page["next_cursor"] is None:
                return
            cursor = {"cursor": page["next_cursor"]}

    async def events(self, stream: Id, after: int = 0) -> AsyncIterator[LogEvent]:
        """The log of a stream behind `after`, up to its head."""
        while True:
            query = {"after": str(after), "limit": "100"}
            page = await self.call("GET", f"/streams/{_part(stream)}/events", query=query)
            for event in page["items"]:
                yield event
                after = event["seq"]
            if not page["items"] or after >= page["head"]:
                return

    def room(self, stream: Id, *, since: int | None = None, epoch: str | None = None) -> Room:
        """A room to go into by `async with`; with `since` and `epoch` of an earlier visit it goes on from there."""
        return Room(self, stream, since, epoch)

    async def call(
        self, method: str, path: str, body: Mapping[str, Any] | None = None, *, query: Mapping[str, str] | None = None
    ) -> Any:
        """Any call of the API, `path` below `/api/v1`. Raises `Refused`, or `Offline` where the server is not reached."""
        token = await self.token()
        try:
            return await self._ask(method, path, body, query, token)
        except Refused as refused:
            if refused.status != 401 or self._session is None:
                raise
        return await self._ask(method, path, body, query, await self.token(force=True))

    async def token(self, *, force: bool = False) -> str | None:
        """What to show to the server, None for a guest. `force`: the last one was refused."""
        if self._key is not None:
            return self._key
        async with self._renewing:
            if self._session is None:
                return None
            if force or asyncio.get_running_loop().time() >= self._renew_at:
                refresh = {"refresh_token": self._session["refresh_token"]}
                self._keep((await self._ask("POST", "/sessions/refresh", refresh, None, None))["session"])
            return cast(str, self._session["access_token"])

    async def _enter(self, path: str, body: Mapping[str, str]) -> User:
        entered = await self._ask("POST", path, body, None, None)
        self._keep(entered["session"])
        return cast(User, entered["user"])

    def _keep(self, session: dict[str, Any]) -> None:
        self._session = session
        self._renew_at = asyncio.get_running_loop().time() + session["expires_in"] - RENEW_S

    async def _ask(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None,
        query: Mapping[str, str] | None,
        token: str | None,
    ) -> Any:
        url = f"{self.url}/api/v1{path}" + (f"?{urllib.parse.urlencode(query)}" if query else "")
        request = urllib.request.Request(url, method=method, headers={"accept": "application/json"})
        if body is not None:
            request.data = json.dumps(body).encode()
            request.add_header("content-type", "application/json")
        if token is not None:
            request.add_header("authorization", f"Bearer {token}")
        return await asyncio.to_thread(_fetch, request)


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """A token is shown to the server that it is of, and to no other."""

    def redirect_request(self, *_: Any) -> None:
        return None


def _fetch(request: urllib.request.Request) -> Any:
    try:
        with urllib.request.build_opener(_NoRedirects).open(request, timeout=ANSWER_S) as response:
            body = response.read()
            return json.loads(body) if body else None
    except urllib.error.HTTPError as error:
        with error:
            raise _refusal(error.code, error.read()) from None
    except (OSError, EOFError) as error:
        raise Offline(str(error)) from error


def _refusal(status: int, body: bytes) -> Refused:
    try:
        problem = json.loads(body)
        wait_ms = problem.get("retry_after_ms")
        return Refused(problem["code"], problem.get("detail", ""), None if wait_ms is None else wait_ms / 1000, status)
    except (ValueError, KeyError, TypeError, AttributeError):
        return Refused("internal", f"HTTP {status}", None, status)


def _part(text: str) -> str:
    return urllib.parse.quote(text, safe="")


# ---- the room


@dataclass
class _Ask:
    """What was asked and is not answered. What is `lasting` is asked again on the next connection."""

    frame: dict[str, Any]
    answer: asyncio.Future[dict[str, Any]]
    lasting: bool


class Room:
    """One room over one WebSocket that mends itself. Iterating gives frames; it raises `Closed` or `Refused` where there is
    no way back."""

    def __init__(self, house: House, stream: Id, since: int | None, epoch: str | None) -> None:
        self.house = house
        self.stream = stream
        self.seq = since
        """The last event that was told, or is about to be."""
        self.epoch = epoch
        self.you: You | None = None
        self.limits: Limits | None = None
        self._waiting: deque[Frame] = deque()
        self._news = asyncio.Event()
        self._behind = False
        self._asks: dict[str, _Ask] = {}
        self._refs = 0
        self._socket: ClientConnection | None = None
        self._joined = asyncio.Event()
        self._stay: asyncio.Task[NoReturn] | None = None
        self._failure: BaseException | None = None
        self._left = False

    async def __aenter__(self) -> Self:
        self._stay = asyncio.create_task(self._staying())
        self._stay.add_done_callback(self._stayed)
        try:
            await self._joined.wait()
        except asyncio.CancelledError:
            await self.leave()
            raise
        if self._failure is not None:
            raise self._failure
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.leave()

    async def leave(self) -> None:
        """Leaves; who iterates comes to the end, what is unanswered is `Offline`."""
        self._left = True
        if self._stay is not None:
            self._stay.cancel()
            await asyncio.gather(self._stay, return_exceptions=True)
        self._give_up(Offline("left"))

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Frame:
        while not self._waiting:
            if self._failure is not None:
                raise self._failure
            if self._left:
                raise StopAsyncIteration
            if self._behind and self._socket is not None:
                await self._socket.close()  # the next connection begins where this program is
            self._news.clear()
            await self._news.wait()
        return self._waiting.popleft()

    # -- what one does

    async def comment(
        self, content: str, *, style: Style | None = None, reply_to: Id | None = None, client_id: str | None = None
    ) -> Posted | Held:
        """Writes, and waits until it is durable or held, over lost connections too: it is never posted twice. `Refused` with
        `not_found` after a lost connection: it was posted, and deleted before the answer came."""
        members: dict[str, Any] = {"content": content, "client_id": client_id or secrets.token_hex(12)}
        if style is not None:
            members["style"] = style
        if reply_to is not None:
            members["reply_to"] = reply_to
        return cast(Posted | Held, await self._ask("comment", members, lasting=True))

    async def delete(self, comment_id: Id) -> None:
        """One's own comment, or any where one moderates."""
        await self._ask("delete", {"comment_id": comment_id})

    async def react(self, kind: ReactionKind, count: int = 1) -> None:
        """1 to 20 at once."""
        await self._ask("react", {"kind": kind, "count": count})

    async def vote(self, poll_id: Id, option: int) -> None:
        """`option` counts from 0; a later vote replaces."""
        await self._ask("vote", {"poll_id": poll_id, "option": option})

    async def ask(self, content: str) -> Question:
        """Puts a question to the host."""
        return cast(Question, await self._call("POST", "questions", {"content": content}))

    async def ban(
        self,
        username: str,
        *,
        duration_s: int | None = None,
        reason: str | None = None,
        delete_comments: bool = False,
        scope: Scope | None = None,
    ) -> None:
        """`duration_s` None: for good. `scope` None: as far as one may."""
        body: dict[str, Any] = {"duration_s": duration_s, "delete_comments": delete_comments}
        body |= {name: value for name, value in (("reason", reason), ("scope", scope)) if value is not None}
        await self._call("PUT", f"bans/{_part(username)}", body)

    async def unban(self, username: str) -> None:
        await self._call("DELETE", f"bans/{_part(username)}")

    async def approve(self, comment_id: Id) -> None:
        """Lets a comment that is held be seen."""
        await self._call("POST", f"held/{_part(comment_id)}/approve")

    async def reject(self, comment_id: Id) -> None:
        """Turns a comment that is held down."""
        await self._call("POST", f"held/{_part(comment_id)}/reject")

    async def pin(self, comment_id: Id) -> None:
        await self._call("PUT", "pin", {"comment_id": comment_id})

    async def unpin(self) -> None:
        await self._call("DELETE", "pin")

    async def announce(self, content: str) -> Announcement:
        return cast(Announcement, await self._call("POST", "announcements", {"content": content}))

    async def open_poll(self, question: str, options: list[str], duration_s: int) -> Poll:
        """2 to 6 options; one poll is open at a time."""
        body = {"question": question, "options": options, "duration_s": duration_s}
        return cast(Poll, await self._call("POST", "polls", body))

    async def close_poll(self, poll_id: Id) -> None:
        await self._call("POST", f"polls/{_part(poll_id)}/close")

    async def change_settings(self, **settings: Any) -> None:
        """`comments`, `slow_mode_s`, `min_account_age_s`, `repeat_window_s`, `links`, `hold_all`; what is left out stays."""
        await self._call("PATCH", "settings", settings)

    def _call(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        return self.house.call(method, f"/streams/{_part(self.stream)}/{path}", body)

    async def _ask(self, op: str, members: Mapping[str, Any], *, lasting: bool = False) -> dict[str, Any]:
        if self._failure is not None:
            raise self._failure
        if self._left or (self._socket is None and not lasting):
            raise Offline("not in the room")
        self._refs += 1
        ref = str(self._refs)
        ask = _Ask({"op": op, "ref": ref, **members}, asyncio.get_running_loop().create_future(), lasting)
        self._asks[ref] = ask
        try:
            if self._socket is not None:
                await self._send(self._socket, ask)
            return await ask.answer
        finally:
            self._asks.pop(ref, None)

    async def _send(self, socket: ClientConnection, ask: _Ask) -> None:
        try:
            await socket.send(json.dumps(ask.frame))
        except ConnectionClosed as error:
            if not ask.lasting:
                raise Offline(str(error)) from error

    # -- the connection

    async def _staying(self) -> NoReturn:
        """Comes back as often as it takes; raises why there is no way back."""
        attempt = refusals = 0
        loop = asyncio.get_running_loop()
        while True:
            began = loop.time()
            try:
                await self._visit(force=refusals > 0)
            except Closed as closed:
                if not closed.retry:
                    raise
                wait_s, why = closed.retry_after_s, str(closed)
            except Refused as refused:
                refusals += refused.status == 401
                is_renewed = refused.status == 401 and refusals == 1
                if not (is_renewed or _is_passing(refused)):
                    raise
                wait_s, why = refused.retry_after_s or 0.0, str(refused)
            except Offline as offline:
                wait_s, why = 0.0, str(offline)
            if loop.time() - began > STEADY_S:
                attempt = refusals = 0
            attempt += 1
            wait_s += _backoff(attempt)
            log.info("out of the room (%s), back in %.1f s", why, wait_s)
            await asyncio.sleep(wait_s)

    async def _visit(self, force: bool) -> NoReturn:
        """One connection, from its beginning to its end."""
        headers = {}
        token = await self.house.token(force=force)
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        self._behind = False
        protocols = [Subprotocol("livehouse.v1")]
        dial = connect(
            self._address(),
            additional_headers=headers,
            subprotocols=protocols,
            max_size=FRAME_BYTES,
            open_timeout=ANSWER_S,
        )
        try:
            async with dial as socket:
                await self._read(socket)
        except InvalidStatus as error:
            raise _refusal(error.response.status_code, bytes(error.response.body or b"")) from None
        except (OSError, WebSocketException) as error:
            raise Offline(str(error) or type(error).__name__) from error

    def _address(self) -> str:
        address = f"{self.house.url}/api/v1/streams/{_part(self.stream)}/ws".replace("http", "ws", 1)
        if self.seq is None or self.epoch is None:
            return address
        return f"{address}?{urllib.parse.urlencode({'since': self.seq, 'epoch': self.epoch})}"

    async def _read(self, socket: ClientConnection) -> NoReturn:
        bye = None
        try:
            async for text in socket:
                frame = _parse(text)
                if frame.get("type") == "bye":
                    bye = frame
                else:
                    await self._receive(socket, frame)
        except ConnectionClosed:
            pass  # its code says why
        finally:
            self._socket = None
            self._fail_asks(Offline("the connection was lost"), lasting=False)
        raise Closed.of(socket.close_code or 1006, socket.close_reason or "", bye)

    async def _receive(self, socket: ClientConnection, frame: dict[str, Any]) -> None:
        kind = frame.get("type")
        if isinstance(frame.get("seq"), int) and "ts" in frame:
            return self._event(frame)
        if kind == "welcome":
            self.you, self.limits = frame["you"], frame["limits"]
        elif kind in ("snapshot", "resumed"):
            await self._enter(socket, frame)
        elif kind == "token.expiring":
            await self._renew(socket)
        elif kind in ("ack", "error", "pong"):
            self._answer(frame)
        else:
            if kind == "you":
                self.you = cast(You, frame)
            self._answer(frame)
            self._tell(frame)

    async def _enter(self, socket: ClientConnection, frame: dict[str, Any]) -> None:
        if self._tell(frame):
            self.epoch = frame["epoch"]
            self.seq = frame["seq"] if frame["type"] == "snapshot" else self.seq
        self._socket = socket
        self._joined.set()
        for ask in [ask for ask in self._asks.values() if ask.lasting]:
            await self._send(socket, ask)

    def _event(self, frame: dict[str, Any]) -> None:
        """What is not beyond what was told has been told."""
        if (self.seq is None or frame["seq"] > self.seq) and self._tell(frame):
            self.seq = frame["seq"]

    def _tell(self, frame: dict[str, Any]) -> bool:
        self._behind = self._behind or len(self._waiting) >= FRAMES_WAITING
        if not self._behind:
            self._waiting.append(cast(Frame, frame))
            self._news.set()
        return not self._behind

    def _answer(self, frame: dict[str, Any]) -> None:
        ask = self._asks.get(frame.get("ref", ""))
        if ask is None or ask.answer.done():
            return
        if frame["type"] != "error":
            return ask.answer.set_result(frame)
        wait_ms = frame.get("retry_after_ms")
        ask.answer.set_exception(Refused(frame["code"], frame["message"], None if wait_ms is None else wait_ms / 1000))

    async def _renew(self, socket: ClientConnection) -> None:
        try:
            token = await self.house.token(force=True)
        except (Refused, Offline) as error:
            return log.warning("the token could not be renewed: %s", error)
        await socket.send(json.dumps({"op": "auth", "token": token}))

    def _stayed(self, stay: asyncio.Task[NoReturn]) -> None:
        if not stay.cancelled():
            self._failure = stay.exception() or Offline("left")
            self._give_up(self._failure)

    def _give_up(self, error: BaseException) -> None:
        self._fail_asks(error, lasting=True)
        self._joined.set()
        self._news.set()

    def _fail_asks(self, error: BaseException, *, lasting: bool) -> None:
        for ask in self._asks.values():
            if (lasting or not ask.lasting) and not ask.answer.done():
                ask.answer.set_exception(error)


def _parse(text: str | bytes) -> dict[str, Any]:
    try:
        frame = json.loads(text)
    except ValueError:
        return {}
    return frame if isinstance(frame, dict) else {}


def _is_passing(refused: Refused) -> bool:
    """Whether a room that was refused may be open later."""
    return refused.status >= 500 or refused.status == 429


def _backoff(attempt: int) -> float:
    """Jitter over all of it: a room that lost all its viewers at once must not get them back at once."""
    first, most = BACKOFF_S
    return first / 2 + random.random() * min(most, first * 2.0 ** min(attempt, 12))
