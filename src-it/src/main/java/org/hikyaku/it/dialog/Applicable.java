package org.hikyaku.it.dialog;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Whether a dialog can be held with a server: what the server offers, and what we were told of it.
 *
 * @param names what was told: {@code rcpt}, {@code user}...
 * @param slow whether there are minutes to wait
 */
record Applicable(Map<String, String> names, boolean slow) {
    private static final Pattern NAME = Pattern.compile("\\{([A-Za-z]+)}|\\$([a-z]+)");

    /** Which property gives a name. */
    private static final Map<String, String> GIVEN_BY = Map.of(
            "rcpt", "-Dlocal",
            "domain", "-Dlocal",
            "localpart", "-Dlocal",
            "user", "-Duser",
            "password", "-Dpassword",
            "other", "-Dother",
            "relay", "-Drelay",
            "toobig", "a limit behind SIZE");

    /** The names of a server: those that follow from others are added. */
    static Map<String, String> names(Map<String, String> told, Server server) {
        Map<String, String> names = new LinkedHashMap<>();
        told.forEach((name, value) -> {
            if (!value.isEmpty()) {
                names.put(name, value);
            }
        });
        String local = names.getOrDefault("local", "");
        int at = local.lastIndexOf('@');
        if (at > 0) {
            names.put("rcpt", local);
            names.put("localpart", local.substring(0, at));
            names.put("domain", local.substring(at + 1));
        }
        names.putIfAbsent("sender", "suite@client.example");
        names.put("senderdomain", names.get("sender").replaceAll(".*@", ""));
        String limit = server.clear().getOrDefault("SIZE", server.secured().getOrDefault("SIZE", ""));
        if (limit.matches("[1-9][0-9]{0,17}")) {
            names.put("toobig", Long.toString(Long.parseLong(limit) + 1));
        }
        return names;
    }

    /** Why the dialog cannot be held, or null. */
    @Nullable
    String hindrance(Dialog dialog, Server server) {
        boolean secure = dialog.listener().equals("submissions");
        if (secure && !server.hasTls()) {
            return "no TLS there";
        }
        for (String need : dialog.needs()) {
            String missing = missing(need, server, secure);
            if (missing != null) {
                return missing;
            }
        }
        for (String name : used(dialog)) {
            if (!names.containsKey(name)) {
                return "wants " + GIVEN_BY.getOrDefault(name, "-D" + name);
            }
        }
        return null;
    }

    private @Nullable String missing(String need, Server server, boolean secure) {
        String login = server.secured().getOrDefault("AUTH", "");
        return switch (need) {
            case "tls" -> server.hasTls() ? null : "no TLS there";
            case "time" -> slow ? null : "takes minutes: -Dslow=true";
            case "auth" -> login.isEmpty() ? "no AUTH under TLS" : null;
            default -> {
                if (need.startsWith("auth:")) {
                    String mechanism = need.substring(5);
                    yield (" " + login + " ").contains(" " + mechanism + " ") ? null : "no AUTH " + mechanism;
                }
                if (need.startsWith("tls:")) {
                    String word = need.substring(4);
                    yield server.secured().containsKey(word) ? null : word + " is not offered under TLS";
                }
                Set<String> keywords = server.keywords(secure);
                if (need.startsWith("!")) {
                    yield keywords.contains(need.substring(1)) ? need.substring(1) + " is offered" : null;
                }
                yield keywords.contains(need) ? null : need + " is not offered";
            }
        };
    }

    /** The names that a dialog says. */
    private static Set<String> used(Dialog dialog) {
        Set<String> used = new TreeSet<>();
        for (Dialog.Step step : dialog.steps()) {
            if (step instanceof Dialog.Step.Say say) {
                Matcher matcher = NAME.matcher(say.text());
                while (matcher.find()) {
                    String name = matcher.group(1) == null ? matcher.group(2) : matcher.group(1);
                    if (!name.equals("n")) {
                        used.add(name.toLowerCase(Locale.ROOT));
                    }
                }
            }
        }
        return used;
    }
}
