"""Knows the interface by its generated types alone: lists streams, logs in, comments, pages through events."""

import os
from typing import TypeVar

from livehouse_api import AuthenticatedClient, Client
from livehouse_api.api.accounts import register
from livehouse_api.api.comments import create_comment, list_events
from livehouse_api.api.sessions import log_in
from livehouse_api.api.streams import create_stream, list_streams, start_stream
from livehouse_api.models import CommentBody, CommentCreatedEvent, Credentials, Entered, Events, ListStreamView
from livehouse_api.models import NewAccount, NewStreamBody, Status, StreamView

T = TypeVar("T")


def had(kind: type[T], answer: object) -> T:
    """What was wanted; anything else, such as a problem, ends the program."""
    assert isinstance(answer, kind), answer
    return answer


server = os.environ["LIVEHOUSE_TEST_SERVER"]
name, password = f"py{os.getpid()}", "a long pass phrase"
guest = Client(base_url=server)
had(Entered, register.sync(client=guest, body=NewAccount(username=name, password=password)))
entered = had(Entered, log_in.sync(client=guest, body=Credentials(username=name, password=password)))
host = AuthenticatedClient(base_url=server, token=entered.session.access_token)

stream = had(StreamView, create_stream.sync(client=host, body=NewStreamBody(title="Typed")))
had(StreamView, start_stream.sync(stream.id, client=host))
listed = had(ListStreamView, list_streams.sync(client=host, status=Status.LIVE))
assert stream.id in [one.id for one in listed.items]
for content in ["one", "two", "three"]:
    create_comment.sync(stream.id, client=host, body=CommentBody(content=content))

said: list[str] = []
after = 0
while page := had(Events, list_events.sync(stream.id, client=host, after=after, limit=2)).items:
    said += [event.comment.content for event in page if isinstance(event, CommentCreatedEvent)]
    after = page[-1].seq
assert said == ["one", "two", "three"], said
print("ok")
