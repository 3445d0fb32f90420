package org.hikyaku.admin;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.hikyaku.deliver.Quirks;

/** What is known of other servers' faults, by command: list, forget. */
public final class QuirkDesk {
    private final Quirks quirks;

    public QuirkDesk(Quirks quirks) {
        this.quirks = quirks;
    }

    ControlEnd list(Rows rows) {
        for (Quirks.Quirk quirk : quirks.list()) {
            Map<String, Object> row = new LinkedHashMap<>();
            row.put("address", quirk.address());
            row.put("host", quirk.host());
            row.put("feature", Quirks.label(quirk.feature()));
            row.put("state", quirk.state().name().toLowerCase(Locale.ROOT));
            row.put("seconds", quirk.left().toSeconds());
            row.put("why", quirk.why());
            rows.row(row);
        }
        return ControlEnd.done();
    }

    ControlEnd forget(ControlRequest request) {
        String host = request.option("host").orElse("").strip();
        if (host.isEmpty()) {
            return ControlEnd.wrong("a host name or an address is wanted");
        }
        int gone = quirks.forget(host, request.asker());
        return gone > 0 ? ControlEnd.done(gone + " forgotten") : ControlEnd.failed("nothing is known of " + host);
    }
}
