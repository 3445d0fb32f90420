package org.hikyaku.config;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Walks a HOCON text to see what its parser hides: keys given twice (the parser takes the last without a word) and the
 * includes with their lines (the parser passes over a missing file).
 *
 * <p><i>Failure:</i> a text that is no HOCON ends the walk without a word; the parser says what is wrong.
 */
final class HoconScanner {
    /** {@code file} is empty for an include of a kind that we do not take. */
    record Include(int line, String file, int start, int end) {}

    record Duplicate(int line, String key, int firstLine) {}

    private record Seen(int line, boolean object) {}

    private static final int DEPTH_MAX = 50;
    private static final int END = -1;

    private final String text;
    private final Map<String, Seen> seen = new LinkedHashMap<>();
    private final List<Include> includes = new ArrayList<>();
    private final List<Duplicate> duplicates = new ArrayList<>();
    private int at;
    private int line = 1;
    private int depth;
    private boolean broken;

    private HoconScanner(String text) {
        this.text = text;
    }

    static HoconScanner scan(String text) {
        HoconScanner scanner = new HoconScanner(text);
        scanner.skip(true);
        if (scanner.peek() == '{') {
            scanner.next();
        }
        scanner.fields("");
        return scanner;
    }

    List<Include> includes() {
        return includes;
    }

    List<Duplicate> duplicates() {
        return duplicates;
    }

    /** Fields up to the closing brace or the end of the text. */
    private void fields(String prefix) {
        if (++depth > DEPTH_MAX) {
            broken = true;
        }
        while (!broken) {
            skip(true);
            int c = peek();
            if (c == END || c == '}') {
                next();
                break;
            }
            if (text.startsWith("include", at) && isIncludeNext(at + 7)) {
                include();
            } else {
                field(prefix);
            }
        }
        depth--;
    }

    private void field(String prefix) {
        int keyLine = line;
        String key = prefix + key();
        skip(false);
        int c = peek();
        if (c == '{') {
            note(key, keyLine, true);
            value(key);
            return;
        }
        boolean append = c == '+';
        if (append) {
            next();
            c = peek();
        }
        if (c != '=' && c != ':') {
            broken = true;
            return;
        }
        next();
        skip(true);
        boolean object = peek() == '{';
        if (object) {
            note(key, keyLine, true);
        }
        int before = at;
        value(key);
        // `${?NAME}` after a default is how HOCON lets the environment decide
        boolean override = text.substring(before, at).strip().matches("\\$\\{\\?[^}]*\\}");
        if (!object && !append && !override) {
            note(key, keyLine, false);
        }
    }

    private void note(String key, int keyLine, boolean object) {
        Seen first = seen.get(key);
        if (first == null) {
            seen.put(key, new Seen(keyLine, object));
        } else if (!(first.object() && object)) {
            duplicates.add(new Duplicate(keyLine, key, first.line()));
        }
    }

    /** A key up to '=', ':', '+=' or '{', its quotes removed. */
    private String key() {
        StringBuilder key = new StringBuilder();
        while (!broken) {
            int c = peek();
            if (c == '"') {
                key.append(quoted());
            } else if (c == '=' || c == ':' || c == '{' || (c == '+' && peek(1) == '=')) {
                break;
            } else if (c == END || c == '\n' || c == '}' || c == ',' || c == '#') {
                broken = true;
            } else {
                key.append((char) c);
                next();
            }
        }
        return key.toString().strip();
    }

    /** A value: pieces up to the end of the line, a comma, or a closing bracket. */
    private void value(String key) {
        while (!broken) {
            skip(false);
            int c = peek();
            if (c == END || c == '\n' || c == ',' || c == '}' || c == ']') {
                return;
            }
            if (c == '{') {
                next();
                fields(key + ".");
            } else if (c == '[') {
                next();
                list(key);
            } else if (c == '"') {
                quoted();
            } else if (c == '$' && peek(1) == '{') {
                substitution();
            } else {
                next();
            }
        }
    }

    private void list(String key) {
        if (++depth > DEPTH_MAX) {
            broken = true;
        }
        for (int i = 0; !broken; i++) {
            skip(true);
            int c = peek();
            if (c == END || c == ']') {
                next();
                break;
            }
            int before = at;
            value(key + "[" + i + "]");
            if (at == before) {
                broken = true;
            }
        }
        depth--;
    }

    private void substitution() {
        while (peek() != '}' && peek() != END && peek() != '\n') {
            next();
        }
        if (peek() == '}') {
            next();
        } else {
            broken = true;
        }
    }

    private String quoted() {
        if (text.startsWith("\"\"\"", at)) {
            int end = text.indexOf("\"\"\"", at + 3);
            if (end < 0) {
                broken = true;
                return "";
            }
            String inner = text.substring(at + 3, end);
            while (at < end + 3) {
                next();
            }
            return inner;
        }
        next();
        StringBuilder out = new StringBuilder();
        while (peek() != '"') {
            if (peek() == END || peek() == '\n') {
                broken = true;
                return "";
            }
            if (peek() == '\\') {
                next();
            }
            out.append((char) peek());
            next();
        }
        next();
        return out.toString();
    }

    private boolean isIncludeNext(int from) {
        int i = from;
        while (i < text.length() && (text.charAt(i) == ' ' || text.charAt(i) == '\t')) {
            i++;
        }
        return i > from
                && i < text.length()
                && (text.charAt(i) == '"' || Character.isLetter(text.charAt(i)))
                && text.substring(i).matches("(?s)(\"|required\\(|file\\(|url\\(|classpath\\().*");
    }

    private void include() {
        int start = at;
        int startLine = line;
        String kind = "";
        while (!broken && peek() != '"') {
            if (peek() == END || peek() == '\n') {
                broken = true;
                return;
            }
            kind += (char) next();
        }
        String file = quoted();
        while (peek() == ')' || peek() == ' ') {
            next();
        }
        boolean foreign = kind.contains("url(") || kind.contains("classpath(");
        includes.add(new Include(startLine, foreign ? "" : file, start, at));
    }

    /** Passes white space and comments, line ends and commas only if {@code lines}. */
    private void skip(boolean lines) {
        while (at < text.length()) {
            int c = peek();
            if (c == '#' || (c == '/' && peek(1) == '/')) {
                while (peek() != '\n' && peek() != END) {
                    next();
                }
            } else if (c == ' ' || c == '\t' || c == '\r' || c == '\ufeff' || (lines && (c == '\n' || c == ','))) {
                next();
            } else {
                return;
            }
        }
    }

    private int peek() {
        return peek(0);
    }

    private int peek(int ahead) {
        return at + ahead < text.length() ? text.charAt(at + ahead) : END;
    }

    private int next() {
        int c = peek();
        if (c == '\n') {
            line++;
        }
        if (c != END) {
            at++;
        }
        return c;
    }
}
