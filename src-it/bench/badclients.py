#!/usr/bin/env python3
"""Bad clients, thousands of them: badclients.py HOST PORT COUNT SECONDS [SLOW-SHARE [tls]]

Opens COUNT connections to HOST:PORT, each from a loopback address of its own (127.1.0.1 and on), reads the greeting of each and
says nothing more; a share of them (0.5) drips a command instead, an octet every five seconds. A process of its own meanwhile
is a good client: twenty times a second it connects, reads the greeting, says EHLO and QUIT, and takes the time of each step. With
tls all of them begin with a TLS handshake; nobody looks at the certificate.

Writes lines as "open 10000 of 10000 in 8.1 s" and at the end the good client's times in ms: median, 99 %, most. Ends with 1
when connections were lost or the good client had to wait for more than a second.
"""
import os
import selectors
import socket
import ssl
import sys
import time
from concurrent.futures import ThreadPoolExecutor

AT_ONCE = 200
GREETING_LIMIT = 30


def source(n):
    return f"127.{1 + n // 62500}.{n // 250 % 250}.{1 + n % 250}"


def begin(selector, host, port, n):
    s = socket.socket()
    s.setblocking(False)
    s.setsockopt(socket.IPPROTO_IP, 24, 1)  # IP_BIND_ADDRESS_NO_PORT: the port is chosen at the connect
    s.bind((source(n), 0))
    s.connect_ex((host, port))
    selector.register(s, selectors.EVENT_READ)
    return s


def open_all(host, port, count):
    """All greeted connections, and how many were lost on the way."""
    selector = selectors.DefaultSelector()
    greeted, waiting, begun, lost = [], {}, 0, 0
    deadline = time.monotonic() + GREETING_LIMIT + count / 200
    while (begun < count or waiting) and time.monotonic() < deadline:
        while begun < count and len(waiting) < AT_ONCE:
            waiting[begin(selector, host, port, begun)] = begun
            begun += 1
        for key, _ in selector.select(1):
            s = key.fileobj
            try:
                said = s.recv(1000)
            except OSError:
                said = b""
            selector.unregister(s)
            del waiting[s]
            if said.startswith(b"220"):
                greeted.append(s)
            else:
                lost += 1
                s.close()
    return greeted, lost + len(waiting)


def secure(host, port, local, context):
    """A connection under TLS."""
    s = socket.socket()
    s.settimeout(GREETING_LIMIT)
    s.setsockopt(socket.IPPROTO_IP, 24, 1)
    s.bind((local, 0))
    s.connect((host, port))
    return context.wrap_socket(s)


def open_all_secure(host, port, count, context):
    """As open_all, with a handshake each; nothing is resumed."""

    def one(n):
        try:
            s = secure(host, port, source(n), context)
            if s.recv(1000).startswith(b"220"):
                s.setblocking(False)
                return s
        except OSError:
            pass
        return None

    with ThreadPoolExecutor(8) as several:
        greeted = [s for s in several.map(one, range(count)) if s]
    return greeted, count - len(greeted)


def drip(connections, seconds):
    """An octet to each every five seconds; how many are still there at the end."""
    line = b"NOOP and a word that has no end, for who drips has time"
    end = time.monotonic() + seconds
    at = 0
    while time.monotonic() < end:
        for s in connections:
            try:
                s.send(line[at % len(line):][:1])
            except OSError:
                pass
        at += 1
        time.sleep(max(0, min(5, end - time.monotonic())))


def alive(connections):
    count = 0
    for s in connections:
        try:
            if s.recv(1) == b"":
                continue
        except (BlockingIOError, ssl.SSLWantReadError):
            pass
        except OSError:
            continue
        count += 1
    return count


def step(s, say, want):
    if say:
        s.sendall(say)
    heard = b""
    while b"\r\n" not in heard:
        more = s.recv(4000)
        if not more:
            raise OSError("closed")
        heard += more
    if not heard.startswith(want):
        raise OSError(heard.decode("ascii", "replace"))


def good_client(host, port, seconds, out, context):
    times, failures = [], 0
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        began = time.monotonic()
        try:
            with secure(host, port, "127.0.0.1", context) if context else socket.create_connection(
                (host, port), 10, ("127.0.0.1", 0)
            ) as s:
                for say, want in ((b"", b"220"), (b"EHLO good.example\r\n", b"250"), (b"QUIT\r\n", b"221")):
                    before = time.monotonic()
                    step(s, say, want)
                    times.append(1000 * (time.monotonic() - (began if not say else before)))
        except OSError as e:
            failures += 1
            print(f"good client: {e}", file=sys.stderr)
        time.sleep(0.05)
    times.sort()
    text = f"{times[len(times) // 2]:.2f} {times[len(times) * 99 // 100]:.2f} {times[-1]:.2f}" if times else "- - 99999"
    os.write(out, f"{len(times)} {text} {failures}".encode())


def main():
    host, port, count, seconds = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4])
    share = float(sys.argv[5]) if len(sys.argv) > 5 else 0.5
    context = None
    if "tls" in sys.argv[6:]:
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    began = time.monotonic()
    connections, lost = open_all_secure(host, port, count, context) if context else open_all(host, port, count)
    print(f"open {len(connections)} of {count} in {time.monotonic() - began:.1f} s", flush=True)
    read, write = os.pipe()
    if os.fork() == 0:
        os.close(read)
        good_client(host, port, seconds, write, context)
        os._exit(0)
    os.close(write)
    drip(connections[: int(len(connections) * share)], seconds)
    steps, median, most99, most, failures = os.read(read, 1000).decode().split()
    left = alive(connections)
    print(f"left {left} of {len(connections)}, {lost} never greeted")
    print(f"good client: {steps} replies, ms median {median}, 99 % {most99}, most {most}; {failures} failed", flush=True)
    sys.exit(0 if left == count and failures == "0" and float(most) < 1000 else 1)


main()
