package org.hikyaku.dns;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;

/** A DNS server on loopback, UDP and TCP, whose answers are a function of the test. */
final class StubServer implements AutoCloseable {
    /** Empty: no answer at all. */
    interface Script {
        Optional<Message> answer(Message query, boolean tcp) throws IOException;
    }

    final List<String> asked = Collections.synchronizedList(new ArrayList<>());
    private final DatagramSocket udp;
    private final ServerSocket tcp;
    private final InetSocketAddress address;
    private volatile Script script;

    StubServer(Script script) throws IOException {
        this.script = script;
        InetAddress loopback = InetAddress.getLoopbackAddress();
        tcp = new ServerSocket(0, 10, loopback);
        udp = new DatagramSocket(tcp.getLocalPort(), loopback);
        address = new InetSocketAddress(loopback, tcp.getLocalPort());
        Thread.ofPlatform().daemon().start(this::serveUdp);
        Thread.ofPlatform().daemon().start(this::serveTcp);
    }

    void script(Script other) {
        script = other;
    }

    InetSocketAddress address() {
        return address;
    }

    /** An answer to {@code query} with lines {@code name ttl type data} in the section of answers. */
    static Message reply(Message query, int rcode, String... records) {
        Message reply = new Message(query.getHeader().getID());
        reply.getHeader().setFlag(Flags.QR);
        reply.getHeader().setFlag(Flags.RA);
        reply.getHeader().setRcode(rcode);
        reply.addRecord(query.getQuestion(), Section.QUESTION);
        for (String record : records) {
            boolean authority = record.contains(" SOA ") || record.contains(" NS ");
            reply.addRecord(record(record), authority ? Section.AUTHORITY : Section.ANSWER);
        }
        return reply;
    }

    static Record record(String text) {
        String[] parts = text.split(" ", 4);
        try {
            return Record.fromString(
                    Name.fromString(parts[0]),
                    Type.value(parts[2]),
                    DClass.IN,
                    Long.parseLong(parts[1]),
                    parts[3],
                    Name.root);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Optional<Message> answer(byte[] wire, boolean overTcp) throws IOException {
        Message query = new Message(wire);
        asked.add(query.getQuestion().getName() + " "
                + Type.string(query.getQuestion().getType()) + (overTcp ? " tcp" : ""));
        return script.answer(query, overTcp);
    }

    private void serveUdp() {
        byte[] buffer = new byte[4096];
        try {
            while (true) {
                DatagramPacket packet = new DatagramPacket(buffer, buffer.length);
                udp.receive(packet);
                Optional<Message> answer = answer(Arrays.copyOf(buffer, packet.getLength()), false);
                if (answer.isPresent()) {
                    byte[] out = answer.get().toWire();
                    udp.send(new DatagramPacket(out, out.length, packet.getSocketAddress()));
                }
            }
        } catch (IOException e) {
            // closed
        }
    }

    private void serveTcp() {
        try {
            while (true) {
                try (Socket socket = tcp.accept()) {
                    DataInputStream in = new DataInputStream(socket.getInputStream());
                    Optional<Message> answer = answer(in.readNBytes(in.readUnsignedShort()), true);
                    if (answer.isPresent()) {
                        byte[] out = answer.get().toWire();
                        DataOutputStream stream = new DataOutputStream(socket.getOutputStream());
                        stream.writeShort(out.length);
                        stream.write(out);
                        stream.flush();
                        socket.getInputStream().read();
                    }
                }
            }
        } catch (IOException e) {
            // closed
        }
    }

    @Override
    public void close() throws IOException {
        udp.close();
        tcp.close();
    }
}
