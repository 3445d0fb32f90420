package org.hikyaku.check;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.hikyaku.hostmail.HostFields;
import org.hikyaku.hostmail.HostSender;
import org.hikyaku.hostmail.WrittenHeader;
import org.hikyaku.mail.Address;
import org.hikyaku.mail.Content;
import org.hikyaku.mail.HeaderFacts;
import org.hikyaku.mail.HeaderScan;
import org.hikyaku.mail.HostUser;
import org.hikyaku.policy.Check;
import org.hikyaku.policy.Question;
import org.hikyaku.policy.SessionFacts;
import org.hikyaku.policy.Verdict;
import org.hikyaku.smtp.Replies;
import org.hikyaku.table.LocalDirectory;
import org.hikyaku.table.Rewriting;
import org.hikyaku.world.World;

/**
 * A user of this host sends under the rules of the drop directory ({@link HostSender}): as himself, at any domain of ours. What he
 * may not be in the envelope is refused here, as he can hear it; a From that is not his gets a Sender beside it.
 *
 * <p><i>Failure:</i> a message that cannot be read back now is 451.
 */
public final class HostSenderCheck implements Check {
    private static final int PIECE = 16 * 1024;

    private final World world;
    private final Supplier<LocalDirectory> directory;

    public HostSenderCheck(World world, Supplier<LocalDirectory> directory) {
        this.world = world;
        this.directory = directory;
    }

    @Override
    public boolean concerns(Question question) {
        return question instanceof Question.Sender || question instanceof Question.Message;
    }

    @Override
    public boolean concerns(Question question, SessionFacts facts) {
        return facts.hostUser().isPresent() && concerns(question);
    }

    /** A large message is read from the disk. */
    @Override
    public boolean waits() {
        return true;
    }

    @Override
    public Verdict answer(Question question, SessionFacts facts) {
        Optional<HostUser> user = facts.hostUser();
        if (user.isEmpty()) {
            return Verdict.PASS;
        }
        LocalDirectory here = directory.get();
        HostSender who = new HostSender(user.get(), facts.config(), here.firstDomain(), here::home);
        return switch (question) {
            case Question.Sender asked when !who.may(asked.sender()) -> new Verdict.Reject(Replies.NOT_YOUR_ADDRESS);
            case Question.Message asked -> told(asked, who);
            default -> Verdict.PASS;
        };
    }

    private Verdict told(Question.Message asked, HostSender who) {
        int limit = who.config().limits().headersSizeMax();
        HeaderScan scan = new HeaderScan(limit);
        WrittenHeader header = new WrittenHeader(who.first());
        try {
            header.read(start(asked.content(), scan), 0);
        } catch (IOException e) {
            return new Verdict.Reject(Replies.CHECK_BROKEN);
        }
        HeaderFacts facts = scan.facts();
        if (facts.tooBig()) {
            return new Verdict.Reject(Replies.headersTooBig(limit)); // the names in it have become longer
        }
        Rewriting rewriting = directory.get().rewriting();
        List<String> lines = HostFields.added(
                header,
                who,
                from(asked.headers(), facts),
                asked.envelope().sender(),
                asked.envelope().needsUtf8() ? who.own() : who.plain(),
                "",
                address -> rewriting.ofHeaders() ? rewriting.shownSender(address) : address,
                world.clock().now());
        return lines.isEmpty() ? Verdict.PASS : new Verdict.Pass(lines);
    }

    /** As he wrote it, before it was rewritten; a name without a domain can be read only since it was completed. */
    private static List<Address> from(HeaderFacts asItCame, HeaderFacts stored) {
        return asItCame.fromReadable() ? asItCame.from() : stored.from();
    }

    /** The header and some more of what is stored, which is not as long as what came: fields were left out, names completed. */
    private static byte[] start(Content content, HeaderScan scan) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream(PIECE);
        ByteBuffer piece = ByteBuffer.allocate(PIECE);
        while (!scan.isOver() && all.size() < content.size()) {
            if (content.read(piece.clear(), all.size()) <= 0) {
                throw new IOException("a message that ends before its end");
            }
            scan.feed(piece.array(), 0, piece.position());
            all.write(piece.array(), 0, piece.position());
        }
        return all.toByteArray();
    }
}
