"""The time that parliament takes to parse and lint a policy: `lint_peer.py FILE` prints the median in seconds.

What it takes to start Python and to load parliament's tables does not count, and neither does the first pass.
"""

import statistics
import sys
import time

import parliament

ROUNDS = 20


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        text = file.read()
    times = []
    for _ in range(ROUNDS + 1):
        begun = time.perf_counter()
        policy = parliament.analyze_policy_string(text)
        times.append(time.perf_counter() - begun)
    if not policy.is_valid:
        sys.exit("parliament refuses the policy")
    print(statistics.median(times[1:]))


main()
