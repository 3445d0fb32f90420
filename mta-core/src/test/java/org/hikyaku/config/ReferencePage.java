package org.hikyaku.config;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads the commented reference line by line, and makes docs/configuration.md of it. */
final class ReferencePage {
    /**
     * A key with the comment above it.
     *
     * @param value as written; empty for one that is commented out
     */
    record Setting(String key, String value, String example, String text) {}

    private static final Pattern VALUE = Pattern.compile("([a-z0-9_]+) = (.*)");
    private static final Pattern GROUP = Pattern.compile("([a-z0-9_]+) \\{(})?");

    private ReferencePage() {}

    static List<Setting> settings(String reference) {
        List<Setting> out = new ArrayList<>();
        walk(reference, out, new StringBuilder());
        return out;
    }

    static String page(String reference) {
        StringBuilder page = new StringBuilder();
        walk(reference, new ArrayList<>(), page);
        return page.toString();
    }

    private static void walk(String reference, List<Setting> settings, StringBuilder page) {
        Deque<String> groups = new ArrayDeque<>();
        List<String> comment = new ArrayList<>();
        boolean head = true;
        for (String raw : reference.lines().toList()) {
            String line = raw.strip();
            if (line.startsWith("#")) {
                comment.add(line.substring(1).replaceFirst("^ ", ""));
                continue;
            }
            if (line.isEmpty() && head) {
                page.append("# Configuration\n\nMade from conf/hikyaku.conf; the same words stand there.\n\n");
                page.append(headText(comment));
                head = false;
            } else if (line.isEmpty()) {
                commentedOut(groups, comment, settings, page);
            } else if (line.equals("}")) {
                commentedOut(groups, comment, settings, page);
                groups.removeLast();
            } else {
                opened(line, groups, comment, settings, page);
            }
            comment.clear();
        }
    }

    private static String headText(List<String> comment) {
        return String.join("\n", comment.subList(2, comment.size())) + "\n";
    }

    private static void opened(
            String line, Deque<String> groups, List<String> comment, List<Setting> settings, StringBuilder page) {
        Matcher group = GROUP.matcher(line);
        Matcher value = VALUE.matcher(line);
        String text = String.join(" ", comment);
        if (group.matches() && group.group(2) == null) {
            groups.addLast(group.group(1));
            page.append("\n##")
                    .append("#".repeat(groups.size() - 1))
                    .append(" ")
                    .append(path(groups))
                    .append("\n\n");
            page.append(text).append("\n");
        } else if (group.matches()) {
            setting(new Setting(join(groups, group.group(1)), "{}", "", text), settings, page);
        } else if (value.matches()) {
            setting(new Setting(join(groups, value.group(1)), value.group(2), "", text), settings, page);
        } else {
            throw new IllegalArgumentException("a line of the reference that this page cannot read: " + line);
        }
    }

    /** A setting without a default: its comment ends with the key as an example. */
    private static void commentedOut(
            Deque<String> groups, List<String> comment, List<Setting> settings, StringBuilder page) {
        for (int i = 0; i < comment.size(); i++) {
            Matcher value = VALUE.matcher(comment.get(i));
            Matcher group = GROUP.matcher(comment.get(i));
            if (value.matches() || group.matches()) {
                String key = value.matches() ? value.group(1) : group.group(1);
                String example = String.join("\n", comment.subList(i, comment.size()));
                String text = String.join(" ", comment.subList(0, i));
                setting(new Setting(join(groups, key), "", example, text), settings, page);
                return;
            }
        }
    }

    private static void setting(Setting setting, List<Setting> settings, StringBuilder page) {
        settings.add(setting);
        page.append("\n`").append(setting.key()).append("`");
        page.append(setting.value().isEmpty() ? ", not set" : " = `" + setting.value() + "`")
                .append("  \n");
        page.append(setting.text()).append("\n");
        if (!setting.example().isEmpty()) {
            page.append("\n    ")
                    .append(setting.example().replace("\n", "\n    "))
                    .append("\n");
        }
    }

    private static String path(Deque<String> groups) {
        return String.join(".", groups);
    }

    private static String join(Deque<String> groups, String key) {
        return groups.isEmpty() ? key : path(groups) + "." + key;
    }
}
