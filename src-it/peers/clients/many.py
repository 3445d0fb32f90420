"""Sends many messages over one connection in clear, one after the other, none before the one before it is taken; each has its number.

many.py HOST PORT FROM TO SIZE COUNT [SIZE COUNT]...
"""

import smtplib
import sys

host, port, sender, recipient, *amounts = sys.argv[1:]
client = smtplib.SMTP(host, int(port), timeout=30)
number = 0
for size, count in zip(amounts[::2], amounts[1::2]):
    text = ("x" * 70 + "\r\n") * (int(size) // 72)
    for _ in range(int(count)):
        number += 1
        client.sendmail(sender, [recipient], f"Subject: one of many\r\nX-Number: {number}\r\n\r\n{text}")
client.quit()
