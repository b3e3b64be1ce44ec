# The Node that package.json names. Everything of the build stays in the stages that come before the last one.
FROM node:26.10.0-trixie-slim AS base
WORKDIR /app

FROM base AS production
COPY package.json package-lock.json ./
# no scripts: the only one fetches a Node, and this image has it
RUN npm ci --omit=dev --ignore-scripts

FROM base AS dashboard
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts
COPY . ./
RUN npm run build --if-present && mkdir -p dashboard/dist

FROM base
# of the embedded database, where no DATABASE_URL is given: mount a volume there
RUN mkdir /data && chown 1000:1000 /data
COPY --from=production /app/node_modules ./node_modules
COPY package.json ./
COPY migrations ./migrations
COPY contracts ./contracts
COPY src ./src
COPY --from=dashboard /app/dashboard/dist ./dashboard/dist
# as bin/jackfield has it
ENV NODE_OPTIONS="--max-old-space-size=512 --max-semi-space-size=8"
ENV NODE_ENV=production HOST=0.0.0.0 PORT=8080 JACKFIELD_DATA_DIR=/data
# the user `node`, as a number, so that an orchestrator can see that it is not root
USER 1000:1000
EXPOSE 8080
# that the process answers at all: who restarts on this must not do so because the database is away
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
  CMD ["node", "--eval", "fetch('http://127.0.0.1:' + process.env.PORT + '/healthz').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "src/main.ts", "serve"]
