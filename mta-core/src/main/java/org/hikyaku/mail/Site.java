package org.hikyaku.mail;

/**
 * Where deliveries are counted together: the scheduler's key. First the recipient's domain; once routed, the group of
 * hosts that serve it, so that all domains of one provider share windows and connections.
 *
 * @param key {@code domain:example.org}, {@code mx:mx1.example.org,mx2.example.org}, {@code site:gmail}, {@code agent:maildir}, ...
 */
public record Site(String key) {
    public static Site ofDomain(Domain domain) {
        return new Site("domain:" + domain.ascii());
    }

    /** Still by the recipient's domain, before it was routed. */
    public boolean isDomain() {
        return key.startsWith("domain:");
    }

    /** Made by a rule of the settings, of hosts that may have nothing but that in common. */
    public boolean isByRule() {
        return key.startsWith("site:");
    }

    @Override
    public String toString() {
        return key;
    }
}
