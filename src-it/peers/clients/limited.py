"""A server that has limits (RFC 9422), takes all mail within them and keeps none.

limited.py HOST PORT RCPTMAX=n|MAILMAX=n|RCPTDOMAINMAX=n...

Prints for each MAIL the number of its connection, then its recipients as they come, and REFUSED where a limit was not kept: `1 MAIL`, `1 RCPT u@x.test`,
`1 REFUSED ...`.
"""

import re
import socketserver
import sys

host, port, *words = sys.argv[1:]
limits = {name: int(value) for name, value in (word.split("=") for word in words)}
connections = 0


class Session(socketserver.StreamRequestHandler):
    def say(self, text):
        self.wfile.write(text.encode() + b"\r\n")

    def told(self, *what):
        print(self.number, *what, flush=True)

    def handle(self):
        global connections
        connections += 1
        self.number = connections
        mails, recipients = 0, []
        self.say("220 limited.test")
        for line in self.rfile:
            verb = line.decode().strip()
            word = verb[:4].upper()
            if word == "EHLO":
                self.say("250-limited.test\r\n250-PIPELINING\r\n250 LIMITS " + " ".join(words))
            elif word == "MAIL":
                mails, recipients = mails + 1, []
                over = mails > limits.get("MAILMAX", mails)
                self.told("REFUSED" if over else "MAIL")
                self.say("421 4.7.0 too many" if over else "250 2.1.0 well")
            elif word == "RCPT":
                address = re.search("<(.*?)>", verb)[1]
                domains = {each.split("@")[1] for each in [*recipients, address]}
                over = len(recipients) >= limits.get("RCPTMAX", 1000) or len(domains) > limits.get("RCPTDOMAINMAX", 1000)
                if not over:
                    recipients.append(address)
                self.told("REFUSED" if over else "RCPT", address)
                self.say("452 4.5.3 too many" if over else "250 2.1.5 well")
            elif word == "DATA":
                self.say("354 go on")
                for part in self.rfile:
                    if part == b".\r\n":
                        break
                self.say("250 2.0.0 taken")
            elif word == "QUIT":
                self.say("221 2.0.0 bye")
                return
            else:
                self.say("250 2.0.0 well")


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


with Server((host, int(port)), Session) as server:
    print("ready", flush=True)
    server.serve_forever()
