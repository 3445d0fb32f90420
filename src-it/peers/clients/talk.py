"""A connection for a test to talk through: lines of standard input are sent, received lines are printed.

talk.py HOST PORT [tls]

Ends, after the line `(closed)`, when the server closes; after `(silence)` when it says nothing for 40 seconds.
"""

import socket
import ssl
import sys
import threading

host, port, *secure = sys.argv[1:]
connection = socket.create_connection((host, int(port)), timeout=40)
if secure:
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    connection = context.wrap_socket(connection)


def send():
    for line in sys.stdin.buffer:
        connection.sendall(line.rstrip(b"\n") + b"\r\n")


threading.Thread(target=send, daemon=True).start()
pending = b""
try:
    while True:
        octets = connection.recv(65536)
        if not octets:
            print("(closed)", flush=True)
            break
        *lines, pending = (pending + octets).split(b"\r\n")
        for line in lines:
            print(line.decode(errors="replace"), flush=True)
except TimeoutError:
    print("(silence)", flush=True)
