#!/usr/bin/env bash
# Once, in an empty cluster: a database for every service that has a secret NAME_database_url, owned by a role that
# gets into no other one.
set -euo pipefail

for file in "${SECRETS:-/run/secrets}"/*_database_url; do
  if ! [[ $(<"$file") =~ ^postgresql://([a-z_]+):([^@]+)@[^/]+/([a-z_]+)$ ]]; then
    echo "$file has to be postgresql://user:password@host:5432/database" >&2
    exit 1
  fi
  ROLE=${BASH_REMATCH[1]} WORD=${BASH_REMATCH[2]} DATABASE=${BASH_REMATCH[3]} \
    psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres <<'SQL'
\getenv role ROLE
\getenv word WORD
\getenv database DATABASE
CREATE ROLE :"role" LOGIN PASSWORD :'word';
CREATE DATABASE :"database" OWNER :"role";
REVOKE ALL ON DATABASE :"database" FROM PUBLIC;
SQL
done
