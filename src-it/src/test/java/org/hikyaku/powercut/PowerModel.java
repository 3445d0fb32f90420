package org.hikyaku.powercut;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.hikyaku.powercut.Inode.Change;
import org.hikyaku.powercut.Inode.Naming;
import org.jspecify.annotations.Nullable;

/**
 * The recorded directory at a line of the record, and what a power cut there may leave of it: all that was written to a
 * file before a force of it began that has returned; all names that were given or taken in a directory before a force of
 * that directory; of everything else any sectors, any names, any size between. A force of a file says nothing of its
 * name, and a name nothing of the file.
 *
 * <p>Goes forward only. Calls that are known to have succeeded are looked up by name from their begin on, since others
 * may see their effect before their end is seen; whether they are on the disk is left open all the same.
 */
final class PowerModel {
    private static final int SIZE_MAX = 1 << 30;

    private final List<Op> begins;
    private final List<Op.Force> ends;
    private final Inode root = new Inode(true);
    private final Map<String, Inode> live = new HashMap<>();
    private final Map<Op.Force, Inode> forcing = new HashMap<>();
    private final Set<Inode> unforced = new HashSet<>();
    /** Renames of which one half was forced. */
    private final Set<Integer> settledActs = new HashSet<>();

    private int begun;
    private int ended;
    private int cut;

    PowerModel(List<Op> ops) {
        this.begins = ops;
        this.ends = ops.stream()
                .filter(Op.Force.class::isInstance)
                .map(Op.Force.class::cast)
                .sorted(Comparator.comparingInt(force -> force.span().end()))
                .toList();
        live.put("", root);
    }

    /** Everything seen on the lines before {@code line} has happened. */
    void advance(int line) {
        cut = line;
        while (begun < begins.size() && begins.get(begun).span().begin() < line) {
            Op next = begins.get(begun);
            endForces(next.span().begin());
            begin(next, begun);
            begun++;
        }
        endForces(line);
    }

    private void endForces(int line) {
        while (ended < ends.size() && ends.get(ended).span().isBefore(line)) {
            Op.Force force = ends.get(ended++);
            Inode inode = forcing.remove(force);
            if (inode != null) {
                for (Naming naming : inode.force(force.span().begin())) {
                    settledActs.add(naming.act());
                }
                if (inode.changes.isEmpty()) {
                    unforced.remove(inode);
                }
            }
        }
    }

    private void begin(Op op, int act) {
        switch (op) {
            case Op.Make make -> name(make.path(), make.span(), new Inode(make.directory()), act);
            case Op.Write write -> {
                int offset = Math.toIntExact(write.offset());
                change(write.path(), new Change(write.span(), offset, write.octets(), offset + write.octets().length));
            }
            case Op.Size size ->
                change(size.path(), new Change(size.span(), 0, null, (int) Math.min(size.size(), SIZE_MAX)));
            case Op.Rename rename -> {
                Inode moved = known(rename.from());
                if (moved.directory) {
                    throw new IllegalStateException("a directory is renamed: " + rename);
                }
                name(rename.from(), rename.span(), null, act);
                name(rename.to(), rename.span(), moved, act);
            }
            case Op.Remove remove -> name(remove.path(), remove.span(), null, act);
            case Op.Force force -> forcing.put(force, known(force.path()));
            case Op.Promise promise -> {}
        }
    }

    private void change(String path, Change change) {
        Inode inode = known(path);
        inode.changes.add(change);
        unforced.add(inode);
    }

    private void name(String path, Op.Span span, @Nullable Inode inode, int act) {
        int slash = path.lastIndexOf('/');
        Inode parent = known(slash < 0 ? "" : path.substring(0, slash));
        parent.namings.add(new Naming(span, path.substring(slash + 1), inode, act));
        if (inode == null) {
            live.remove(path);
        } else {
            live.put(path, inode);
        }
    }

    private Inode known(String path) {
        Inode inode = live.get(path);
        if (inode == null) {
            throw new IllegalStateException("the record does not tell where this came from: " + path);
        }
        return inode;
    }

