package org.hikyaku.mail;

/**
 * Where deliveries are counted together: the scheduler's key. First the recipient's domain; once routed, the group of
 * hosts that serve it, so that all domains of one provider share windows and connections.
 *
 * @param key {@code domain:example.org}, {@code mx:mx1.example.org,mx2.example.org}, {@code site:gmail}, {@code agent:maildir}, ...
 */
public record Site(String key) {
    private static final String BY = " by ";
    private static final String FROM = " from ";

    public static Site ofDomain(Domain domain) {
        return new Site("domain:" + domain.ascii());
    }

    /** That part of a domain's mail which goes another way than the rest. */
    public Site by(String way) {
        return new Site(key + BY + way);
    }

    /** The same for what leaves from a pool of addresses: how much it takes from there is another matter. */
    public Site from(String pool) {
        return new Site(key + FROM + pool);
    }

    /** Whatever address it is left from. */
    public Site sourceless() {
        int from = isDomain() ? -1 : key.lastIndexOf(FROM);
        return from < 0 ? this : new Site(key.substring(0, from));
    }

    /** Whether it is such a part. */
    public boolean isApart() {
        return isDomain() && key.indexOf(BY) >= 0;
    }

    /** The key of the domain that it is, or is a part of. */
    public String domainKey() {
        return isApart() ? key.substring(0, key.indexOf(BY)) : key;
    }

    /** Whether this is {@code domain}, or a part of it that goes a way of its own. */
    public boolean isPartOf(Site domain) {
        return key.equals(domain.key) || key.startsWith(domain.key + BY);
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
