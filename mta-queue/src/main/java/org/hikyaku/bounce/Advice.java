package org.hikyaku.bounce;

import java.util.List;
import java.util.Optional;
import org.hikyaku.mail.Diagnosis;

/**
 * THE table of what a status means for the person who wrote the message: what happened and what to do. The first row
 * whose status begins the diagnosis counts; the class (4 or 5) is left out.
 */
record Advice(String subject, String happened, String todo) {
    private static final Advice OTHER = new Advice(
            "",
            "The receiving side did not take it.",
            "If the reply above does not help, send this notice to the postmaster of the receiving side by another way.");
    /** Whoever asks the receiving side hears there of nothing. */
    private static final Advice GIVEN_UP = new Advice(
            "",
            "The operator of this mail system has given it up. His words:",
            "If you have a question, ask the postmaster of this mail system.");

    private static final List<Advice> TABLE = List.of(
            new Advice(
                    "1.1",
                    "There is no such address.",
                    "Check the spelling of the part before the @, or ask for the present address."),
            new Advice(
                    "1.2",
                    "There is no such domain, or no way to it is known.",
                    "Check the spelling of the part after the @."),
            new Advice(
                    "1.3", "The address is not well formed.", "Check the address for signs that do not belong there."),
            new Advice(
                    "1.6", "The mailbox has moved and left no address.", "Ask for the present address by another way."),
            new Advice(
                    "1.8",
                    "Your own address was not accepted as sender.",
                    "Check the address your mail program sends from."),
            new Advice(
                    "1.10",
                    "The domain takes no mail at all.",
                    "Check the spelling of the part after the @, or ask for another address."),
            new Advice("2.1", "The mailbox is switched off.", "Ask by another way, or try again later."),
            new Advice("2.2", "The mailbox is full.", "Tell the person by another way, and send again later."),
            new Advice("2.3", "The message is too large for this mailbox.", "Send a smaller message, or a link."),
            new Advice("3.4", "The message is too large for the receiving side.", "Send a smaller message, or a link."),
            new Advice(
                    "4.1",
                    "The receiving side does not answer.",
                    "Check the part after the @; if it is right, ask there by another way."),
            new Advice(
                    "4.4",
                    "No way to the receiving side was found.",
                    "Check the part after the @; if it is right, ask there by another way."),
            new Advice(
                    "4.6",
                    "The message goes round in a circle.",
                    "Tell the postmaster of the receiving side; nothing is wrong with your message."),
            new Advice(
                    "4.7",
                    "It could not be delivered in all the time we tried.",
                    "Check the address; if it is right, ask by another way whether mail works there, and send again."),
            new Advice(
                    "6.",
                    "The receiving side cannot take a message of this form.",
                    "Send it as plain text or with other attachments."),
            new Advice(
                    "7.",
                    "The receiving side refuses it by its own rules.",
                    "What its rules are only that side can say; its reply above may name a page or an address to ask."),
            OTHER);

    /** @param meaning of the reply: it knows better than a status that says nothing */
    static Advice of(Diagnosis why, String meaning) {
        if (meaning.equals(Report.Affected.OPERATOR)) {
            return GIVEN_UP;
        }
        Optional<Advice> known = Meaning.status(meaning).map(status -> of(Diagnosis.ours(status, "")));
        return why.status().endsWith(".0.0") && known.isPresent() ? known.get() : of(why);
    }

    static Advice of(Diagnosis why) {
        int dot = why.status().indexOf('.');
        String subject = why.status().substring(dot + 1);
        return TABLE.stream()
                .filter(row ->
                        row.subject.endsWith(".") ? subject.startsWith(row.subject) : subject.equals(row.subject))
                .findFirst()
                .orElse(OTHER);
    }
}
