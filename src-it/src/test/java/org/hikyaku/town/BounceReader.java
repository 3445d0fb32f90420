package org.hikyaku.town;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads whom a bounce of ours is about. */
final class BounceReader {
    private static final Pattern BLOCK =
            Pattern.compile("(?:^|\r\n\r\n)((?:[A-Za-z-]+:[^\r]*(?:\r\n[ \t][^\r]*)*\r\n?)+)");
    private static final Pattern ORIGINAL = Pattern.compile("(?im)^Original-Recipient: [^;]+; *(\\S+)\r?$");
    private static final Pattern STATUS = Pattern.compile("(?im)^Status: *(\\S+)\r?$");
    private static final Pattern FINAL = Pattern.compile("(?im)^Final-Recipient: [^;]+; *(\\S+)\r?$");

    private BounceReader() {}

    /**
     * A recipient that failed.
     *
     * @param recipient as the sender wrote him
     * @param status {@code 5.1.1}
     */
    record Failed(String recipient, String status) {}

    static List<String> failedRecipients(String text) {
        return failed(text).stream().map(Failed::recipient).toList();
    }

    static List<Failed> failed(String text) {
        List<Failed> out = new ArrayList<>();
        int first = text.indexOf("Final-Recipient:");
        if (first < 0) {
            return out;
        }
        Matcher blocks = BLOCK.matcher(text).useAnchoringBounds(false);
        int from = Math.max(0, text.lastIndexOf("\r\n\r\n", first));
        while (find(blocks, text, from)) {
            String block = blocks.group(1);
            Matcher last = FINAL.matcher(block);
            if (last.find() && block.contains("Action: failed")) {
                Matcher original = ORIGINAL.matcher(block);
                Matcher status = STATUS.matcher(block);
                out.add(new Failed(
                        original.find() ? original.group(1) : last.group(1), status.find() ? status.group(1) : ""));
            }
            from = Math.max(blocks.end() - 2, from + 1);
        }
        return out;
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
