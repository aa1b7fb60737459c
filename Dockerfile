# syntax=docker/dockerfile:1
# One image for every process; the command says which: node --enable-source-maps apps/<service>/dist/main.js
ARG NODE_IMAGE=node:20-bookworm-slim

# Only the manifests, so that the layer with the dependencies changes when they do and not with every source file.
FROM ${NODE_IMAGE} AS manifests
WORKDIR /source
COPY . .
RUN mkdir /manifests \
  && find . -maxdepth 3 \( -name package.json -o -name package-lock.json -o -name .npmrc \) -not -path '*/node_modules/*' \
    -exec cp --parents '{}' /manifests \;

FROM ${NODE_IMAGE} AS build
WORKDIR /app
ENV NX_DAEMON=false NX_TUI=false CI=true
COPY --from=manifests /manifests ./
RUN --mount=type=cache,target=/root/.npm npm ci
COPY . .
RUN npm run build \
  && npm prune --omit=dev \
  && rm -rf .nx apps/*/src libs/*/src

FROM ${NODE_IMAGE}
ENV NODE_ENV=production \
  ROUNDHOUSE_HTTP_HOST=0.0.0.0 \
  ROUNDHOUSE_HTTP_PORT=8080 \
  ROUNDHOUSE_HEALTH_HOST=0.0.0.0 \
  ROUNDHOUSE_HEALTH_PORT=9090 \
  ROUNDHOUSE_STORAGE_DIR=/data/storage \
  ROUNDHOUSE_MARKET_DATA_DIR=/data/market
WORKDIR /app
# A named volume mounted here takes over the owner.
RUN mkdir -p /data/storage /data/market && chown -R node:node /data
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/libs ./libs
COPY --from=build /app/apps ./apps
COPY deploy/healthcheck.mjs deploy/diagnose.mjs deploy/migrate.sh ./deploy/
USER node
# The young generation may grow under load: see tools/cli/node-options.mjs.
ENV NODE_OPTIONS=--max-semi-space-size=64
EXPOSE 8080 9090
# The services finish or hand back their jobs within 25 s of this signal.
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --start-interval=1s --retries=3 CMD ["node", "deploy/healthcheck.mjs"]
CMD ["node", "--enable-source-maps", "apps/gateway/dist/main.js"]
