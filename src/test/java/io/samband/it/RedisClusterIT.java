package io.samband.it;

import io.samband.testing.RedisServer;
import java.util.Map;

class RedisClusterIT extends ClusterScenarios {
  private RedisServer server;

  @Override
  int startServer() {
    server = RedisServer.start();
    return server.at().getPort();
  }

  @Override
  Map<String, String> settings(int port) {
    return Map.of("samband.log.engine", "redis", "samband.redis.url", "redis://127.0.0.1:" + port);
  }

  @Override
  void killServer() {
    server.kill();
  }

  @Override
  void startServerAgain() {
    server.restart();
  }

  @Override
  void freezeServer() {
    server.freeze();
  }

  @Override
  void thawServer() {
    server.thaw();
  }

  @Override
  void stopServer() {
    if (server != null) {
      server.close();
    }
  }

  @Override
  String threads() {
    return "commons-pool";
  }
}
