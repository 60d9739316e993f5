"""The Python client in rooms of a real server."""

from __future__ import annotations

import asyncio
import re
import sys
from pathlib import Path
from typing import Any, get_args, get_type_hints
from unittest.mock import patch

import livehouse
from house import PASSWORD, PATIENCE_S, Heard, HouseTest
from livehouse import Closed, House, Offline, Refused, Replaced, Room, SessionEnded, StreamGone, You

README = Path(__file__).parents[3] / "clients/python/README.md"


def me(room: Room) -> You:
    assert room.you is not None
    return room.you


def says(content: str) -> Any:
    return lambda event: event["comment"]["content"] == content


class Rooms(HouseTest):
    async def test_what_one_says_is_seen_by_all(self) -> None:
        guest = House(self.server.url)
        self.assertEqual([stream["id"] async for stream in guest.streams(status="live")], [self.stream])
        async with self.heard(self.host) as mine, self.heard(guest) as theirs:
            self.assertEqual(me(mine.room)["role"], "host")
            self.assertEqual(me(theirs.room)["role"], "guest")
            answer = await mine.room.comment("hello", style={"mode": "top"})
            assert answer["type"] == "ack"
            for heard in (mine, theirs):
                event = await heard.told("comment.created", says("hello"))
                self.assertEqual((event["seq"], event["comment"]["id"]), (answer["seq"], answer["id"]))
            self.assertEqual(
                [event["seq"] async for event in guest.events(self.stream)], list(range(1, answer["seq"] + 1))
            )
            await mine.room.delete(answer["id"])
            self.assertEqual((await theirs.told("comment.deleted"))["comment_id"], answer["id"])
            with self.assertRaises(Refused) as refused:
                await theirs.room.comment("me too")
            self.assertEqual(refused.exception.code, "unauthenticated")

    async def test_lists_are_read_to_their_end(self) -> None:
        for number in range(60):
            await self.host.call("POST", "/streams", {"title": f"Night {number}"})
        titles = [stream["title"] async for stream in House(self.server.url).streams()]
        self.assertEqual(len(set(titles)), 61)

    async def test_a_room_is_moderated(self) -> None:
        bo = await self.account("bo-2")
        async with self.heard(self.host) as mine, self.heard(bo) as theirs:
            await mine.room.change_settings(hold_all=True)
            await theirs.told("settings.updated", lambda event: event["settings"]["hold_all"])
            held = await theirs.room.comment("may I?")
            assert held["type"] == "held"
            await mine.told("queue", lambda queue: queue["held"] == 1)
            await mine.room.approve(held["comment_id"])
            await theirs.told("comment.created", says("may I?"))
            await mine.room.pin(held["comment_id"])
            await theirs.told("comment.pinned")

            poll = await mine.room.open_poll("Louder?", ["yes", "no"], 60)
            await theirs.told("poll.opened")
            await theirs.room.vote(poll["id"], 1)
            await theirs.room.react("clap", 3)
            await mine.told("pulse", lambda pulse: pulse.get("tally") == [0, 1] and pulse["reactions"].get("clap") == 3)
            await mine.room.close_poll(poll["id"])
            self.assertEqual((await theirs.told("poll.closed"))["poll"]["tally"], [0, 1])

            await mine.room.ban("bo-2", duration_s=600, reason="enough", delete_comments=True)
            banned = await theirs.told("viewer.banned")
            user = me(theirs.room)["user"]
            assert user is not None
            self.assertEqual(banned["user_id"], user["id"])
            await theirs.told("comments.purged")
            await theirs.told("you", lambda you: you["ban"] is not None)
            with self.assertRaises(Refused) as refused:
                await theirs.room.comment("but")
            self.assertEqual(refused.exception.code, "banned")
            await mine.room.unban("bo-2")
            await theirs.told("viewer.unbanned")


