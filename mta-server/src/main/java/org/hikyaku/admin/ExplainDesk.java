package org.hikyaku.admin;

import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.hikyaku.mail.Address;
import org.hikyaku.queue.Explainer;
import org.hikyaku.route.Asked;
import org.hikyaku.route.Head;
import org.hikyaku.route.Mail;
import org.hikyaku.route.Router;

/** Explains what becomes of an address, and which way its mail goes, by command. */
public final class ExplainDesk {
    private static final int HEADER_MAX = 64 * 1024;

    private final Explainer explainer;
    private final Function<Asked, Router.Told> routes;

    /**
     * The way of one that was told of before.
     *
     * @param route {@code mx example.org}, {@code hosts smtp.example.net:587 (verified)}, {@code agent discard}...
     * @param where the rule that decided: {@code file:line}, or the setting
     * @param source the pool that it leaves from, with its addresses, or empty
     * @param fallback hosts for what cannot be brought there, or empty
     */
    public record Way(String route, String address, String where, String source, String fallback) {}

    /** @param routes which rule of routes decides */
    public ExplainDesk(Explainer explainer, Function<Asked, Router.Told> routes) {
        this.explainer = explainer;
        this.routes = routes;
    }

    /**
     * Options: {@code address}, {@code from}, {@code user}, {@code client}, {@code listener}, {@code size}, {@code header}. A row is a
     * step, an end or a way.
     */
    public ControlEnd explain(ControlRequest request, Rows rows) {
        String address = request.option("address").orElse("");
        String from = request.option("from").orElse("<>");
        Optional<Address> recipient =
                address.equalsIgnoreCase("postmaster") ? Optional.of(Address.barePostmaster()) : Address.parse(address);
        Optional<Address> sender = from.equals("<>") ? Optional.of(Address.NULL) : Address.parse(from);
        if (recipient.isEmpty() || sender.isEmpty()) {
            return ControlEnd.wrong((recipient.isEmpty() ? address : from) + " is no address; write user@domain");
        }
        String size = request.option("size").orElse("0");
        String header = request.option("header").orElse("");
        if (!size.matches("[0-9]{1,12}") || header.length() > HEADER_MAX) {
            return ControlEnd.wrong("the size is a number of octets, a header has " + HEADER_MAX + " letters at most");
        }
        List<Explainer.Line> lines = explainer.explain(new Explainer.Case(
                recipient.get(),
                sender.get(),
                request.option("user").orElse(""),
                request.option("client").orElse("")));
        lines.forEach(rows::row);
        for (Explainer.Line line : lines) {
            if (line instanceof Explainer.Line.End end
                    && (end.end().equals("elsewhere") || end.end().equals("mailbox"))) {
                Address to = Address.of(end.address());
                Address by = end.sender().equals("<>") ? Address.NULL : Address.of(end.sender());
                rows.row(way(new Asked(mail(by, request, size, header), to, false)));
            }
        }
        return ControlEnd.done();
    }

    private Way way(Asked asked) {
        Router.Told told = routes.apply(asked);
        return new Way(told.way(), asked.recipient().toString(), told.where(), told.source(), told.fallback());
    }

    private static Mail mail(Address sender, ControlRequest request, String size, String header) {
        return new Mail(
                0,
                sender,
                request.option("user").orElse(""),
                request.option("client").orElse(""),
                request.option("listener").orElse(""),
                Long.parseLong(size),
                Head.ofText(header));
    }
}
