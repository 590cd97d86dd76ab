package io.samband.testing;

import java.io.BufferedReader;
import java.io.File;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Payara Micro with a handle: deploys and undeploys as the lines on its standard input say. Payara Micro
 * itself deploys at its start only.
 *
 * <p>Runs in the server's process with nothing of ours on the class path but this class, hence the
 * reflection. Arguments: the HTTP port,
 * and any more for Payara Micro itself.
 */
final class PayaraLauncher {
  /** Printed with the number of the command that is done. */
  static final String DONE = "PayaraLauncher: done ";

  private PayaraLauncher() {}

  public static void main(String[] args) throws Exception {
    // As `java -jar` does it: another class loader (PayaraMicro.getInstance) does not see the
    // multi-release classes of Payara's jars, and JSON-B then writes records as {}.
    List<String> arguments = new ArrayList<>(List.of("--nocluster", "--nohazelcast", "--port"));
    arguments.addAll(List.of(args));
    Object micro = Class.forName("fish.payara.micro.boot.PayaraMicroLauncher")
        .getMethod("create", String[].class)
        .invoke(null, (Object) arguments.toArray(String[]::new));
    Class<?> runtime = Class.forName("fish.payara.micro.PayaraMicroRuntime");
    Object server = Class.forName("fish.payara.micro.boot.PayaraMicroBoot")
        .getMethod("getRuntime")
        .invoke(micro);
    BufferedReader commands =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    int done = 0;
    for (String line = commands.readLine(); line != null; line = commands.readLine()) {
      String[] command = line.split("\t", 3);
      switch (command[0]) {
        case "deploy" ->
          runtime
              .getMethod("deploy", String.class, String.class, File.class)
              .invoke(server, "samband", "/", new File(command[1]));
        case "beside" ->
          runtime
              .getMethod("deploy", String.class, String.class, File.class)
              .invoke(server, command[1], command[1], new File(command[2]));
        case "undeploy" -> runtime.getMethod("undeploy", String.class).invoke(server, "samband");
        default -> throw new IllegalArgumentException(line);
      }
      System.out.println(DONE + ++done);
    }
    System.exit(0); // Whoever started us is gone.
  }
}