class Lost(HouseTest):
    async def test_after_a_power_cut_nothing_is_lost_and_nothing_comes_twice(self) -> None:
        async with self.heard(self.host) as mine, self.heard(House(self.server.url)) as theirs:
            for number in range(5):
                await mine.room.comment(f"before {number}")
            await theirs.told("comment.created", says("before 4"))
            await self.server.kill()
            during = asyncio.create_task(mine.room.comment("while it was away"))
            with self.assertRaises(Offline):
                await self.host.call("GET", "/users/me")
            await self.server.start()
            # Written before the rooms are back: they hear of it all the same.
            await self.host.call("POST", f"/streams/{self.stream}/comments", {"content": "missed"})
            async with asyncio.timeout(PATIENCE_S):
                answer = await during
            assert answer["type"] == "ack"
            await mine.room.comment("after")
            for heard in (mine, theirs):
                await heard.told("comment.created", says("after"))
                numbers = [event["seq"] for event in heard.events()]
                self.assertEqual(numbers, list(range(numbers[0], numbers[0] + len(numbers))))
                said = [event["comment"]["content"] for event in heard.events()]
                self.assertEqual(said[:5], [f"before {number}" for number in range(5)])
                self.assertEqual(sorted(said[5:]), ["after", "missed", "while it was away"])
                self.assertEqual(len([frame for frame in heard.frames if frame["type"] == "snapshot"]), 1)
                self.assertTrue(any(frame["type"] == "resumed" for frame in heard.frames))

    async def test_a_program_goes_on_where_it_stopped(self) -> None:
        async with self.heard(self.host) as mine:
            await mine.room.comment("one")
            await mine.told("comment.created", says("one"))
            since, epoch = mine.room.seq, mine.room.epoch
        await self.host.call("POST", f"/streams/{self.stream}/comments", {"content": "two"})
        async with Heard(self.host.room(self.stream, since=since, epoch=epoch)) as mine:
            await mine.told("comment.created", says("two"))
            self.assertEqual(mine.frames[0]["type"], "resumed")
            self.assertEqual(len(mine.events()), 1)

    async def test_what_a_slow_program_did_not_take_is_asked_for_again(self) -> None:
        with patch.object(livehouse, "FRAMES_WAITING", 10):
            async with self.host.room(self.stream) as room:
                for number in range(40):
                    await room.comment(str(number))  # answered, though nobody takes the events
                said: list[str] = []
                async with asyncio.timeout(PATIENCE_S):
                    async for frame in room:
                        if frame["type"] == "comment.created":
                            said.append(frame["comment"]["content"])
                        if len(said) == 40:
                            break
        self.assertEqual(said, [str(number) for number in range(40)])

    async def test_a_token_that_is_refused_is_renewed(self) -> None:
        assert self.host._session is not None
        self.host._session["access_token"] = "stale"
        async with self.heard(self.host) as mine:
            self.assertEqual(me(mine.room)["role"], "host")
        self.host._session["access_token"] = "stale"
        self.assertEqual((await self.host.call("GET", "/users/me"))["username"], "ana")


