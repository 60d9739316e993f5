"""Rooms that are live, and sockets in them."""
import json
import socket
import urllib.request
from urllib.parse import urlsplit

# How many open streams an account may have, at most 200.
OF_A_HOST = 100
HANDSHAKE = ("GET /api/v1/streams/{room}/ws HTTP/1.1\r\nHost: {host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
             "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n{more}\r\n")


def live_rooms(url, count):
    """Streams on air, each with a token of its host."""
    rooms = []
    while len(rooms) < count:
        rooms += of_host(url, len(rooms), min(OF_A_HOST, count - len(rooms)))
    return rooms


def of_host(url, number, count):
    account = call(url, "/users", {"username": f"host{number}", "password": "correct horse battery staple"})
    token = account["session"]["access_token"]
    streams = [call(url, "/streams", {"title": "Measured"}, token)["id"] for _ in range(count)]
    for stream in streams:
        call(url, f"/streams/{stream}/start", {}, token)
    return [(stream, token) for stream in streams]


def call(url, path, body, token=None):
    headers = {"content-type": "application/json", **({"authorization": f"Bearer {token}"} if token else {})}
    request = urllib.request.Request(f"{url}/api/v1{path}", json.dumps(body).encode(), headers)
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)


def open_socket(url, room, more=""):
    """One that has asked to be let into a room; `more` is what it says of itself, a line each."""
    address = urlsplit(url)
    opened = socket.create_connection((address.hostname, address.port))
    opened.sendall(HANDSHAKE.format(room=room, host=address.netloc, more=more).encode())
    return opened
