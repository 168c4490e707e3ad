# `docker build -t callweave .`, then `docker run callweave worker`, `docker run callweave status`, …
# Debian, because the Temporal SDK's native part needs glibc.
FROM node:24.21.0-bookworm-slim AS build
WORKDIR /app
COPY .npmrc package.json package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY tsconfig.json tsconfig.build.json ./
COPY scripts/build-types.mjs scripts/prepare.mjs scripts/
COPY src src
# The optional packages are those of `callweave dev`, and the compiler behind the workflow bundle, which is built by then.
RUN npm run build && npm prune --omit=dev --omit=optional --no-audit --no-fund && rm dist/.tsbuildinfo
# The SDK ships native code for five platforms, some 27 MB each; keep one. `ls` fails if this platform is not among them.
RUN releases=node_modules/@temporalio/core-bridge/releases \
    && ls "$releases/$(uname -m)-unknown-linux-gnu/index.node" \
    && find "$releases" -mindepth 1 -maxdepth 1 ! -name "$(uname -m)-unknown-linux-gnu" -exec rm -r {} +

FROM node:24.21.0-bookworm-slim
# The pipeline adds source and revision, which this file cannot know.
LABEL org.opencontainers.image.title="callweave" \
      org.opencontainers.image.description="A durable Temporal worker that drains call-tracking APIs into one merged MongoDB document per call" \
      org.opencontainers.image.version="0.1.0" \
      org.opencontainers.image.licenses="MIT"
# The SDK uses the system's certificates for TLS connections. Debian removes old versions, so a pinned one would stop the
# build some day.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY LICENSE ./
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/dist dist
# For `docker exec`.
RUN chmod +x dist/cli.js && ln -s /app/dist/cli.js /usr/local/bin/callweave
# A page may be 128 MiB of JSON. Give the container at least 512 MiB more than this heap.
ENV NODE_ENV=production \
    NODE_OPTIONS=--max-old-space-size=1536 \
    CALLWEAVE_HEALTH_ADDRESS=0.0.0.0:8080
EXPOSE 8080
# The image's user "node", as a number: Kubernetes cannot see from a name that a user is not root. A worker writes no file, so
# the root file system may be read-only.
USER 1000:1000
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s --retries=3 \
    CMD ["node", "-e", "fetch('http://127.0.0.1:' + process.env.CALLWEAVE_HEALTH_ADDRESS.split(':').at(-1) + '/readyz').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
# No shell or npm in between, so that SIGTERM reaches the worker.
ENTRYPOINT ["node", "/app/dist/cli.js"]
CMD ["worker"]
