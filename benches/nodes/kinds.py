"""The loads on several nodes, and what is measured under each; breaches of what the load tester checks are told."""
from common.crowd import crowd
from common.table import Figure, say
from nodes.house import house

VIEWERS_A_NODE, RATE = 1000, 100
HOT_VIEWERS, HOT_WRITERS, HOT_SECONDS = 6, 48, 10
FAR_VIEWERS, FAR_RATE = 20, 1000
NODES = (1, 2, 3)


def cpu(options):
    costs = {nodes: [] for nodes in NODES}
    for _ in range(options.runs):
        for nodes in NODES:
            with house(options, nodes) as servers:
                run = crowd(options.binary, servers, VIEWERS_A_NODE * nodes, RATE, options.seconds)
            costs[nodes].append(run["server"]["cpu_us_per_delivery"])
            tell(f"nodes: {nodes}", run)
    return [Figure(f"CPU a delivery, nodes: {nodes}", costs[nodes], "us", "within 5 % of one node") for nodes in NODES]


def hot(options):
    acknowledged = {(rate, writing): [] for rate in options.hot_rates for writing in (1, 2)}
    for _ in range(options.runs):
        for rate, writing in acknowledged:
            with house(options, 2) as servers:
                urls = [server.url for server in servers[:writing]]
                run = crowd(options.binary, servers, HOT_VIEWERS, rate, HOT_SECONDS, HOT_WRITERS, urls)
            acknowledged[rate, writing].append(run["acks_per_s"])
            tell(f"{rate}/s offered, writers on {writing} of 2 nodes", run)
    return [Figure(f"acks a second, {rate}/s offered to {writing} of 2 nodes", values, "/s",
                   "on two >= 90 % of one" if writing == 2 else "", more_is_better=True)
            for (rate, writing), values in acknowledged.items()]


def far(options):
    with_redis = [far_once(options, True) for _ in range(options.runs)]
    alone = [far_once(options, False) for _ in range(options.runs)]
    return [
        Figure("ack here to receipt there, p50, with Redis", [run["p50"] for run in with_redis], wanted="< 10 ms"),
        Figure("ack here to receipt there, p99, with Redis", [run["p99"] for run in with_redis]),
        Figure("ack here to receipt there, p50, PostgreSQL alone", [run["p50"] for run in alone]),
        Figure("ack here to receipt there, p99, PostgreSQL alone", [run["p99"] for run in alone], wanted="<= 300 ms"),
    ]


def far_once(options, with_redis):
    with house(options, 2, with_redis) as servers:
        run = crowd(options.binary, servers, FAR_VIEWERS, FAR_RATE, options.seconds)
    tell("with Redis" if with_redis else "PostgreSQL alone", run)
    return run["far_ms"]


def double(options):
    """Once for each load; the two values are those of the two nodes."""
    figures = []
    for viewers in (VIEWERS_A_NODE // 2, VIEWERS_A_NODE):
        with house(options, 2) as servers:
            before = [messages(server) for server in servers]
            tell(f"{viewers} viewers", crowd(options.binary, servers, viewers, RATE, options.seconds))
            after = [messages(server) for server in servers]
        for what in ("said", "heard"):
            grown = [late[what] - early[what] for early, late in zip(before, after)]
            name = f"messages {what} by each node, {viewers} viewers"
            figures.append(Figure(name, grown, "", "as many with twice the viewers"))
    return figures


def messages(server):
    counters = server.metrics("livehouse_bus_")
    total = lambda name: sum(value for key, value in counters.items() if key.split("{")[0] == name)
    return {"said": total("livehouse_bus_said_total"), "heard": total("livehouse_bus_heard_total")}


def tell(what, run):
    far = run["far_ms"]
    between = f", to another node p50 {far['p50']:.1f}, p99 {far['p99']:.1f} ms" if far else ""
    refused = ", ".join(f"{code} {times}" for code, times in dict(run["refused"]).items())
    cpu_us, cores, ack = run["server"]["cpu_us_per_delivery"], run["server"]["cores"], run["ack_ms"]
    say(f"{what}: {cpu_us:.2f} us a delivery, {cores:.2f} cores, {run['acks_per_s']:.0f} acks/s, "
        f"ack p50 {ack['p50']:.1f}, p99 {ack['p99']:.1f} ms{between}, "
        f"breaches {run['breaches']}, refused: {refused or 'none'}, unanswered {run['unanswered']}, "
        f"{run['fell_short'] or 'as asked'}")


KINDS = {"cpu": cpu, "hot": hot, "far": far, "double": double}
