#!/bin/sh
# Makes the passwords that are not there yet, one file each, in $PASSWORDS. Whoever can read that volume can read them.
set -eu
for name in postgres samband standby; do
    test -s "$PASSWORDS/$name" && continue
    head -c 24 /dev/urandom | base64 | tr -d '\n' >"$PASSWORDS/$name.new"
    # The nodes and PostgreSQL run as different users.
    chmod 0444 "$PASSWORDS/$name.new"
    mv "$PASSWORDS/$name.new" "$PASSWORDS/$name"
done
