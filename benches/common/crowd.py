"""`livehouse crowd`, the load tester: viewers and commenters of one room, and what they saw."""
import json
import subprocess

from common.server import environment


def crowd(binary, servers, viewers, rate, seconds, commenters=10, urls=None, more=()):
    """One run, as its JSON says it; sockets go to the servers in turn, or only to those of `urls`."""
    command = [binary, "crowd", "--viewers", viewers, "--commenters", commenters, "--rate", rate,
               "--for", f"{seconds}s", "--json", *more]
    for url in urls or [server.url for server in servers]:
        command += ["--url", url]
    for server in servers:
        command += ["--server-pid", server.pid]
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, stdin=subprocess.DEVNULL,
                          env=environment())
    # With 1, which says that an invariant broke, there are figures, too; they count the breaches.
    if not done.stdout:
        raise RuntimeError(f"the crowd ended with {done.returncode}: {done.stderr[-800:]}")
    return json.loads(done.stdout)
