# One image for all services. Which of them a container runs is its command: the name of a main class.
FROM maven:3.9-eclipse-temurin-25 AS build
WORKDIR /source
COPY . .
RUN --mount=type=cache,target=/root/.m2 \
    mvn -B -q -pl deploy -am package -Dmaven.test.skip=true -Dspotless.check.skip=true -Dcyclonedx.skip=true

FROM eclipse-temurin:25-jre
WORKDIR /tributary
# What changes seldom comes first: a new version of Tributary is a layer of its own few jars.
COPY --from=build /source/deploy/target/image/libraries libraries
COPY --from=build /source/deploy/health health
COPY --from=build /source/deploy/target/image/own own
USER 10001:10001
# Instances come and go: a name is asked for again after 2 s, not after the JVM's 30.
ENTRYPOINT ["java", "-XX:+UseSerialGC", "-XX:+UseCompactObjectHeaders", "-XX:+ExitOnOutOfMemoryError", "--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow", "-Djava.awt.headless=true", "-Dsun.net.inetaddr.ttl=2", "-cp", "/tributary/own/*:/tributary/libraries/*"]
