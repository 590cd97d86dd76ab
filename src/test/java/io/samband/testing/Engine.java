package io.samband.testing;

import java.nio.file.Path;
import java.util.List;

/** What differs between the servers. One object serves one {@link LiveServer}, restarts included. */
interface Engine {
  /** The whole command, which begins with the JVM or with what supervises it. */
  List<String> command(LiveServer server);

  /** Puts a WAR at the context root; returns when the server has taken it. */
  void deploy(LiveServer server, Path war);

  /** Puts another WAR at the context root {@code /name}; returns when the server has taken it. */
  void deployBeside(LiveServer server, String name, Path war);

  /** Takes the WAR at the context root off; returns when it is off. */
  void undeploy(LiveServer server);

  /** Whether the server has refused a deployment. */
  boolean refused(LiveServer server);
}
