#!/bin/sh
# The one-shot `migrate` container: each app's schema, the gateway's ledger first, then the broker's exchanges, queues and users.
set -eu
node apps/gateway/dist/migrate.js
for script in apps/*/dist/migrate.js; do
  [ "$script" = apps/gateway/dist/migrate.js ] || node "$script"
done
node apps/gateway/dist/topology.js apply
node apps/gateway/dist/topology.js users
