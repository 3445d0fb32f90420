"""Prints all messages of a mailbox, read by IMAP or POP3 under TLS with the standard library.

read.py imap|pop3 HOST CA USER PASSWORD

Ends with 1 and the error if the login fails.
"""

import imaplib
import poplib
import ssl
import sys

protocol, host, ca, user, password = sys.argv[1:]
context = ssl.create_default_context(cafile=ca)
try:
    if protocol == "imap":
        box = imaplib.IMAP4_SSL(host, 993, ssl_context=context, timeout=20)
        box.login(user, password)
        box.select("INBOX", readonly=True)
        for number in box.search(None, "ALL")[1][0].split():
            sys.stdout.buffer.write(box.fetch(number, "(BODY.PEEK[])")[1][0][1] + b"\r\n")
        box.logout()
    else:
        box = poplib.POP3_SSL(host, 995, timeout=20, context=context)
        box.user(user)
        box.pass_(password)
        for number in range(1, box.stat()[0] + 1):
            sys.stdout.buffer.write(b"\r\n".join(box.retr(number)[1]) + b"\r\n")
        box.quit()
except (imaplib.IMAP4.error, poplib.error_proto) as e:
    print(repr(e))
    sys.exit(1)
