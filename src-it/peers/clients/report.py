"""Prints what Python's email package finds in the delivery report on standard input, one `name: value` a line.

    type: multipart/report          report-type: delivery-status
    status: 5.1.1                   and recipient, action, diagnostic, remote, of each recipient
    text: ...                       the part for people, on one line
    returned: text/rfc822-headers   the type of the last part
    defects: 0                      what is wrong with the whole, its parts included
"""

import email
import email.policy
import sys

message = email.message_from_bytes(sys.stdin.buffer.read(), policy=email.policy.default)
print("type:", message.get_content_type())
print("report-type:", message.get_param("report-type"))
print("from:", message["From"])
print("to:", message["To"])
print("auto-submitted:", message["Auto-Submitted"])
human, status, original = message.iter_parts()
print("text:", " ".join(human.get_content().split()))
print("status-type:", status.get_content_type())
of_message, *of_recipients = status.get_payload()
print("reporting:", of_message["Reporting-MTA"])
for one in of_recipients:
    print("recipient:", one["Final-Recipient"])
    print("action:", one["Action"])
    print("status:", one["Status"])
    print("diagnostic:", " ".join(str(one["Diagnostic-Code"]).split()))
    print("remote:", one["Remote-MTA"])
print("returned:", original.get_content_type())
print("defects:", sum(len(part.defects) for part in message.walk()))
