package org.hikyaku.table;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.hikyaku.mail.Address;
import org.hikyaku.table.Found.Layer;
import org.jspecify.annotations.Nullable;

/**
 * Follows an address through tables, aliases and catch-alls to all its ends, each once. What comes out does not depend on the
 * order of lines: every address is looked at once, the nearest first, and one that leads back to itself means its mailbox
 * (or, within {@code addresses.virtual}, what comes behind that).
 *
 * <p><i>Failure:</i> an address without a mailbox that leads to itself leads nowhere by that way ({@link #loop}); one that
 * is deeper than {@link #DEPTH_MAX} is an end; beyond {@code local.expansion_max} all stops ({@link #tooMany}).
 */
final class Following {
    private static final int DEPTH_MAX = 50;
    /** Addresses looked at on the way: so many, and so many for each end that may be. */
    private static final int SEEN_MAX = 100;

    private static final int SEEN_FACTOR = 4;

    private final LocalDirectory directory;
    private final Address sender;
    private final int most;
    private final Steps steps;
    private final Map<String, Address> out = new LinkedHashMap<>();
    /** Where each that leads on leads. */
    private final Map<Node, List<Node>> ways = new LinkedHashMap<>();

    private final Set<Node> seen = new LinkedHashSet<>();
    private final Deque<Node> open = new ArrayDeque<>();
    private boolean met;
    private boolean tooMany;

    /**
     * An address with what is still to be asked of it.
     *
     * @param depth steps from the first
     */
    private record Node(String key, Layer layer, Address address, int depth) {
        @Override
        public boolean equals(@Nullable Object o) {
            return o instanceof Node other && key.equals(other.key) && layer == other.layer;
        }

        @Override
        public int hashCode() {
            return key.hashCode();
        }
    }

    Following(LocalDirectory directory, Address sender, int most, Steps steps) {
        this.directory = directory;
        this.sender = sender;
        this.most = most;
        this.steps = steps;
    }

    /** Follows {@code asked}; to be called once. */
    void follow(Address asked) {
        Node first = new Node(keyOf(asked), Layer.ALL, asked, 0);
        seen.add(first);
        open.add(first);
        while (!open.isEmpty() && !tooMany) {
            look(open.remove());
        }
        if (met) {
            for (Node node : ways.keySet()) {
                if (directory.hasMailbox(node.address) && !wayBack(node).isEmpty()) {
                    steps.step(node.address, "mailbox", "leads to itself", List.of());
                    put(node.address);
                }
            }
        }
    }

    /** The ends: mailboxes here, addresses elsewhere, and those of nobody. */
    Collection<Address> ends() {
        return out.values();
    }

    /** Whether there are more than may be. */
    boolean tooMany() {
        return tooMany;
    }

    /** The way by which {@code asked}, the first, leads back to itself without having a mailbox; empty if it does not. */
    String loop(Address asked) {
        Node first = new Node(keyOf(asked), Layer.ALL, asked, 0);
        return ways.containsKey(first) && !directory.hasMailbox(asked) ? String.join(" -> ", wayBack(first)) : "";
    }

    /** What identifies an address here: case counts only elsewhere. */
    private String keyOf(Address address) {
        return directory.isLocal(address.requireDomain()) || address.isPostmaster()
                ? address.localKey()
                : address.toString();
    }

    /** The keys on the shortest way from a node back to itself; empty when there is none. */
    private List<String> wayBack(Node from) {
        Map<Node, Node> before = new LinkedHashMap<>();
        Deque<Node> next = new ArrayDeque<>(List.of(from));
        while (!next.isEmpty()) {
            Node node = next.remove();
            for (Node to : ways.getOrDefault(node, List.of())) {
                if (to.equals(from)) {
                    return way(from, node, before);
                }
                if (before.putIfAbsent(to, node) == null) {
                    next.add(to);
                }
            }
        }
        return List.of();
    }

    private static List<String> way(Node from, Node last, Map<Node, Node> before) {
        Deque<String> keys = new ArrayDeque<>(List.of(from.key));
        for (Node node = last; node != null && !node.equals(from); node = before.get(node)) {
            keys.addFirst(node.key);
        }
        keys.addFirst(from.key);
        return List.copyOf(keys);
    }

    private void look(Node node) {
        Found found = directory.find(node.address, sender, node.layer);
        switch (found) {
            case Found.Aliased aliased
            when node.depth < DEPTH_MAX ->
                on(node, "alias", aliased.alias().where(), aliased.alias().to());
            case Found.Forward forward
            when node.depth < DEPTH_MAX -> on(node, forward.rule(), forward.where(), forward.to());
            case Found.Box box -> end(node, "mailbox", directory.whoseIs(box));
            case Found.Elsewhere elsewhere -> end(node, "elsewhere", "");
            default -> end(node, "nobody", "");
        }
    }

    private void end(Node node, String rule, String where) {
        steps.step(node.address, rule, where, List.of());
        put(node.address);
    }

    private void on(Node node, String rule, String where, List<Alias.Destination> destinations) {
        List<Address> to = new ArrayList<>();
        List<Node> next = new ArrayList<>();
        for (Alias.Destination each : destinations) {
            Address meant = directory.meant(each, node.address.requireDomain());
            to.add(meant);
            next.add(next(node, meant, each.direct(), rule.equals("alias")));
        }
        ways.put(node, next);
        steps.step(node.address, rule, where, to);
        for (Node each : next) {
            if (seen.add(each)) {
                open.add(each);
            } else {
                met = true;
            }
        }
        tooMany |= seen.size() > SEEN_MAX + SEEN_FACTOR * most;
    }

    /** What a line names itself by goes on behind that line. */
    private Node next(Node from, Address to, boolean direct, boolean alias) {
        String key = keyOf(to);
        Layer layer = !key.equals(from.key) ? Layer.ALL : alias ? Layer.MAILBOX : Layer.BEHIND_VIRTUAL;
        boolean past = direct && directory.isLocal(to.requireDomain());
        return new Node(key, past ? Layer.MAILBOX : layer, to, from.depth + 1);
    }

    private void put(Address to) {
        String key = directory.keyOf(to);
        if (!out.containsKey(key) && out.size() >= most) {
            tooMany = true;
        } else {
            out.putIfAbsent(key, to);
        }
    }
}
