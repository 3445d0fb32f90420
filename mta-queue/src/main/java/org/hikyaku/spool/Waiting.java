package org.hikyaku.spool;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.hikyaku.world.Loop;
import org.jspecify.annotations.Nullable;

/**
 * A change on its way to the journal.
 *
 * @param files drafts whose files are not forced yet
 */
record Waiting(
        Change change,
        @Nullable Loop loop,
        Spool.Done done,
        AtomicInteger files,
        @Nullable String refused) {
    boolean isReady() {
        return files.get() == 0;
    }

    List<SpoolDraft> drafts() {
        ArrayList<SpoolDraft> drafts = new ArrayList<>(1);
        for (Change.Entry entry : change.entries()) {
            if (entry instanceof Change.Entry.Accept accept && accept.draft() instanceof SpoolDraft draft) {
                drafts.add(draft);
            }
        }
        return drafts;
    }

    boolean touchesAny(Set<Long> ids) {
        return change.entries().stream().anyMatch(entry -> ids.contains(idOf(entry)));
    }

    void addTo(HashSet<Long> ids) {
        change.entries().forEach(entry -> ids.add(idOf(entry)));
    }

    /** Whether it only says what became of recipients. Lost in a crash, it leads to one more try, never to a loss. */
    boolean isMark() {
        return refused == null && change.entries().stream().allMatch(Change.Entry.Progress.class::isInstance);
    }

    /** Whether it brings a new message from outside: what the reserve is kept from. */
    boolean isIntake() {
        boolean intake = false;
        for (Change.Entry entry : change.entries()) {
            switch (entry) {
                case Change.Entry.Accept accept -> intake |= accept.origin().kind() != Origin.Kind.NOTICE;
                case Change.Entry.Progress ignored -> {
                    return false;
                }
                case Change.Entry.Remove ignored -> {
                    return false;
                }
                case Change.Entry.Hold ignored -> {}
                case Change.Entry.Redirect ignored -> {}
            }
        }
        return intake;
    }

    private static long idOf(Change.Entry entry) {
        return switch (entry) {
            case Change.Entry.Accept accept -> accept.draft().id().value();
            case Change.Entry.Progress progress -> progress.id().value();
            case Change.Entry.Hold hold -> hold.id().value();
            case Change.Entry.Redirect redirect -> redirect.id().value();
            case Change.Entry.Remove remove -> remove.id().value();
        };
    }
}
