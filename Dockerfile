# syntax=docker/dockerfile:1
# Samband on Payara Micro. Build: docker build -t samband .   Run: see docker-compose.yml

# The result runs on any platform; Node is fetched for this platform only.
FROM --platform=linux/amd64 eclipse-temurin:17-jdk AS build
WORKDIR /src
# unzip: without it the Maven wrapper takes a file that has another checksum.
RUN apt-get update && apt-get install -y --no-install-recommends unzip && rm -rf /var/lib/apt/lists/*
COPY . .
# servers.phase/skip: it also puts payara-micro.jar, of the version that the tests ran
# with, under target/servers.
RUN ./mvnw --batch-mode --no-transfer-progress package -DskipTests -Dservers.phase=package -Dservers.skip=false
# The driver that is in the WAR, for a data source of the server (server-config/payara-micro/board.asadmin).
RUN unzip -j target/samband.war 'WEB-INF/lib/postgresql-*.jar' -d target/driver && mv target/driver/postgresql-*.jar target/postgresql.jar

FROM eclipse-temurin:17-jre
# curl: for run-guarded and the health check. /data belongs to the user of the process, and so does a new volume.
RUN apt-get update && apt-get install -y --no-install-recommends curl && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --no-create-home samband && install -d -o samband /data
COPY --from=build /src/target/servers/payara-micro.jar /opt/samband/
COPY --from=build /src/target/samband.war /opt/samband/
COPY --from=build /src/target/postgresql.jar /opt/samband/
COPY --chmod=755 server-config/run-guarded /opt/samband/
COPY server-config/payara-micro/*.asadmin /opt/samband/
USER 10001
ENV SAMBAND_DATA_DIR=/data
VOLUME /data
EXPOSE 8080
# default-buffer-size: what a stream writes goes straight to its socket, and not through a buffer of 8 kB that Grizzly makes for
# each write (docs/performance.md).
# Only /tmp (a tmpfs) and /data are written to. exec form: SIGTERM reaches run-guarded, which passes it on to Java, which drains
# every stream. run-guarded ends the container when the deployment has failed: Payara Micro would go on without the application.
ENTRYPOINT ["/opt/samband/run-guarded", "http://127.0.0.1:8080/api/health/live", \
    "java", "-Xmx768m", "-XX:+ExitOnOutOfMemoryError", "-Djava.io.tmpdir=/tmp", \
    "-Dorg.glassfish.grizzly.http.io.OutputBuffer.default-buffer-size=512", \
    "-jar", "/opt/samband/payara-micro.jar", "--nocluster", "--nohazelcast", \
    "--contextroot", "/", "--port", "8080", \
    "--prebootcommandfile", "/opt/samband/pre-boot.asadmin", \
    "--postbootcommandfile", "/opt/samband/post-boot.asadmin", \
    "--postdeploycommandfile", "/opt/samband/post-deploy.asadmin", \
    "--deploy", "/opt/samband/samband.war"]
HEALTHCHECK --interval=5s --timeout=3s --start-period=60s --retries=3 \
    CMD ["curl", "-fsS", "http://127.0.0.1:8080/api/health/live"]
