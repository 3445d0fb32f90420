package org.hikyaku.table;

import java.util.Locale;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The size of a mailbox in a line of a passwd-file: the extra field {@code quota_rule=*:storage=1G}, or
 * {@code userdb_quota_rule}, or {@code quota_storage_size} with a size alone. A size is a number with B, K, M, G or T behind
 * it; in a rule a bare number is kilobytes, as Dovecot has it. Rules for single folders and for numbers of messages have no
 * effect here.
 */
final class QuotaRule {
    private static final int FIELDS = 8;
    private static final Pattern FIELD = Pattern.compile("(?:userdb_)?quota_(rule|storage_size)=(\\S*)");
    private static final Pattern SIZE = Pattern.compile("([0-9]{1,12})([BKMGT]?)(?:I?B)?");

    private QuotaRule() {}

    /** What a line says. */
    sealed interface Said {}

    /** Empty: nothing. */
    record Told(OptionalLong octets) implements Said {}

    record Wrong(String why) implements Said {}

    static Said read(String line) {
        String[] fields = line.split(":", FIELDS);
        Matcher matcher = FIELD.matcher(fields.length < FIELDS ? "" : fields[FIELDS - 1]);
        while (matcher.find()) {
            String value = matcher.group(2);
            if (!matcher.group(1).equals("rule")) {
                return size(value, 1);
            }
            for (String limit : value.startsWith("*:") ? value.substring(2).split(":") : new String[0]) {
                if (limit.startsWith("storage=")) {
                    return size(limit.substring("storage=".length()), 1024);
                }
                if (limit.startsWith("bytes=")) {
                    return size(limit.substring("bytes=".length()), 1);
                }
            }
        }
        return new Told(OptionalLong.empty());
    }

    private static Said size(String text, long bare) {
        Matcher matcher = SIZE.matcher(text.toUpperCase(Locale.ROOT));
        if (!matcher.matches()) {
            return new Wrong("`" + text + "` is no size of a mailbox; write 500M or 2G");
        }
        int power = "BKMGT".indexOf(matcher.group(2));
        long unit = matcher.group(2).isEmpty() ? bare : 1L << (10 * power);
        long number = Long.parseLong(matcher.group(1));
        return number > Long.MAX_VALUE / 2 / unit
                ? new Wrong("`" + text + "` is too large a mailbox")
                : new Told(OptionalLong.of(number * unit));
    }
}
