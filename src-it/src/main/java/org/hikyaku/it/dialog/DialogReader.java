package org.hikyaku.it.dialog;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads the text of a dialog.
 *
 * <p><i>Failure:</i> {@link IllegalArgumentException} with the line.
 */
public final class DialogReader {
    private static final Pattern LINE = Pattern.compile("(C|CR|S|on|needs|asks|wait)(?:\\*(\\d+))?:(?: (.*))?");
    private static final Pattern REPLY = Pattern.compile(
            "([2-5x][0-9x]{2}(?:\\|[2-5x][0-9x]{2})*)(?: ([2-5x]\\.[0-9x]{1,3}\\.[0-9x]{1,3}))?((?: !?/(?:[^/])*/)*)");
    private static final Pattern OURS = Pattern.compile("(.*?) \\(([^()]*)\\)");
    private static final Pattern CLAIM =
            Pattern.compile("(MUST|SHOULD|MAY) ([0-9]+|PROXY|XCLIENT) ([0-9.]+|[A-Z][a-z]+)");
    private static final Pattern TEXT = Pattern.compile("(!?)/([^/]*)/");

    private DialogReader() {}

    public static Dialog read(String name, String text) {
        String listener = "";
        Set<String> needs = new LinkedHashSet<>();
        Optional<Dialog.Claim> claim = Optional.empty();
        List<Dialog.Step> steps = new ArrayList<>();
        int number = 0;
        for (String line : text.lines().toList()) {
            number++;
            if (line.isBlank() || line.startsWith("#")) {
                continue;
            }
            if (line.equals("TLS")) {
                steps.add(new Dialog.Step.Secure(number));
                continue;
            }
            Matcher matcher = LINE.matcher(line);
            if (!matcher.matches()) {
                throw wrong(name, number, line);
            }
            int times = matcher.group(2) == null ? 1 : Integer.parseInt(matcher.group(2));
            String rest = matcher.group(3) == null ? "" : matcher.group(3);
            switch (matcher.group(1)) {
                case "on" -> listener = rest;
                case "needs" -> needs.addAll(List.of(rest.split(" +")));
                case "asks" -> claim = Optional.of(claim(name, number, rest));
                case "wait" -> steps.add(new Dialog.Step.Wait(number, Integer.parseInt(rest)));
                case "C" -> steps.add(new Dialog.Step.Say(number, times, true, rest));
                case "CR" -> steps.add(new Dialog.Step.Say(number, times, false, rest));
                default -> steps.add(reply(name, number, times, rest));
            }
        }
        if (listener.isEmpty() || steps.isEmpty()) {
            throw new IllegalArgumentException(name + ": no `on:` line, or no steps");
        }
        return new Dialog(name, listener, needs, claim, steps);
    }

    private static Dialog.Claim claim(String name, int number, String text) {
        Matcher matcher = CLAIM.matcher(text);
        if (!matcher.matches()) {
            throw wrong(name, number, text);
        }
        return new Dialog.Claim(Dialog.Level.valueOf(matcher.group(1)), matcher.group(2), matcher.group(3));
    }

    private static Dialog.Step reply(String name, int number, int times, String rest) {
        if (rest.equals("close")) {
            return new Dialog.Step.Closed(number);
        }
        if (rest.equals("nothing")) {
            return new Dialog.Step.Silence(number);
        }
        Matcher both = OURS.matcher(rest);
        if (both.matches()) {
            return new Dialog.Step.Expect(
                    number, times, answer(name, number, both.group(1)), answer(name, number, both.group(2)));
        }
        Dialog.Answer answer = answer(name, number, rest);
        return new Dialog.Step.Expect(number, times, answer, answer);
    }

    private static Dialog.Answer answer(String name, int number, String rest) {
        Matcher matcher = REPLY.matcher(rest);
        if (!matcher.matches()) {
            throw wrong(name, number, rest);
        }
        List<String> text = new ArrayList<>();
        Matcher part = TEXT.matcher(matcher.group(3));
        while (part.find()) {
            text.add(part.group(1) + part.group(2));
        }
        String enhanced = matcher.group(2) == null ? "" : matcher.group(2);
        return new Dialog.Answer(matcher.group(1), enhanced, text);
    }

    private static IllegalArgumentException wrong(String name, int number, String line) {
        return new IllegalArgumentException(name + ":" + number + ": not understood: " + line);
    }
}
