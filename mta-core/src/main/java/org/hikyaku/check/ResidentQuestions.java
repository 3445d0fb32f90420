package org.hikyaku.check;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.hikyaku.check.DovecotUsers.Told;
import org.hikyaku.config.Config;
import org.hikyaku.table.LocalDirectory;
import org.hikyaku.table.Residents;

/**
 * The names that Dovecot is to be asked for, where it knows who has a mailbox here, before a look-up in {@link LocalDirectory} says what
 * it says: those that the look-up itself comes by. It is done again with the answers, until it comes by no other.
 *
 * <p><i>Failure:</i> names beyond a limit are not asked for, and are found out at delivery; so are, as nobody's, forms of an address
 * with many tags.
 */
final class ResidentQuestions {
    /** An alias leads on only when the names before it are known. */
    private static final int ROUNDS_MAX = 8;
    /** Names on one way: forms of an address with tags, members of a list. */
    private static final int NAMES_MAX = 100;
    /** In a form of an address that is asked for beside the whole one: a stranger chooses how many there are. */
    private static final int TAGS_MAX = 3;

    private final Supplier<LocalDirectory> directory;
    private final Predicate<String> listed;
    private final DovecotUsers users;

    /** What is looked up. */
    @FunctionalInterface
    interface Way extends Consumer<LocalDirectory> {}

    /** @param listed who needs not be asked for */
    ResidentQuestions(Supplier<LocalDirectory> directory, Predicate<String> listed, DovecotUsers users) {
        this.directory = directory;
        this.listed = listed;
        this.users = users;
    }

    /** Whether Dovecot says who lives here. */
    boolean isUsed() {
        return users.isUsed();
    }

    /**
     * Whether there is something to ask. Never waits.
     *
     * @param again whether a yes is asked for again that has been good for long
     */
    boolean isOpen(Config config, boolean again, Way way) {
        return isUsed() && !open(config, again, way).isEmpty();
    }

    /** Asks; false: Dovecot cannot tell now, and has said yes of some names not at all or too long ago. Waits. */
    boolean ask(Config config, boolean again, Way way) {
        Set<String> asked = new LinkedHashSet<>();
        boolean tells = true;
        for (int round = 0; round < ROUNDS_MAX; round++) {
            List<String> names = open(config, again, way).stream()
                    .filter(name -> !asked.contains(name))
                    .toList();
            for (String name : names) {
                if (asked.size() < NAMES_MAX && asked.add(name)) {
                    tells = tells && users.ask(name) != Told.UNSURE; // else none of the others has to wait for it too
                    if (!tells && users.last(name) != Told.THERE) {
                        return false;
                    }
                }
            }
            if (names.isEmpty() || asked.size() >= NAMES_MAX) {
                break;
            }
        }
        return true;
    }

    private Set<String> open(Config config, boolean again, Way way) {
        Noting noting = new Noting(config, again);
        way.accept(directory.get().with(noting));
        return noting.names;
    }

    /** Says what is known, and notes what is not. */
    private final class Noting implements Residents {
        private final Config config;
        private final boolean again;
        private final Set<String> names = new LinkedHashSet<>();
        /** The address of which forms with less of its tag follow. */
        private String whole = "";

        Noting(Config config, boolean again) {
            this.config = config;
            this.again = again;
        }

        @Override
        public boolean has(String name) {
            if (listed.test(name)) {
                return true;
            }
            if (!DovecotUsers.isMeant(name, config)) {
                return false;
            }
            boolean there = users.last(name) == Told.THERE;
            if (isAsked(name) && users.isOld(name) && (again || !there)) {
                names.add(name);
            }
            return there;
        }

        private boolean isAsked(String name) {
            String separators = config.local().subAddressSeparator();
            int at = name.lastIndexOf('@');
            boolean form = whole.length() > name.length()
                    && whole.startsWith(name.substring(0, at))
                    && whole.endsWith(name.substring(at))
                    && separators.indexOf(whole.charAt(at)) >= 0;
            if (!form) {
                whole = name;
                return true;
            }
            boolean empty = separators.indexOf(name.charAt(at - 1)) >= 0; // nobody is called so
            return !empty
                    && name.chars()
                                    .limit(at)
                                    .filter(c -> separators.indexOf(c) >= 0)
                                    .count()
                            <= TAGS_MAX;
        }
    }
}
