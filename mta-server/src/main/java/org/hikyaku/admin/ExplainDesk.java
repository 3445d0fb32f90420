package org.hikyaku.admin;

import java.util.Optional;
import org.hikyaku.mail.Address;
import org.hikyaku.queue.Explainer;

/** Explains what becomes of an address, by command. */
public final class ExplainDesk {
    private final Explainer explainer;

    public ExplainDesk(Explainer explainer) {
        this.explainer = explainer;
    }

    /** Options: {@code address}, {@code from}, {@code user}, {@code client}. A row is a step or an end. */
    public ControlEnd explain(ControlRequest request, Rows rows) {
        String address = request.option("address").orElse("");
        String from = request.option("from").orElse("<>");
        Optional<Address> recipient =
                address.equalsIgnoreCase("postmaster") ? Optional.of(Address.barePostmaster()) : Address.parse(address);
        Optional<Address> sender = from.equals("<>") ? Optional.of(Address.NULL) : Address.parse(from);
        if (recipient.isEmpty() || sender.isEmpty()) {
            return ControlEnd.wrong((recipient.isEmpty() ? address : from) + " is no address; write user@domain");
        }
        explainer
                .explain(new Explainer.Case(
                        recipient.get(),
                        sender.get(),
                        request.option("user").orElse(""),
                        request.option("client").orElse("")))
                .forEach(rows::row);
        return ControlEnd.done();
    }
}
