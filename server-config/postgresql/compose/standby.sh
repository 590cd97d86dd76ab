#!/bin/sh
# Runs a standby of the PostgreSQL server $PRIMARY under the name $STANDBY. The first time it copies that server's data to $PGDATA,
# whose parent must be writable; later it goes on with what is there. After "pg_ctl promote" it is the primary, and stays that when
# it is started again.
set -eu

# libpq reads the password from a file of its own format, in which : and \ have a meaning.
password=$(sed 's/[:\\]/\\&/g' "$PASSWORDS/standby")
umask 077
printf '*:*:replication:standby:%s\n' "$password" >"${PASSFILE:=/tmp/standby.pgpass}"

# Under this name the primary counts it among synchronous_standby_names. It becomes primary_conninfo, too.
primary="host=$PRIMARY port=${PRIMARY_PORT:-5432} user=standby passfile=$PASSFILE application_name=$STANDBY connect_timeout=5"

if [ ! -s "$PGDATA/PG_VERSION" ]; then
    # Beside its place first, so that a copy that was interrupted is never started.
    until rm -rf "$PGDATA.copy" \
        && pg_basebackup --dbname="$primary" --pgdata="$PGDATA.copy" --wal-method=stream --checkpoint=fast --write-recovery-conf; do
        echo "standby: $PRIMARY cannot be copied yet, trying again in 2 s" >&2
        sleep 2
    done
    rm -rf "$PGDATA"
    mv "$PGDATA.copy" "$PGDATA"
fi

# SIGTERM and SIGINT reach PostgreSQL itself.
exec postgres -D "$PGDATA" -c config_file="$SETTINGS" -c cluster_name="$STANDBY"
