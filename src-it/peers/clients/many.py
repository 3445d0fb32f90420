"""Sends many messages over one connection in clear, one after the other, none before the one before it is taken.

many.py HOST PORT FROM TO SIZE COUNT [SIZE COUNT]...
"""

import smtplib
import sys

host, port, sender, recipient, *amounts = sys.argv[1:]
client = smtplib.SMTP(host, int(port), timeout=30)
for size, count in zip(amounts[::2], amounts[1::2]):
    text = "Subject: one of many\r\n\r\n" + ("x" * 70 + "\r\n") * (int(size) // 72)
    for _ in range(int(count)):
        client.sendmail(sender, [recipient], text)
client.quit()
