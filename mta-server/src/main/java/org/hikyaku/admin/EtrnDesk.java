package org.hikyaku.admin;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.hikyaku.config.Config;
import org.hikyaku.config.DeliverySettings;
import org.hikyaku.config.OnDemandSettings;
import org.hikyaku.deliver.Etrn;

/** Asks a server for the mail that it keeps for us, by command. */
public final class EtrnDesk {
    private static final int PORT = 25;

    private final Etrn etrn;
    private final Supplier<Config> config;

    public EtrnDesk(Etrn etrn, Supplier<Config> config) {
        this.etrn = etrn;
        this.config = config;
    }

    ControlEnd ask(ControlRequest request, Rows rows) {
        String host = request.option("host").orElse("").strip();
        Optional<OnDemandSettings.Provider> provider =
                Optional.ofNullable(config.get().onDemand().providers().get(host));
        Optional<DeliverySettings.SmartHost> server =
                provider.map(OnDemandSettings.Provider::server).or(() -> server(host));
        List<String> nodes = request.idList().isEmpty()
                ? provider.map(OnDemandSettings.Provider::domains).orElse(List.of())
                : request.idList();
        if (server.isEmpty() || (nodes.isEmpty() && provider.isEmpty())) {
            return ControlEnd.wrong(
                    "a server and at least one domain are wanted, or the name of one of on_demand.providers");
        }
        if (!nodes.stream().allMatch(node -> node.matches("[^\\p{Cntrl}\\p{Space}]{1,255}"))) {
            return ControlEnd.wrong("a domain has no spaces and at most 255 characters");
        }
        List<Etrn.Answer> answers = etrn.ask(
                server.get(), provider.map(OnDemandSettings.Provider::ask).orElse(OnDemandSettings.Ask.ETRN), nodes);
        answers.forEach(
                answer -> rows.row(Map.of("node", answer.node(), "taken", answer.taken(), "reply", answer.text())));
        return answers.stream().allMatch(Etrn.Answer::taken) ? ControlEnd.done() : ControlEnd.failed();
    }

    /** {@code host}, {@code host:port}, {@code [2001:db8::1]:port}: without a login, under TLS where it can be had. */
    private static Optional<DeliverySettings.SmartHost> server(String text) {
        boolean bareIpv6 = text.indexOf(':') != text.lastIndexOf(':') && !text.contains("]");
        int colon = bareIpv6 || text.endsWith("]") ? -1 : text.lastIndexOf(':');
        String host = colon < 0 ? text : text.substring(0, colon);
        String port = colon < 0 ? String.valueOf(PORT) : text.substring(colon + 1);
        if (host.isEmpty() || !port.matches("[0-9]{1,5}") || Integer.parseInt(port) > 0xffff) {
            return Optional.empty();
        }
        return Optional.of(new DeliverySettings.SmartHost(
                host,
                Integer.parseInt(port),
                DeliverySettings.SmartHostTls.OPPORTUNISTIC,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty()));
    }
}
