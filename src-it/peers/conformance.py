#!/usr/bin/env python3
"""Puts the reports of conformance.sh side by side: counts by RFC, then every dialog in which somebody does not do as asked."""
import os
import sys

NAMES = ("hikyaku", "postfix", "exim", "opensmtpd")


def read(work):
    reports = {}
    for name in NAMES:
        path = os.path.join(work, name + ".tsv")
        if os.path.exists(path):
            with open(path, encoding="utf-8") as file:
                rows = [line.rstrip("\n").split("\t") for line in file]
            reports[name] = {row[0]: row[1:] for row in rows}
    return reports


def counts(report, rfc, level):
    words = [row[3] for row in report.values() if row[0] == level and rfc in (None, row[1])]
    return f"{words.count('ok')}/{len(words) - words.count('n/a')}" if len(words) != words.count("n/a") else "-"


def main():
    reports = read(sys.argv[1])
    for name in reports:
        with open(os.path.join(sys.argv[1], name + ".version"), encoding="utf-8") as file:
            print(f"- {name}: {file.read().strip()}")
    print()
    print("| RFC | " + " | ".join(f"{name} MUST | SHOULD | MAY" for name in reports) + " |")
    print("|---|" + "---|" * 3 * len(reports))
    rfcs = sorted({row[1] for report in reports.values() for row in report.values()}, key=lambda rfc: (not rfc.isdigit(), rfc.zfill(5)))
    for rfc in [*rfcs, None]:
        cells = [counts(report, rfc, level) for report in reports.values() for level in ("MUST", "SHOULD", "MAY")]
        print(f"| {rfc or 'all'} | " + " | ".join(cells) + " |")
    print()
    print("| dialog | asks | " + " | ".join(reports) + " |")
    print("|---|---|" + "---|" * len(reports))
    for dialog in sorted({dialog for report in reports.values() for dialog in report}):
        rows = [report.get(dialog) for report in reports.values()]
        if any(row and row[3] in ("FAIL", "no") for row in rows):
            first = next(row for row in rows if row)
            words = [row[3] if row else "" for row in rows]
            print(f"| {dialog} | {first[0]} {first[1]} {first[2]} | " + " | ".join(words) + " |")


main()
