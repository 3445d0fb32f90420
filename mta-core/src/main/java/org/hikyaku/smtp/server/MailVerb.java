package org.hikyaku.smtp.server;

import java.util.LinkedHashMap;
import java.util.Map;
import org.hikyaku.policy.Question;
import org.hikyaku.smtp.Command;
import org.hikyaku.smtp.Extension;
import org.hikyaku.smtp.Parameter;
import org.hikyaku.smtp.Replies;
import org.hikyaku.smtp.Reply;
import org.jspecify.annotations.Nullable;

/** MAIL (RFC 5321 4.1.1.2) with the parameters of SIZE, 8BITMIME, AUTH and SMTPUTF8. */
final class MailVerb {
    private static final int SIZE_DIGITS_MAX = 20;

    private MailVerb() {}

    static @Nullable Reply check(SmtpSession session, Command.Mail command) {
        Map<String, Parameter> seen = new LinkedHashMap<>();
        for (Parameter parameter : command.parameters()) {
            if (seen.put(parameter.keyword(), parameter) != null) {
                return Replies.PARAMETER_TWICE;
            }
            Extension extension = Extension.ofMailParameter(parameter.keyword());
            if (extension == null || !extension.isOffered(session.situation())) {
                return Replies.UNKNOWN_PARAMETER; // RFC 5321 4.1.1.11
            }
            Reply wrong = check(session, parameter);
            if (wrong != null) {
                return wrong;
            }
        }
        // RFC 6531 3.5
        return command.international() && !seen.containsKey("SMTPUTF8") ? Replies.INTERNATIONAL_SENDER : null;
    }

    private static @Nullable Reply check(SmtpSession session, Parameter parameter) {
        String value = parameter.value() == null ? "" : parameter.value();
        boolean right = switch (parameter.keyword()) {
            case "SIZE" -> isSize(value);
            case "BODY" -> value.equalsIgnoreCase("7BIT") || value.equalsIgnoreCase("8BITMIME"); // RFC 6152 3
            case "SMTPUTF8" -> parameter.value() == null; // RFC 6531 3.4
            case "AUTH" -> isXtext(value); // RFC 4954 5; whom it names is not believed: as if AUTH=<>
            default -> false;
        };
        if (!right) {
            return Replies.BAD_PARAMETER_VALUE;
        }
        long limit = session.config().limits().messageSizeMax();
        return parameter.keyword().equals("SIZE") && size(value) > limit ? Replies.tooBig(limit) : null; // RFC 1870 6.1
    }

    static void proceed(SmtpSession session, Command.Mail command) {
        if (session.messages() >= session.config().limits().messagesPerSessionMax()) {
            session.end(Replies.TOO_MANY_MESSAGES, "enough messages");
            return;
        }
        boolean smtputf8 =
                command.parameters().stream().anyMatch(p -> p.keyword().equals("SMTPUTF8"));
        long size = command.parameters().stream()
                .filter(p -> p.keyword().equals("SIZE") && p.value() != null)
                .mapToLong(p -> size(p.value()))
                .sum();
        session.begin(new Transaction(command.sender(), smtputf8));
        session.ask(new Question.Sender(command.sender(), size), verdict -> {
            Reply refusal = session.refusal(verdict);
            if (session.isClosed()) {
                return;
            }
            if (refusal == null) {
                session.phase(Phase.SENDER);
                session.send(Replies.SENDER_OK);
            } else {
                session.forgetTransaction();
                session.tell(new Note.SenderRejected(command.sender().toString(), refusal.text()));
                session.fault(refusal);
            }
        });
    }

    /** RFC 1870 3: 1*20DIGIT. */
    private static boolean isSize(String value) {
        return !value.isEmpty()
                && value.length() <= SIZE_DIGITS_MAX
                && value.chars().allMatch(c -> c >= '0' && c <= '9');
    }

    private static long size(@Nullable String digits) {
        if (digits == null) {
            return 0;
        }
        String significant = digits.replaceFirst("^0+(?=.)", "");
        return significant.length() > 18 ? Long.MAX_VALUE : Long.parseLong(significant);
    }

    /** RFC 3461 4, or {@code <>}. */
    private static boolean isXtext(String value) {
        return value.equals("<>") || value.matches("(?:[!-*,-<>-~]|\\+[0-9A-F]{2})+");
    }
}
