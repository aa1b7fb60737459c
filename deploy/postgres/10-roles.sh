#!/bin/sh
# Run by the postgres image when its data folder is new: the database and the three roles that the migrations grant to.
set -eu
psql --no-psqlrc --set=ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres \
  --set=owner="$ROUNDHOUSE_OWNER_PASSWORD" --set=gateway="$ROUNDHOUSE_GATEWAY_PASSWORD" --set=worker="$ROUNDHOUSE_WORKER_PASSWORD" <<'SQL'
create role roundhouse_owner login password :'owner';
create role roundhouse_gateway login password :'gateway';
create role roundhouse_worker login password :'worker';
create database roundhouse owner roundhouse_owner;
revoke connect, temporary on database roundhouse from public;
grant connect on database roundhouse to roundhouse_owner, roundhouse_gateway, roundhouse_worker;
grant temporary on database roundhouse to roundhouse_worker;
SQL
