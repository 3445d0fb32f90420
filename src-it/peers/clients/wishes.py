"""Submits the message on standard input with parameters of extensions, by Python's smtplib.

wishes.py HOST PORT CA USER PASSWORD FROM [PARAMETER...] -- TO [PARAMETER...] [-- TO [PARAMETER...]]...

TLS begins with the first octet, and a login; with - for CA neither. Each group is an address and the words behind it. With BODY=BINARYMIME
the octets behind the header go as they are, by BDAT. Prints the last reply; ends with 1 and the error if the message is not taken.
"""

import smtplib
import ssl
import sys

host, port, ca, user, password, *words = sys.argv[1:]
groups = [[]]
for word in words:
    if word == "--":
        groups.append([])
    else:
        groups[-1].append(word)
(sender, *wishes), *recipients = groups
binary = "BODY=BINARYMIME" in wishes
message = sys.stdin.buffer.read()
header, body = message.split(b"\n\n", 1)
lines = header + b"\n\n" if binary else message
message = lines.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n") + (body if binary else b"")
try:
    if ca == "-":
        client = smtplib.SMTP(host, int(port), timeout=20)
        client.ehlo()
    else:
        client = smtplib.SMTP_SSL(host, int(port), timeout=20, context=ssl.create_default_context(cafile=ca))
        client.ehlo()
        client.login(user, password)
    code, text = client.mail(sender, wishes)
    if code != 250:
        raise smtplib.SMTPSenderRefused(code, text, sender)
    for recipient, *of_recipient in recipients:
        code, text = client.rcpt(recipient, of_recipient)
        if code != 250:
            raise smtplib.SMTPRecipientsRefused({recipient: (code, text)})
    if binary:
        client.send(b"BDAT %d LAST\r\n" % len(message) + message)
        code, text = client.getreply()
    else:
        code, text = client.data(message)
    print(code, text.decode())
    client.quit()
    sys.exit(0 if code == 250 else 1)
except smtplib.SMTPException as e:
    print(repr(e))
    sys.exit(1)
