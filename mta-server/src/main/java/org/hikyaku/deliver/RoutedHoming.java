package org.hikyaku.deliver;

import java.util.function.Supplier;
import org.hikyaku.config.Config;
import org.hikyaku.mail.Address;
import org.hikyaku.mail.Site;
import org.hikyaku.queue.Homing;
import org.hikyaku.route.MailRules;
import org.hikyaku.route.Router;
import org.hikyaku.spool.StoredMessage;

/** Where mail waits by the rules of routes, docs/routes.md. */
public final class RoutedHoming implements Homing {
    private final Router router;
    private final Supplier<Config> config;

    /** By the rules as they were for one message. */
    private record OfMessage(MailRules rules) implements Homing {
        @Override
        public Site home(StoredMessage message, int place) {
            return rules.home(address(message, place), ruled(message, place));
        }

        @Override
        public boolean isAlone(StoredMessage message, int place) {
            return rules.isRun(address(message, place), ruled(message, place));
        }

        private static Address address(StoredMessage message, int place) {
            return message.envelope().recipients().get(place).address();
        }

        /** Whether a rule has held it is known for sure only at the attempt. */
        private static boolean ruled(StoredMessage message, int place) {
            return message.states().get(place).ruled();
        }
    }

    public RoutedHoming(Router router, Supplier<Config> config) {
        this.router = router;
        this.config = config;
    }

    @Override
    public Homing of(StoredMessage message) {
        Config now = config.get();
        boolean simple = !router.mayDiffer(now) && now.agents().pipes().isEmpty();
        return simple ? BY_DOMAIN : new OfMessage(router.of(Asking.unread(message), now));
    }

    @Override
    public Site home(StoredMessage message, int place) {
        return of(message).home(message, place);
    }

    @Override
    public boolean isAlone(StoredMessage message, int place) {
        return of(message).isAlone(message, place);
    }
}
