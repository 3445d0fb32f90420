package org.hikyaku.config;

/**
 * One mistake in the configuration, as the operator reads it: {@code file:line: key: message}.
 *
 * @param file the file, or the environment variable, it stands in
 * @param line 0 when there is none
 * @param key the full key, or empty when the file as a whole is meant
 */
public record Problem(String file, int line, String key, String message) {
    @Override
    public String toString() {
        return file + ":" + (line > 0 ? line + ":" : "") + " " + (key.isEmpty() ? "" : key + ": ") + message;
    }
}
