package io.samband.settings;

/** Every key of the configuration, with its default and what is allowed. A test checks docs/settings.md against this list. */
public enum Setting {
  DATA_DIR("samband.data.dir", "samband-data", "the directory of the event log, made if missing"),
  DATA_SYNC(
      "samband.data.sync",
      "false",
      "true: an acknowledged event also survives a power failure, at the cost of a disk flush"),
  DATA_WAIT_MILLIS(
      "samband.data.wait-millis",
      60_000,
      0,
      3_600_000,
      "how long a deployment waits for a directory that another process is using, or for the server of the log, before it fails"),
  LOG_ENGINE(
      "samband.log.engine",
      "embedded",
      "embedded: a file of this node; postgresql or redis: a log that several nodes share"),
  RETAIN_EVENTS("samband.log.retain-events", 1_000_000, 1, "how many events are kept"),
  RETAIN_MILLIS(
      "samband.log.retain-millis", 604_800_000, 1_000, "how long an event is kept (7 days)"),
  RETAIN_BYTES("samband.log.retain-bytes", 1L << 30, 1 << 16, "how many bytes of events are kept"),
  PENDING_EVENTS(
      "samband.log.pending-events",
      10_000,
      1,
      10_000_000,
      "how many events wait in memory while the log cannot be written"),
  PUBLISH_WAIT_MILLIS(
      "samband.publish.wait-millis",
      2_000,
      1,
      600_000,
      "the log counts as failing after so long without progress while events wait (at least 250)"),
  EVENT_MAX_DATA_BYTES(
      "samband.event.max-data-bytes",
      65_536,
      16,
      524_288,
      "the largest data of one event, encoded"),
  KEEPALIVE_MILLIS(
      "samband.stream.keepalive-millis",
      15_000,
      1_000,
      3_600_000,
      "a quiet stream gets a keepalive after this"),
  RETRY_MILLIS(
      "samband.stream.retry-millis",
      2_000,
      0,
      3_600_000,
      "the reconnect delay that is suggested to browsers"),
  STALL_MILLIS(
      "samband.stream.stall-millis",
      30_000,
      1_000,
      3_600_000,
      "a subscriber that accepts no byte for this long is closed"),
  RING_BYTES(
      "samband.stream.ring-bytes",
      8 << 20,
      1 << 20,
      1 << 30,
      "memory for the newest frames; a subscriber that is further behind reads from the disk"),
  WORKERS("samband.stream.workers", 1, 1, 64, "threads that write to subscribers"),
  MAX_LIFETIME_MILLIS(
      "samband.stream.max-lifetime-millis",
      0,
      0,
      31_536_000_000L,
      "the longest life of a stream, spread over 80-100 % of this; 0: no limit"),
  DRAIN_MILLIS(
      "samband.stream.drain-millis",
      5_000,
      0,
      600_000,
      "at a shutdown browsers are told to come back within this, spread evenly"),
  MAX_SUBSCRIBERS(
      "samband.stream.max-subscribers",
      0,
      0,
      "open streams in all; more get 503; 0: as many as the heap can hold"),
  MAX_SUBSCRIBERS_PER_ADDRESS(
      "samband.stream.max-subscribers-per-address",
      0,
      0,
      "open streams of one address; more get 503; 0: no limit"),
  MAX_SUBSCRIBERS_PER_USER(
      "samband.stream.max-subscribers-per-user",
      20,
      0,
      "open streams of one user; more get 503; 0: no limit"),
  POLL_MILLIS(
      "samband.poll.millis", 5_000, 100, 3_600_000, "how often a browser that cannot stream polls"),
  OUTBOX_DATA_SOURCE(
      "samband.outbox.data-source",
      "",
      "JNDI name of the JTA data source with the outbox (docs/outbox.md); empty: no outbox"),
  OUTBOX_CREATE_TABLE(
      "samband.outbox.create-table",
      "false",
      "true: the tables of the outbox are made at the start if they are missing"),
  DISPATCH_DATA_SOURCE(
      "samband.dispatch.data-source",
      "",
      "JNDI name of the JTA data source with the vehicles of the example module; default: the server's default one"),
  HEALTH_READY_NEEDS_LOG(
      "samband.health.ready-needs-log",
      "",
      "true: /api/health/ready answers 503 while the event log cannot be written; by default true if several nodes share it"),
  AUTH_MODE(
      "samband.auth.mode",
      "local",
      "local: only programs of this machine; required: only who has an identity; open: everybody"),
  AUTH_COOKIE(
      "samband.auth.cookie",
      "__Host-samband",
      "the cookie in which a login application puts the token"),
  AUTH_CONTAINER_ROLES(
      "samband.auth.container-roles",
      "",
      "roles to ask the container for, comma-separated; names its login as a source of identities"),
  AUTH_SUBSCRIBE(
      "samband.auth.subscribe",
      "*:*",
      "who may receive which event types: role:type,type; role:type (* is every role or type)"),
  AUTH_PUBLISH("samband.auth.publish", "", "who may publish which event types; by default nobody"),
  AUTH_ADMIN(
      "samband.auth.admin",
      "",
      "roles that may see and end streams, read metrics and send test events; by default nobody"),
  HTTP_PATH(
      "samband.http.path",
      "/api",
      "where the calls are, below the context root: /api/sse, /api/health/ready and so on"),
  HOSTS(
      "samband.http.hosts",
      "",
      "host names under which browsers reach this deployment, comma-separated; others get 421"),
  ALLOWED_ORIGINS(
      "samband.http.allowed-origins",
      "",
      "other origins whose pages may use the API, comma-separated, e.g. https://desk.example"),
  TRUSTED_PROXIES(
      "samband.http.trusted-proxies",
      "",
      "addresses of proxies whose Forwarded and X-Forwarded-For are believed, comma-separated"),
  JWT_ISSUER("samband.auth.jwt.issuer", "", "required value of the claim iss"),
  JWT_AUDIENCE("samband.auth.jwt.audience", "", "required value in the claim aud"),
  JWT_KEYS(
      "samband.auth.jwt.keys",
      "",
      "the https URL of a JWKS, or the path of a JWKS, of a PEM public key, or (HS256) of a secret of at least 32 bytes"),
  JWT_ALGORITHMS(
      "samband.auth.jwt.algorithms",
      "RS256,ES256",
      "accepted signature algorithms, comma-separated; HS256 only alone"),
  JWT_CLOCK_SKEW_MILLIS(
      "samband.auth.jwt.clock-skew-millis", 30_000, 0, 600_000, "tolerance for exp and nbf"),
  JWT_USER_CLAIM("samband.auth.jwt.user-claim", "sub", "the claim that names the user"),
  JWT_ROLES_CLAIM(
      "samband.auth.jwt.roles-claim",
      "groups",
      "the claim that lists the roles; a path such as realm_access.roles is allowed"),
  JWT_ATTRIBUTE_CLAIMS(
      "samband.auth.jwt.attribute-claims",
      "",
      "claim=name pairs, comma-separated: stations=station makes attributes such as station:B12"),
  NODE_NAME(
      "samband.node.name",
      "",
      "how this node is called in logs and answers; default: its host name"),
  POSTGRESQL_URL(
      "samband.postgresql.url",
      "",
      "JDBC URL of the shared log; several hosts are allowed, and the primary among them is used"),
  POSTGRESQL_USER("samband.postgresql.user", "", "who signs in there; may make the schema"),
  POSTGRESQL_PASSWORD_FILE(
      "samband.postgresql.password-file",
      "",
      "the path of a file with the password; read for each connection"),
  POSTGRESQL_SCHEMA(
      "samband.postgresql.schema", "samband", "the schema of the log, made if missing"),
  POSTGRESQL_SYNCHRONOUS(
      "samband.postgresql.synchronous",
      "false",
      "true: a server without synchronous_standby_names is refused"),
  REDIS_URL(
      "samband.redis.url",
      "",
      "where the shared log is: redis://host:port, rediss:// with TLS, user@ and /database if needed"),
  REDIS_SENTINELS(
      "samband.redis.sentinels",
      "",
      "instead of the URL: host:port of the Sentinels, comma-separated; with TLS rediss://host:port"),
  REDIS_MASTER("samband.redis.master", "", "the name that the Sentinels give the primary"),
  REDIS_PASSWORD_FILE(
      "samband.redis.password-file",
      "",
      "the path of a file with the password; read for each connection"),
  REDIS_KEY_PREFIX(
      "samband.redis.key-prefix", "samband", "all keys of the log begin with this, in braces"),
  REDIS_REPLICAS(
      "samband.redis.replicas",
      0,
      0,
      100,
      "how many replicas must have an event before it is acknowledged and delivered");

