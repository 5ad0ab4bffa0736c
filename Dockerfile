# One image for every process: the gateway (the default command), the services
# (node --enable-source-maps dist/subgraphs/main.js, with SUBGRAPHS=…), and what operators run: probe, backup, restore.
# It runs without root's rights and needs no more than /tmp and /data to write to.

# Builds dist/ from the sources, with the development dependencies.
FROM node:20-trixie-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts
COPY . .
RUN npm run build

# What runs needs fewer packages than what builds.
FROM node:20-trixie-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --ignore-scripts

# Debian 13, whose pg_dump and pg_restore (of PostgreSQL 17) are for backups.
FROM node:20-trixie-slim
RUN apt-get update \
  && apt-get install -y --no-install-recommends postgresql-client-17 \
  && rm -rf /var/lib/apt/lists/*
ENV NODE_ENV=production DATA_DIR=/data PORT=4000
WORKDIR /app
# Made here, so that a new volume belongs to the user whom the program runs as.
RUN mkdir /data /backups && chown node:node /data /backups
COPY --from=dependencies /app/node_modules node_modules
COPY package.json LICENSE NOTICE ./
COPY schema schema
COPY prisma/migrations prisma/migrations
COPY --from=build /app/dist dist
USER node
VOLUME /data
EXPOSE 4000
HEALTHCHECK --interval=5s --timeout=3s --start-period=60s --retries=5 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/readyz`).then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "--max-semi-space-size=32", "--enable-source-maps", "dist/gateway/main.js"]
