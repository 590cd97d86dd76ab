package io.samband.it;

import io.samband.testing.RedisServer;
import java.util.Map;

class RedisClusterIT extends ClusterScenarios {
  private RedisServer server;

  @Override
  Map<String, String> startServer() {
    server = RedisServer.start();
    return Map.of("samband.log.engine", "redis", "samband.redis.url", server.url());
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