  private final String key;
  private final String defaultValue;
  private final Long min;
  private final Long max;
  private final String meaning;

  Setting(String key, String defaultValue, String meaning) {
    this(key, defaultValue, null, null, meaning);
  }

  Setting(String key, long defaultValue, long min, String meaning) {
    this(key, defaultValue, min, Long.MAX_VALUE / 2, meaning);
  }

  Setting(String key, long defaultValue, long min, long max, String meaning) {
    this(key, Long.toString(defaultValue), (Long) min, (Long) max, meaning);
  }

  Setting(String key, String defaultValue, Long min, Long max, String meaning) {
    this.key = key;
    this.defaultValue = defaultValue;
    this.min = min;
    this.max = max;
    this.meaning = meaning;
  }

  public String key() {
    return key;
  }

  public String defaultValue() {
    return defaultValue;
  }

  public String meaning() {
    return meaning;
  }

  /** The largest value of a setting that is a number. */
  long max() {
    return max;
  }

  boolean isNumber() {
    return min != null;
  }

  long parseNumber(String value) {
    try {
      long number = Long.parseLong(value.trim());
      if (number >= min && number <= max) {
        return number;
      }
    } catch (NumberFormatException e) {
      // Falls through: a text and a number out of range get the same answer.
    }
    throw new BadSettingException(key, value, allowedNumbers());
  }

  private String allowedNumbers() {
    return max == Long.MAX_VALUE / 2
        ? "a whole number of at least " + min
        : "a whole number from " + min + " to " + max;
  }
}
