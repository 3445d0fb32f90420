package org.hikyaku.admin;

import java.util.LinkedHashMap;
import java.util.Map;
import org.hikyaku.operate.Operations;
import org.hikyaku.queue.QueueAdmin;

/** What an operator may ask of the running server. */
public final class Operator implements ControlHandler {
    private final QueueAdmin queue;
    private final QueueDesk desk;
    private final GrantDesk grants;
    private final SiteDesk sites;
    private final QuirkDesk quirks;
    private final EtrnDesk etrn;
    private final ExplainDesk explain;
    private final FreezeDesk freezes;
    private final SuppressionDesk suppressions;
    private final Levers levers;

    /** What the main program does itself. */
    public interface Levers {
        /** Reads the configuration again. */
        ControlEnd reload();

        /** Facts for {@code hikyaku status}, in order. */
        Map<String, String> status();

        /** Begins to stop, and returns at once. */
        void stop(String by);
    }

    public Operator(
            Operations operations,
            GrantDesk grants,
            SiteDesk sites,
            QuirkDesk quirks,
            EtrnDesk etrn,
            ExplainDesk explain,
            FreezeDesk freezes,
            SuppressionDesk suppressions,
            Levers levers) {
        this.suppressions = suppressions;
        this.freezes = freezes;
        this.explain = explain;
        this.etrn = etrn;
        this.grants = grants;
        this.quirks = quirks;
        this.sites = sites;
        this.queue = operations.queue();
        this.desk = new QueueDesk(operations);
        this.levers = levers;
    }

    @Override
    public ControlEnd handle(ControlRequest request, Rows rows) {
        return switch (request.command()) {
            case "reload" -> levers.reload();
            case "status" -> status(rows);
            case "stop" -> {
                levers.stop(request.asker());
                yield ControlEnd.done("the server stops");
            }
            case "grant" -> grants.grant(request);
            case "grant-revoke" -> grants.revoke(request);
            case "grant-list" -> grants.list(rows);
            case "etrn" -> etrn.ask(request, rows);
            case "explain" -> explain.explain(request, rows);
            case "suppression-list" -> suppressions.list(request, rows);
            case "suppression-add" -> suppressions.add(request, rows);
            case "suppression-remove" -> suppressions.remove(request);
            case "freeze" -> freezes.freeze(request, rows);
            case "unfreeze" -> freezes.unfreeze(request, rows);
            case "freeze-list" -> freezes.list(rows);
            case "sites" -> sites.list(request, rows);
            case "quirks-list" -> quirks.list(rows);
            case "quirks-forget" -> quirks.forget(request);
            default -> desk.handle(request, rows);
        };
    }

    private ControlEnd status(Rows rows) {
        Map<String, String> facts = new LinkedHashMap<>(levers.status());
        QueueAdmin.Counts counts = queue.counts();
        facts.put("queue.messages", String.valueOf(counts.messages()));
        facts.put("queue.recipients", String.valueOf(counts.recipients()));
        facts.put("queue.held", String.valueOf(counts.held()));
        facts.put("queue.waiting", String.valueOf(counts.waiting()));
        facts.put("queue.delivering", String.valueOf(counts.delivering()));
        facts.put("queue.loading", String.valueOf(counts.loading()));
        facts.put("queue.unstored", String.valueOf(counts.unstored()));
        counts.longest()
                .forEach(site -> facts.put("queue.waiting[" + site.getKey() + "]", String.valueOf(site.getValue())));
        facts.forEach((name, value) -> rows.row(Map.of("name", name, "value", value)));
        return ControlEnd.done();
    }
}