class Refusals(HouseTest):
    async def test_a_wrong_password_is_refused(self) -> None:
        with self.assertRaises(Refused) as refused:
            await House(self.server.url).log_in("ana", "not this one")
        self.assertEqual((refused.exception.code, refused.exception.status), ("invalid_credentials", 401))
        self.assertEqual((await House(self.server.url).log_in("ana", PASSWORD))["username"], "ana")

    async def test_a_key_may_what_its_scopes_say_and_ends_when_it_is_deleted(self) -> None:
        made = await self.host.call("POST", "/users/me/keys", {"name": "Ears", "scopes": ["read"]})
        key = House(self.server.url, key=made["key"])
        async with self.heard(key) as ears:
            with self.assertRaises(Refused) as refused:
                await ears.room.comment("hello")
            self.assertEqual(refused.exception.code, "forbidden")
            with self.assertRaises(Refused) as refused:
                await ears.room.ban("bo")
            self.assertEqual((refused.exception.code, refused.exception.status), ("forbidden", 403))
            await self.host.call("DELETE", f"/users/me/keys/{made['id']}")
            self.assertIsInstance(await ears.ended(), SessionEnded)
            with self.assertRaises(SessionEnded):
                await ears.room.comment("still here?")
        with self.assertRaises(Refused) as refused:
            async with self.heard(key):
                self.fail("there is no such key")
        self.assertEqual(refused.exception.status, 401)

    async def test_a_room_that_is_gone_is_told_as_gone(self) -> None:
        async with self.heard(self.host) as mine:
            await self.host.call("DELETE", f"/streams/{self.stream}")
            self.assertIsInstance(await mine.ended(), StreamGone)
        with self.assertRaises(Refused) as refused:
            async with self.heard(self.host):
                self.fail("there is no such stream")
        self.assertEqual(refused.exception.code, "not_found")

    async def test_a_close_says_whether_to_come_back(self) -> None:
        for code, kind, retry in [
            (1001, Closed, True),
            (1006, Closed, True),
            (1009, Closed, False),
            (1013, Closed, True),
            (4400, Closed, False),
            (4401, SessionEnded, False),
            (4404, StreamGone, False),
            (4408, Closed, True),
            (4409, Replaced, False),
            (4999, Closed, True),
        ]:
            closed = Closed.of(code, "why", None)
            self.assertEqual((type(closed), closed.retry), (kind, retry), code)
        said = Closed.of(4999, "", {"reason": "later", "retry": False, "retry_after_ms": 1500})
        self.assertEqual((said.retry, said.retry_after_s, said.reason), (False, 1.5, "later"))


class Documented(HouseTest):
    async def test_events_have_the_members_that_the_document_says(self) -> None:
        document = await self.host.call("GET", "/openapi.json")
        schemas = document["components"]["schemas"]
        variants = schemas["LogEvent"]["discriminator"]["mapping"]
        known = set()
        for event in get_args(livehouse.LogEvent):
            for kind in get_args(get_type_hints(event)["type"]):
                known.add(kind)
                schema = schemas[variants[kind].rsplit("/", 1)[-1]]
                self.assertEqual(set(get_type_hints(event)), set(schema["properties"]), kind)
                # What may be null counts as one that may be absent in the document, though it always comes.
                self.assertGreaterEqual(event.__required_keys__, set(schema["required"]), kind)
        self.assertEqual(known, set(variants))
        frames = schemas["ServerFrame"]["discriminator"]["mapping"]
        for frame in set(get_args(livehouse.Frame)) - set(get_args(livehouse.LogEvent)):
            (kind,) = get_args(get_type_hints(frame)["type"])
            schema = schemas[frames[kind].rsplit("/", 1)[-1]]
            self.assertLessEqual(set(get_type_hints(frame)), set(schema["properties"]), kind)
        self.assertEqual(set(get_type_hints(livehouse.Comment)), set(schemas["CommentView"]["properties"]))

    async def test_the_bot_of_the_readme_answers(self) -> None:
        found = re.search(r"```python\n(.*?)```", README.read_text(), re.DOTALL)
        assert found is not None
        owner = await self.account("jukebox")
        wanted = {"name": "Jukebox", "scopes": ["read", "comment"], "bot": True}
        made = await owner.call("POST", "/users/me/keys", wanted)
        bot = await asyncio.create_subprocess_exec(
            sys.executable, "-c", found[1], self.server.url, self.stream, made["key"]
        )
        try:
            async with self.heard(self.host) as mine:
                await mine.told("pulse", lambda pulse: pulse["viewers"] == 2)
                asked = await mine.room.comment("!song")
                assert asked["type"] == "ack"
                answer = await mine.told("comment.created", lambda event: event["comment"]["reply_to"] == asked["id"])
                self.assertTrue(answer["comment"]["user"]["bot"])
        finally:
            bot.kill()
            await bot.wait()