    /** The line where the newest write began that is not forced; 0 when there is none. */
    int lastUnforced() {
        return unforced.stream()
                .flatMap(inode -> inode.changes.stream())
                .mapToInt(change -> change.span().begin())
                .max()
                .orElse(0);
    }

    /** One of the trees that a power cut now may leave. */
    Image image(Loss loss, Random chance) {
        Image image = new Image(new TreeMap<>(), new TreeMap<>(), new TreeSet<>());
        collect(root, "", image, new Draw(loss, chance, new HashMap<>()));
        return image;
    }

    private record Draw(Loss loss, Random chance, Map<Integer, Boolean> acts) {
        boolean by(Op.Span span, double probability) {
            return span.isBefore(loss.kept()) || chance.nextDouble() < probability;
        }
    }

    private void collect(Inode directory, String path, Image image, Draw draw) {
        names(directory, draw).forEach((name, inode) -> {
            String full = path.isEmpty() ? name : path + "/" + name;
            if (inode.directory) {
                image.directories().add(full);
                collect(inode, full, image, draw);
            } else {
                image.files().put(full, content(inode, draw));
                if (inode.changes.isEmpty()) {
                    image.settled().put(full, inode);
                }
            }
        });
    }

    /** A name is what the last change of it made of it that reached the disk. */
    private Map<String, Inode> names(Inode directory, Draw draw) {
        Map<String, Inode> names = new LinkedHashMap<>(directory.forcedNames);
        for (Naming naming : directory.namings) {
            if (isThere(naming, draw)) {
                Inode.apply(names, naming);
            }
        }
        return names;
    }

    private boolean isThere(Naming naming, Draw draw) {
        double names = draw.loss().names();
        if (!draw.loss().atomic()) {
            return draw.by(naming.span(), names);
        }
        return settledActs.contains(naming.act())
                || draw.acts().computeIfAbsent(naming.act(), act -> draw.by(naming.span(), names));
    }

    private byte[] content(Inode file, Draw draw) {
        if (file.changes.isEmpty()) {
            return file.settled();
        }
        int size = size(file, draw);
        int most = file.changes.stream().mapToInt(Change::end).max().orElse(0);
        byte[] all = file.forced(Math.max(most, size));
        int grain = draw.loss().grain();
        int[] newest = new int[all.length / grain + 1];
        Arrays.fill(newest, -1);
        for (int i = 0; i < file.changes.size(); i++) {
            Change change = file.changes.get(i);
            if (change.octets() != null) {
                for (int sector = change.offset() / grain; sector * grain < change.end(); sector++) {
                    if (draw.by(change.span(), draw.loss().data())) {
                        newest[sector] = i;
                    }
                }
            }
        }
        // a sector is as it was after the newest write of it that reached the disk, older ones included
        for (int i = 0; i < file.changes.size(); i++) {
            copy(file.changes.get(i), i, grain, newest, all);
        }
        return Arrays.copyOf(all, size);
    }

    private static void copy(Change change, int number, int grain, int[] newest, byte[] all) {
        byte[] octets = change.octets();
        if (octets == null) {
            return;
        }
        for (int sector = change.offset() / grain; sector * grain < change.end(); sector++) {
            if (number <= newest[sector]) {
                int from = Math.max(sector * grain, change.offset());
                int to = Math.min((sector + 1) * grain, change.end());
                System.arraycopy(octets, from - change.offset(), all, from, to - from);
            }
        }
    }

    /** Any of the sizes it had since it was forced, sometimes one between. */
    private static int size(Inode file, Draw draw) {
        List<Integer> reached = new ArrayList<>(List.of(file.forcedSize()));
        int now = file.forcedSize();
        for (Change change : file.changes) {
            int before = now;
            now = change.octets() == null ? change.end() : Math.max(now, change.end());
            if (draw.by(change.span(), Math.max(draw.loss().data(), draw.loss().names()))) {
                reached.add(now);
            } else if (draw.loss().data() > 0 && now > before && draw.chance().nextInt(4) == 0) {
                reached.add(before + draw.chance().nextInt(now - before));
            }
        }
        return reached.getLast();
    }

    int cut() {
        return cut;
    }
}
