FROM swift:6.3-bookworm AS build
RUN apt-get update \
    && apt-get install -y --no-install-recommends libcurl4-openssl-dev libmicrohttpd-dev libyaml-dev pkg-config \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY . .
RUN swift build -c release --static-swift-stdlib --product heartmesh \
    && install -D -s "$(swift build -c release --static-swift-stdlib --show-bin-path)/heartmesh" /out/heartmesh

FROM debian:bookworm-slim
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates libcurl4 libmicrohttpd12 libyaml-0-2 \
    && rm -rf /var/lib/apt/lists/*
COPY --from=build /out/heartmesh /usr/bin/heartmesh
# A number, so that Kubernetes can tell that it is not root.
USER 65532:65532
EXPOSE 9873 8873
ENTRYPOINT ["/usr/bin/heartmesh"]
CMD ["run"]
