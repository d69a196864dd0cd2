"""Reads a SARIF file with sarif-tools, and prints one line of JSON with what it understood."""

import json
import sys

from sarif import loader


def main():
    log = loader.load_sarif_file(sys.argv[1])
    [tool] = log.get_distinct_tool_names()
    records = []
    for result, record in zip(log.get_results(), log.get_records()):
        records.append({
            "rule": result["ruleId"],
            "level": record["Severity"],
            "message": record["Description"],
            "file": record["Location"],
            "line": record["Line"],
        })
    print(json.dumps({"tool": tool, "records": records}))


main()
