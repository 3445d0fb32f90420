#!/usr/bin/env python3
"""Microseconds by stage of a message on its way in, over one connection, from the system calls of a running server.

    perf trace -T -p PID -o trace.txt -- sleep 5     while a load generator sends over one connection, many messages each
    stages.py trace.txt [SIZE]                       SIZE: octets of a message, 4096 if not given

read: the call that takes the message's octets; parse: from there to the waking of the committer (framing, header, session,
draft); hand-over: to the committer's write (wake-up, encoding, checksums); write and force: these calls; wake: from the end of
the force to the reply's call (publishing, waking the loop, session); reply: that call. The tracing itself adds a few microseconds
to each call. As root.
"""
import bisect, re, statistics, sys
size = int(sys.argv[2]) if len(sys.argv) > 2 else 4096
line = re.compile(r'\s*(\d+\.\d+) \(\s*(\d+\.\d+) ms\): (.+?)/(\d+) +(?:\.\.\. \[continued\]: )?(\w+)\((.*)\)\s+= (-?\d+)')
calls = []
for text in open(sys.argv[1], errors='replace'):
    found = line.match(text)
    if found:
        at, took, _, thread, name, args, result = found.groups()
        fd = re.match(r'fd: (\d+)', args)
        calls.append((float(at) * 1000, float(took) * 1000, thread, name, fd and fd[1], int(result), args))
calls.sort()
by = {}
for call in calls: by.setdefault(call[3], []).append(call)
def first(name, after, fits=lambda c: True):
    rows = by.get(name, [])
    for i in range(bisect.bisect_left(rows, (after,)), len(rows)):
        if fits(rows[i]): return rows[i]
    return None
rows = []
for at, took, thread, name, fd, result, _ in calls:
    if name != 'recvfrom' or result < size * 0.7: continue
    end = at + took
    wake = first('futex', end, lambda c: c[2] == thread and 'WAKE' in c[6])
    write = wake and first('pwrite64', wake[0])
    force = write and first('fdatasync', write[0] + write[1])
    reply = force and first('sendto', force[0] + force[1], lambda c: c[2] == thread and c[4] == fd)
    if not reply or reply[0] - at > 50_000 or wake[0] - end > 5_000: continue
    rows.append((took, wake[0] - end, write[0] - wake[0], write[1], force[1], reply[0] - force[0] - force[1], reply[1],
                 reply[0] + reply[1] - at))
if not rows: sys.exit('no message found')
print(f'{len(rows)} messages\n\n| | read | parse | hand-over | write | force | wake | reply | all |\n|---|---|---|---|---|---|---|---|---|')
for label, part in (('lowest tenth', 0.1), ('median', 0.5), ('p90', 0.9)):
    print(f'| {label}, us | ' + ' | '.join(f'{sorted(column)[int(part * (len(rows) - 1))]:.0f}' for column in zip(*rows)) + ' |')
