#!/bin/sh
# Runs once, when the data of the first PostgreSQL server are made (/docker-entrypoint-initdb.d): the user and the database of the
# Samband nodes, and the user of the standby. $PASSWORDS is a directory with a file for each.
set -eu

# There is no standby yet, and every commit would wait for it.
export PGOPTIONS='-c synchronous_commit=local'

# psql quotes the passwords (:'...'), so they may have any characters.
psql --no-psqlrc --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres \
    --set samband="$(cat "$PASSWORDS/samband")" --set standby="$(cat "$PASSWORDS/standby")" <<'SQL'
CREATE ROLE samband LOGIN PASSWORD :'samband';
CREATE ROLE standby LOGIN REPLICATION PASSWORD :'standby';
-- Its owner may make the schema.
CREATE DATABASE samband OWNER samband ENCODING 'UTF8' TEMPLATE template0;
SQL

# "all" does not include replication. The standby has this file, too, since it is copied with the data.
echo 'host replication standby all scram-sha-256' >>"$PGDATA/pg_hba.conf"
