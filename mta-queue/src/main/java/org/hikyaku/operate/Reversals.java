package org.hikyaku.operate;

import java.io.IOException;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What can be taken back, and how: by the moves of the log the other way, or for who was frozen or thawed by the opposite. Pure.
 *
 * <p>A log names only senders whose state its operation was to change. So one that froze somebody says that he was not frozen then, and
 * what earlier ones did to him is over; also when it was broken off before it came to that.
 *
 * <p><i>Failure:</i> what cannot be taken back is told with the reason.
 *
 * @param all what is remembered, oldest first
 */
public record Reversals(List<Operation> all) {
    public Reversals {
        all = List.copyOf(all);
    }

    /** Why an operation cannot be undone; empty if it may be. */
    public Optional<String> obstacle(Operation of) {
        boolean over = !of.senders().isEmpty() && senders(of).isEmpty();
        return of.obstacle()
                .or(() -> over
                        ? Optional.of("since operation " + of.number() + " (" + of.command()
                                + ") others have changed who is frozen; hikyaku queue frozen lists them")
                        : Optional.empty());
    }

    /** The last that can be undone and takes back none itself. */
    public Optional<Operation> last() {
        Set<Long> undoing = all.stream().map(Operation::undoneBy).collect(Collectors.toSet());
        return all.stream()
                .filter(one -> !one.command().equals("undo") && !undoing.contains(one.number()))
                .filter(one -> obstacle(one).isEmpty())
                .max(Comparator.comparingLong(Operation::number));
    }

    /** What takes an operation back. */
    Verb of(Verb.Undo undo) throws IOException {
        Operation old = find(undo.operation())
                .orElseThrow(() -> new IOException("no operation " + undo.operation()
                        + " can be undone; hikyaku queue operations lists those that can"));
        Optional<String> obstacle = obstacle(old);
        if (obstacle.isPresent()) {
            throw new IOException(obstacle.get());
        }
        List<String> senders = senders(old);
        if (senders.isEmpty()) {
            return undo;
        }
        return isFreeze(old) ? new Verb.Thaw(senders) : new Verb.Freeze(senders);
    }

    /** Those of its senders whose state is still by it. */
    private List<String> senders(Operation of) {
        Set<String> since = all.stream()
                .filter(later -> later.number() > of.number() && isFreeze(later) == isFreeze(of))
                .filter(later -> stands(later) && all.stream().noneMatch(one -> one.undoneBy() == later.number()))
                .flatMap(later -> later.senders().stream())
                .collect(Collectors.toSet());
        return of.senders().stream().filter(each -> !since.contains(each)).toList();
    }

    private static boolean isFreeze(Operation one) {
        return one.command().equals("freeze-sender");
    }

    /** Not undone, or its undo was. */
    private boolean stands(Operation one) {
        return one.undoneBy() == 0
                || find(one.undoneBy()).filter(by -> !stands(by)).isPresent();
    }

    private Optional<Operation> find(long number) {
        return all.stream().filter(one -> one.number() == number).findFirst();
    }
}
