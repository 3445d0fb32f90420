package org.hikyaku.town;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads what a notice of ours tells. */
final class BounceReader {
    private static final Pattern BLOCK =
            Pattern.compile("(?:^|\r\n\r\n)((?:[A-Za-z-]+:[^\r]*(?:\r\n[ \t][^\r]*)*\r\n?)+)");
    private static final Pattern ORIGINAL = Pattern.compile("(?im)^Original-Recipient: [^;]+; *(\\S+)\r?$");
    private static final Pattern ENVELOPE_ID = Pattern.compile("(?im)^Original-Envelope-Id: *(\\S+)\r?$");
    private static final Pattern ACTION = Pattern.compile("(?im)^Action: *(\\S+)\r?$");
    private static final Pattern STATUS = Pattern.compile("(?im)^Status: *(\\S+)\r?$");
    private static final Pattern FINAL = Pattern.compile("(?im)^Final-Recipient: [^;]+; *(\\S+)\r?$");

    private BounceReader() {}

    /**
     * What is told of a recipient.
     *
     * @param recipient as the sender wrote him
     * @param action {@code failed}, {@code delayed}, {@code delivered}, {@code relayed}, {@code expanded}
     * @param status {@code 5.1.1}
     */
    record Told(String recipient, String action, String status) {}

    static List<String> recipients(String text) {
        return told(text).stream().map(Told::recipient).toList();
    }

    /** Empty when there is none. */
    static String envelopeId(String text) {
        return group(ENVELOPE_ID, text);
    }

    static List<Told> told(String text) {
        List<Told> out = new ArrayList<>();
        int first = text.indexOf("Final-Recipient:");
        if (first < 0) {
            return out;
        }
        Matcher blocks = BLOCK.matcher(text).useAnchoringBounds(false);
        int from = Math.max(0, text.lastIndexOf("\r\n\r\n", first));
        while (find(blocks, text, from)) {
            String block = blocks.group(1);
            String last = group(FINAL, block);
            String action = group(ACTION, block);
            if (!last.isEmpty() && !action.isEmpty()) {
                String original = group(ORIGINAL, block);
                out.add(new Told(original.isEmpty() ? last : original, action, group(STATUS, block)));
            }
            from = Math.max(blocks.end() - 2, from + 1);
        }
        return out;
    }

    private static String group(Pattern pattern, String text) {
        Matcher matcher = pattern.matcher(text);
        return matcher.find() ? matcher.group(1) : "";
    }

    /** As {@link Matcher#find(int)}, but looks only where a block can begin. */
    private static boolean find(Matcher blocks, String text, int from) {
        int at = from == 0 ? 0 : text.indexOf("\r\n\r\n", from);
        while (at >= 0 && !blocks.region(at, text.length()).lookingAt()) {
            at = text.indexOf("\r\n\r\n", at + 1);
        }
        return at >= 0;
    }
}
