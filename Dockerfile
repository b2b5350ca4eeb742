FROM node:24-bookworm-slim AS libraries
WORKDIR /app
COPY package.json package-lock.json ./
# The optional libraries are the Node that the image brings itself.
RUN npm ci --omit=dev --omit=optional --no-audit --no-fund

FROM node:24-bookworm-slim
# A file capability rather than setuid root: fping may open its raw socket and nothing more.
RUN apt-get update \
  && apt-get install -y --no-install-recommends fping libcap2-bin \
  && chmod u-s /usr/bin/fping \
  && setcap cap_net_raw+ep /usr/bin/fping \
  && apt-get purge -y --auto-remove libcap2-bin \
  && rm -rf /var/lib/apt/lists/*
# data_dir. A volume that is mounted here for the first time takes its owner over.
RUN install -d -o node -g node -m 0750 /var/lib/wardline
WORKDIR /app
COPY --from=libraries /app/node_modules node_modules
COPY package.json LICENSE ./
COPY bin bin
COPY lib lib
COPY collector collector
COPY alerting alerting
COPY api api
COPY lab lab
ENV NODE_ENV=production WARDLINE_CONFIG=/etc/wardline/wardline.yaml
# As bin/environment.sh has them.
ENV NODE_OPTIONS="--max-semi-space-size=16 --v8-pool-size=1" \
  MALLOC_ARENA_MAX=2 MALLOC_MMAP_THRESHOLD_=131072 MALLOC_TRIM_THRESHOLD_=131072 \
  NODE_COMPILE_CACHE=/app/.compile-cache
RUN node bin/prime.ts && node bin/wardline.ts --version
USER node
CMD ["node", "bin/wardline.ts", "--help"]
