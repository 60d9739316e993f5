"""Counts what Autobahn's report says; names every case that is not plainly OK."""
import collections
import json
import sys

cases = json.load(open(sys.argv[1]))["livehouse"]
behaviour = collections.Counter(case["behavior"] for case in cases.values())
closing = collections.Counter(case["behaviorClose"] for case in cases.values())
for number, case in sorted(cases.items(), key=lambda item: [int(part) for part in item[0].split(".")]):
    verdicts = (case["behavior"], case["behaviorClose"])
    if verdicts != ("OK", "OK"):
        print("%s: %s, close %s (remote close code %s)" % ((number,) + verdicts + (case["remoteCloseCode"],)))
print("%d cases: %s; closes: %s" % (len(cases), dict(behaviour), dict(closing)))
passing = {"OK", "NON-STRICT", "INFORMATIONAL"}
sys.exit(0 if cases and passing.issuperset(list(behaviour) + list(closing)) else 1)
