package org.hikyaku.table;

/** Which of a domain's addresses a set or a table says something of. */
public enum DomainShare {
    NONE,
    /** One may differ from another. */
    SOME,
    /** Of each the same. */
    ALL;

    /** Where both must say something. */
    public DomainShare and(DomainShare other) {
        return this == NONE || other == NONE ? NONE : this == SOME ? SOME : other;
    }
}
