# dnnd as a container image: a build stage with the development packages, and a slim one that runs.
#
#   docker build -t dnnd .
#   docker run --rm --network host -v "$PWD/models:/models:ro" dnnd
#
# Without --network host the daemon must listen beyond its own loopback, which it does only with --allow-anonymous:
# deploy/compose/docker-compose.yml says so, for its internal network.
#
# buildah and podman: `--format docker`, or the health check is left out of the image.
ARG BASE=debian:bookworm-slim

FROM ${BASE} AS build
WORKDIR /src
COPY deploy/scripts/install-packages.sh deploy/scripts/
RUN deploy/scripts/install-packages.sh build
COPY . .
RUN cmake --preset release -DDNND_BUILD_TESTS=OFF -DCMAKE_CXX_COMPILER_LAUNCHER= \
 && cmake --build --preset release \
 && cmake --install build/release --prefix /opt/dnnd --strip

FROM ${BASE}
LABEL org.opencontainers.image.title="dnnd" \
      org.opencontainers.image.description="Serves neural networks over gRPC on CPUs" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY deploy/scripts/install-packages.sh /usr/local/share/dnnd/
RUN /usr/local/share/dnnd/install-packages.sh runtime \
 && rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/log/apt /var/log/dpkg.log \
 && useradd --uid 10001 --user-group --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin dnnd \
 && install -d -o dnnd -g dnnd /var/lib/dnnd
COPY --from=build /opt/dnnd/bin/dnnd /opt/dnnd/bin/dnnctl /usr/local/bin/
# The built-in models, so that a container answers before anything is mounted on /models.
COPY deploy/models/store /models
# Libraries that are missing are found here, and not at the first start.
RUN dnnd --version && dnnctl version

ENV DNND_MODEL_STORE=/models \
    DNND_STATE_DIR=/var/lib/dnnd
USER 10001:10001
WORKDIR /
EXPOSE 8000 8001
VOLUME /var/lib/dnnd
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 CMD ["dnnctl", "health"]
ENTRYPOINT ["dnnd"]
