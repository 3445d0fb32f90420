package org.hikyaku.main;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.hikyaku.admin.ControlEnd;
import org.hikyaku.admin.ControlRequest;
import org.hikyaku.admin.EtrnDesk;
import org.hikyaku.admin.ExplainDesk;
import org.hikyaku.admin.FreezeDesk;
import org.hikyaku.admin.GrantDesk;
import org.hikyaku.admin.Operator;
import org.hikyaku.admin.QuirkDesk;
import org.hikyaku.admin.Rows;
import org.hikyaku.admin.SiteDesk;
import org.hikyaku.admin.SuppressionDesk;
import org.hikyaku.sim.SimWorld;
import org.hikyaku.world.World;
import org.jspecify.annotations.Nullable;

/** An operator's command, and what the server in a simulated process answers it. */
record Told(ControlEnd end, List<Map<String, Object>> rows) {
    static Told ask(SimWorld sim, Assembly server, ControlRequest request) {
        List<Map<String, Object>> all = new ArrayList<>();
        List<ControlEnd> ends = new ArrayList<>();
        Rows rows = new Rows() {
            @Override
            @SuppressWarnings("unchecked")
            public void row(Object row) {
                all.add((Map<String, Object>) row);
            }

            @Override
            public void progress(long looked, long done) {}

            @Override
            public byte @Nullable [] line() {
                return null;
            }
        };
        sim.run(sim.host(), world -> ends.add(operator(server, world).handle(request, rows)));
        return new Told(ends.getFirst(), all);
    }

    private static Operator operator(Assembly here, World world) {
        return new Operator(
                here.operations(),
                new GrantDesk(here.grants(), world),
                new SiteDesk(here.operations().queue(), here.smtp()),
                new QuirkDesk(here.quirks()),
                new EtrnDesk(here.etrn(), here::config),
                new ExplainDesk(here.explainer(), here::route),
                new FreezeDesk(here.operations().accounts(), here.doors(), world),
                new SuppressionDesk(here.suppressions(), here::isSpared),
                new Operator.Levers() {
                    @Override
                    public ControlEnd reload() {
                        return ControlEnd.done();
                    }

                    @Override
                    public Map<String, String> status() {
                        return Map.of();
                    }

                    @Override
                    public void stop(String by) {}
                });
    }
}
