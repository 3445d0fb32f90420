package org.hikyaku.mail;

/**
 * What became of one recipient at one attempt, in the words of a bounce (RFC 3464 2.3) and of the log.
 *
 * @param status enhanced status code, {@code 5.1.1} (RFC 3463)
 * @param text one line for people
 * @param remote the host that said so, empty when it was us
 * @param reply its reply as it came, on one line, empty when there was none
 */
public record Diagnosis(String status, String text, String remote, String reply) {
    public static Diagnosis ours(String status, String text) {
        return new Diagnosis(status, text, "", "");
    }
}
