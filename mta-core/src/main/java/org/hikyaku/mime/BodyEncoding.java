package org.hikyaku.mime;

/** How the body of one entity is sent where less passes than it might hold. */
enum BodyEncoding {
    /** Octet for octet. */
    AS_IS,
    /** The octets stay, or parts in them are encoded: the label 8bit or binary becomes 7bit (RFC 2045 6.4). */
    LABEL_7BIT,
    /** The same with binary and 8bit. */
    LABEL_8BIT,
    QUOTED_PRINTABLE,
    BASE64;

    String label() {
        return switch (this) {
            case QUOTED_PRINTABLE -> "quoted-printable";
            case BASE64 -> "base64";
            case AS_IS, LABEL_7BIT -> "7bit";
            case LABEL_8BIT -> "8bit";
        };
    }
}
