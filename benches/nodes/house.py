"""A house of several nodes: a schema of its own in PostgreSQL, a Redis where it is wanted, and the nodes."""
import secrets
import subprocess
import tempfile
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path

from common.process import free_port, program, running
from common.server import START_S, serve

SECRET_KEY = "k" * 40


@contextmanager
def house(options, nodes, with_redis=True):
    """Its servers, once each of them knows of all others."""
    with ExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="livehouse-nodes-")))
        variables = {"LIVEHOUSE_SECRET_KEY": SECRET_KEY}
        variables["LIVEHOUSE_DATABASE_URL"] = stack.enter_context(schema(options.postgres))
        if with_redis:
            variables["LIVEHOUSE_REDIS_URL"] = stack.enter_context(redis(directory))
        servers = []
        for number in range(nodes):
            own = directory / str(number)
            own.mkdir()
            servers.append(stack.enter_context(serve(options.binary, own, variables=variables)))
        wait_until_met(servers, "sure" if with_redis else "none")
        yield servers


@contextmanager
def schema(postgres):
    """The address of a schema that is gone with the block."""
    name = f"livehouse_bench_{secrets.token_hex(4)}"
    psql(postgres, f"create schema {name}")
    try:
        yield f"{postgres}{'&' if '?' in postgres else '?'}options=-csearch_path%3D{name}"
    finally:
        psql(postgres, f"drop schema {name} cascade")


def psql(postgres, statement):
    # Dropping tells of every table that goes, on standard error; only what fails is worth reading.
    done = subprocess.run([program("psql"), "--quiet", "--no-psqlrc", "--command", statement, postgres],
                          capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"psql: {done.stderr.strip()}")


@contextmanager
def redis(directory):
    port = free_port()
    command = [program("redis-server"), "--port", port, "--bind", "127.0.0.1", "--save", "", "--dir", directory]
    with running(command, stdout=subprocess.DEVNULL):
        yield f"redis://127.0.0.1:{port}"


def wait_until_met(servers, bus):
    """Until each says that it sees as many nodes as there are, and how it hears of them."""
    until = time.monotonic() + START_S
    met = {"nodes": len(servers), "bus": bus}
    while any(met.items() - (server.health() or {}).items() for server in servers):
        if time.monotonic() > until:
            raise RuntimeError(f"the nodes have not met: {[server.health() for server in servers]}")
        time.sleep(0.1)
