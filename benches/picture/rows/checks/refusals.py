"""What WHIP and WHEP answer to what is wrong, and what becomes of an encoder that never completes its connection."""
import json

from common.table import Figure, say
from picture.clock import Moment
from picture.peers.publish import offer

SDP = "application/sdp"
STRANGE_KEY = "lh_" + "a" * 26
WAITING_S = 25


async def measure(house, token):
    other = await house.register("eve")
    stream = await house.live_stream(token, "Refusals")
    key, sdp = await house.key(token, stream), await offer()
    answers = await to_offers(house, stream, key, sdp) + await to_a_session(house, token, other, stream, key, sdp)
    wrong = [f"{what}: {got}, not {wanted}" for what, wanted, got in answers if got != wanted]
    say(f"{len(answers)} answers, of them wrong: {wrong or 'none'}")
    return [
        Figure(f"answers of {len(answers)} that are not as the interface says", [len(wrong)], "", "0"),
        Figure("an encoder that never comes is waited for", [await waited_s(house, stream, key, sdp)], "s", "<= 15 s"),
    ]


async def to_offers(house, stream, key, sdp):
    """Of each offer what it is, what should be answered, and what was."""
    answers = []
    for what, path, credential, body, kind, wanted in (
            ("no token", "/whip", None, sdp, SDP, (401, "unauthenticated")),
            ("wrong key", "/whip", STRANGE_KEY, sdp, SDP, (401, "unauthenticated")),
            ("garbage", "/whip", key, "garbage", SDP, (422, "invalid_field")),
            ("wrong type", "/whip", key, sdp, "text/plain", (415, "unsupported_media_type")),
            ("no picture", f"/streams/{stream}/whep", None, sdp, SDP, (409, "no_picture"))):
        status, code, _ = await post(house, path, credential, body, kind)
        answers.append((what, wanted, (status, code)))
    return answers


async def to_a_session(house, token, other, stream, key, sdp):
    """The same of one that is let in by the host's token, and of its end."""
    status, _, session = await post(house, f"/streams/{stream}/whip", token, sdp)
    answers = [("by token", 201, status)]
    status, code, _ = await post(house, "/whip", key, sdp)
    answers.append(("a second", (409, "conflict"), (status, code)))
    path = session.removeprefix("/api/v1")
    for what, method, credential, wanted in (
            ("ended by another", "DELETE", other, 404), ("ended by nobody", "DELETE", None, 404),
            ("changed", "PATCH", token, 405), ("ended", "DELETE", token, 200), ("ended again", "DELETE", token, 404)):
        status, _ = await house.request(method, path, {} if method == "PATCH" else None, credential)
        answers.append((what, wanted, status))
    return answers


async def waited_s(house, stream, key, sdp):
    """For how many seconds the stream says `waiting` of an encoder that has its answer and never comes."""
    await post(house, "/whip", key, sdp)
    began = Moment.now()
    _, ended = await house.until_playback(stream, lambda now: now["picture"]["state"] != "waiting", seconds=WAITING_S)
    return ended.ms_after(began) / 1000


async def post(house, path, credential, body, kind=SDP):
    """The status, the code of what is refused, and the place of what is not."""
    headers = {"content-type": kind, **({"authorization": f"Bearer {credential}"} if credential else {})}
    async with house.http.post(house.api + path, data=body, headers=headers) as answer:
        text = await answer.text()
        code = None if answer.status == 201 else json.loads(text).get("code")
        return answer.status, code, answer.headers.get("Location")
