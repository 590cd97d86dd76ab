package io.samband.testing;

import java.nio.file.Path;
import java.util.List;

/** Payara Server or GlassFish: a {@link Domain} that the script of {@code server-config} has set up, told what to deploy by {@code asadmin}. */
final class DomainEngine implements Engine {
  private final Domain.Product product;
  private Domain domain;
  private Path deployed;
  private boolean hasStarted;
  private int startMark;

  private DomainEngine(Domain.Product product) {
    this.product = product;
  }

  static DomainEngine payara() {
    return new DomainEngine(Domain.Product.PAYARA);
  }

  static DomainEngine glassfish() {
    return new DomainEngine(Domain.Product.GLASSFISH);
  }

  @Override
  public List<String> command(LiveServer server) {
    if (domain == null) {
      domain = Domain.configured(product, server.directory("domains"), server.jvmFlags());
      domain.listen(server.port(), server.httpsPort());
      if (server.isCompressing()) {
        domain.edit(text -> text.replaceFirst(
            "(<protocol name=\"http-listener-1\">\\s*<http )", "$1compression=\"force\" "));
      }
    }
    hasStarted = deployed != null;
    startMark = server.log().length();
    return domain.command(server.jvmFlags());
  }

  @Override
  public void deploy(LiveServer server, Path war) {
    boolean isThere = hasStarted && war.equals(deployed);
    hasStarted = false;
    if (!isThere) {
      tell(server, "deploy", "--force", "--name", "samband", "--contextroot", "/", war.toString());
    }
    deployed = war;
  }

  @Override
  public void deployBeside(LiveServer server, String name, Path war) {
    tell(server, "deploy", "--force", "--name", name, "--contextroot", name, war.toString());
  }

  @Override
  public void undeploy(LiveServer server) {
    tell(server, "undeploy", "samband");
    deployed = null;
  }

  /** {@code asadmin} says it. */
  @Override
  public boolean refused(LiveServer server) {
    return false;
  }

  @Override
  public String toString() {
    return product.toString();
  }

  private void tell(LiveServer server, String... command) {
    server.await(
        Domain.START, "no administration", () -> Domain.isUp(server.log().substring(startMark)));
    Domain.Answer answer = domain.asadmin(command);
    if (!answer.isGood()) {
      throw new LiveServer.DeploymentFailed(answer.text(), server.log());
    }
  }
}
