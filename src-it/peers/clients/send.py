"""Submits the message on standard input with Python's smtplib.

send.py HOST PORT starttls|tls|plain CA MECHANISM|none USER PASSWORD FROM TO...

The server's certificate is verified with CA. Prints the last reply; ends with 1 and the error if the message is not taken.
"""

import smtplib
import ssl
import sys

host, port, security, ca, mechanism, user, password, sender, *recipients = sys.argv[1:]
context = ssl.create_default_context(cafile=ca)
message = sys.stdin.buffer.read().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
try:
    if security == "tls":
        client = smtplib.SMTP_SSL(host, int(port), timeout=20, context=context)
    else:
        client = smtplib.SMTP(host, int(port), timeout=20)
        if security == "starttls":
            client.starttls(context=context)
    client.ehlo()
    if mechanism != "none":
        # smtplib chooses by itself among what is offered: offer it the one
        client.esmtp_features["auth"] = mechanism
        client.login(user, password)
    code, text = client.mail(sender)
    if code != 250:
        raise smtplib.SMTPSenderRefused(code, text, sender)
    for recipient in recipients:
        code, text = client.rcpt(recipient)
        if code != 250:
            raise smtplib.SMTPRecipientsRefused({recipient: (code, text)})
    code, text = client.data(message)
    print(code, text.decode())
    client.quit()
    sys.exit(0 if code == 250 else 1)
except smtplib.SMTPException as e:
    print(repr(e))
    sys.exit(1)
