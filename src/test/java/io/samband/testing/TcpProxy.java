package io.samband.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A network to break, between a client and a server on this machine.
 *
 * <p>All methods may be called from any thread. {@link #close} ends every connection and the listener.
 */
public final class TcpProxy implements AutoCloseable {
  private enum Mode {
    PASS,
    CUT,
    BLACK_HOLE
  }

  private volatile URI server;
  private final ServerSocket listener;
  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
  private final Set<Socket> muted = ConcurrentHashMap.newKeySet();
  private final AtomicLong attempts = new AtomicLong();
  private Mode mode = Mode.PASS;

  /** Listens on a free port and passes everything on to {@code server}. */
  public static TcpProxy to(URI server) {
    try {
      return new TcpProxy(server);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private TcpProxy(URI server) throws IOException {
    this.server = server;
    listener = new ServerSocket(Ports.free(), 200, InetAddress.getLoopbackAddress());
    start("accept", this::accept);
  }

  /** Where clients find the server through this proxy. */
  public URI base() {
    return URI.create("http://127.0.0.1:" + listener.getLocalPort() + "/");
  }

  /** Everything passes, also what was held in the black hole. */
  public synchronized void pass() {
    mode = Mode.PASS;
    notifyAll();
  }

  /** Resets every connection, and every new one at once: the server's machine is there, its port is not. */
  public synchronized void cut() {
    mode = Mode.CUT;
    notifyAll();
    cutConnections();
  }

  /** Resets every connection of now; new ones pass. */
  public void cutConnections() {
    sockets.forEach(TcpProxy::reset);
    sockets.clear();
  }

  /** Resets every connection of now; new ones go to another server. */
  public void leadTo(URI otherServer) {
    server = otherServer;
    cutConnections();
  }

  /** Nothing passes and nobody is told: a pulled cable. */
  public synchronized void blackHole() {
    mode = Mode.BLACK_HOLE;
  }

  /** On connections of now, what clients send arrives, and what the server answers is thrown away. New ones pass. */
  public void muteConnections() {
    muted.addAll(sockets);
  }

  /** How many connections are open, clients' side. */
  public int connections() {
    return sockets.size() / 2;
  }

  /** How often somebody has tried to connect, with or without success. */
  public long attempts() {
    return attempts.get();
  }

  @Override
  public void close() {
    cut();
    try {
      listener.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void accept() {
    while (!listener.isClosed()) {
      try {
        Socket client = listener.accept();
        attempts.incrementAndGet();
        serve(client);
      } catch (IOException e) {
        // Closed, or the server does not answer: the client was told by a reset.
      }
    }
  }

  private void serve(Socket client) throws IOException {
    if (cutOff()) {
      reset(client);
      return;
    }
    start("connect", () -> connect(client));
  }

  private void connect(Socket client) {
    Socket upstream = new Socket();
    try {
      awaitPassage();
      URI to = server;
      upstream.connect(new InetSocketAddress(to.getHost(), to.getPort()), 5_000);
      client.setTcpNoDelay(true);
      upstream.setTcpNoDelay(true);
      sockets.add(client);
      sockets.add(upstream);
      if (cutOff()) {
        throw new IOException("cut");
      }
      start("to-server", () -> copy(client, upstream, false));
      copy(upstream, client, true);
    } catch (IOException e) {
      drop(client, upstream);
    }
  }

  private void copy(Socket from, Socket to, boolean answers) {
    byte[] buffer = new byte[16 * 1024];
    try {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        awaitPassage();
        if (!answers || !muted.contains(to)) {
          out.write(buffer, 0, read);
        }
      }
      awaitPassage();
      to.shutdownOutput();
      if (from.isOutputShutdown()) {
        sockets.remove(from);
        sockets.remove(to);
        from.close();
        to.close();
      }
    } catch (IOException e) {
      drop(from, to);
    }
  }

  private void drop(Socket one, Socket other) {
    sockets.remove(one);
    sockets.remove(other);
    reset(one);
    reset(other);
  }

  private synchronized boolean cutOff() {
    return mode == Mode.CUT;
  }

  private synchronized void awaitPassage() {
    while (mode == Mode.BLACK_HOLE) {
      try {
        wait();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }

  private static void reset(Socket socket) {
    try {
      socket.setSoLinger(true, 0); // close() then sends RST, not FIN
      socket.close();
    } catch (IOException e) {
      // It is closed already.
    }
  }

  private static void start(String what, Runnable task) {
    Thread thread = new Thread(task, "tcp-proxy-" + what);
    thread.setDaemon(true);
    thread.start();
  }
}
