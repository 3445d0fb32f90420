package org.hikyaku.deliver;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.hikyaku.mail.Address;
import org.hikyaku.mime.Downgrade;
import org.hikyaku.mime.DropHeaders;
import org.hikyaku.mime.PrependHeaders;
import org.hikyaku.mime.Transform;

/**
 * A message as it ends on this host: Return-Path on top (RFC 5321 4.4) in place of any that was there, and Delivered-To; binary
 * parts are encoded where lines are kept.
 */
final class LocalForm {
    private LocalForm() {}

    /** What the place makes of it. */
    interface Place {
        /**
         * From the message, with the header it has here, to what the place gets.
         *
         * @param lines false: of what must not be touched each octet stays, CRLF and all
         */
        Transform form(Transform own, boolean lines);
    }

    /**
     * The whole way from the stored message.
     *
     * @param dropped further fields that the place does not want
     */
    static Transform of(Delivery delivery, Address sender, Address recipient, List<String> dropped, Place place)
            throws IOException {
        String lines = "Return-Path: <" + sender + ">\r\nDelivered-To: " + recipient + "\r\n";
        List<String> fields = new ArrayList<>(List.of("Return-Path"));
        fields.addAll(dropped);
        Transform own = new DropHeaders(fields).then(new PrependHeaders(lines.getBytes(StandardCharsets.UTF_8)));
        if (!delivery.message().envelope().wishes().binary()) {
            return place.form(own, true);
        }
        // RFC 3030 3: every bit is kept. In a file of lines only an encoding does so, else the file has them as they
        // came
        return switch (Downgrade.plan(delivery.message().content(), Downgrade.Way.BINARY_TO_EIGHT)) {
            case Downgrade.Plan.Can can -> place.form(new Downgrade(can).then(own), true);
            case Downgrade.Plan.Cannot cannot -> place.form(own, false);
        };
    }
}
