package org.hikyaku.mime;

/** How the body of one entity is sent where only 7 bit passes. */
enum BodyEncoding {
    /** Octet for octet. */
    AS_IS,
    /** The body holds parts that may be encoded: the label 8bit or binary becomes 7bit (RFC 2045 6.4). */
    LABEL_7BIT,
    QUOTED_PRINTABLE,
    BASE64;

    String label() {
        return switch (this) {
            case QUOTED_PRINTABLE -> "quoted-printable";
            case BASE64 -> "base64";
            case AS_IS, LABEL_7BIT -> "7bit";
        };
    }
}
