#!/usr/bin/env bash
# PostgreSQL, Redis, two nodes and HAProxy on loopback, to try several nodes: up.sh DIR BINARY [PORT]. All end together.
#
# PORT (18000) is the balancer's, PORT+1 PostgreSQL's, PORT+2 Redis's; node a has PORT+10 (site), +11 (metrics), +12 (pictures),
# node b PORT+20 and on. DIR keeps the database, a secret key, logs, and the process ids, so that one can be killed:
# kill "$(cat DIR/a.pid)". REDIS=off leaves Redis out. Debian: apt-get install postgresql redis-server haproxy
set -euo pipefail

if [ $# -lt 2 ]; then sed -n '2,7s/^# \?//p' "$0" >&2; exit 2; fi
here=$(dirname "$(realpath "$0")") dir=$(realpath -m "$1") binary=$(realpath "$2") port=${3:-18000}
PATH=$PATH:/usr/sbin:$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1)
umask 077
mkdir -p "$dir"
started=()
declare -A pid_of

# start NAME COMMAND…: in the background, with a log and its process id in DIR
start() {
  local name=$1
  shift
  "$@" </dev/null >"$dir/$name.log" 2>&1 &
  pid_of[$name]=$!
  echo $! >"$dir/$name.pid"
  started=("$name" "${started[@]}")
}

# Last in, first out: the balancer goes first and PostgreSQL last.
end_all() {
  trap - EXIT INT TERM
  for name in "${started[@]}"; do
    local pid=${pid_of[$name]} signal=TERM
    [ "$name" != postgres ] || signal=INT # does not wait for connections
    kill -s "$signal" "$pid" 2>/dev/null || true
    wait "$pid" 2>/dev/null || true
    rm -f "$dir/$name.pid"
  done
}
trap end_all EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# until_true NAME COMMAND…: 30 seconds at most, and while it runs
until_true() {
  local name=$1 ends=$((SECONDS + 30))
  shift
  until "$@" >/dev/null 2>&1; do
    if [ $SECONDS -ge $ends ] || ! kill -0 "${pid_of[$name]}" 2>/dev/null; then
      echo "$name does not answer; see $dir/$name.log" >&2
      exit 1
    fi
    sleep 0.1
  done
}

# PostgreSQL refuses to be root.
as_postgres() { if [ "$(id -u)" = 0 ]; then exec setpriv --reuid=postgres --regid=postgres --init-groups "$@"; else exec "$@"; fi; }

if [ ! -s "$dir/pg/PG_VERSION" ]; then
  mkdir -p "$dir/pg"
  if [ "$(id -u)" = 0 ]; then chmod 711 "$dir"; chown postgres "$dir/pg"; fi
  (as_postgres initdb -D "$dir/pg" -A trust -U postgres >"$dir/initdb.log" 2>&1)
fi
start postgres as_postgres postgres -D "$dir/pg" -p $((port + 1)) -c listen_addresses=127.0.0.1 -c unix_socket_directories=
if [ "${REDIS:-on}" != off ]; then
  start redis redis-server --bind 127.0.0.1 --port $((port + 2)) --save '' --appendonly no --dir "$dir"
  export LIVEHOUSE_REDIS_URL="redis://127.0.0.1:$((port + 2))"
fi
until_true postgres pg_isready -U postgres -h 127.0.0.1 -p $((port + 1))

[ -s "$dir/secret.key" ] || head -c 36 /dev/urandom | base64 >"$dir/secret.key" # all nodes have the same
export LIVEHOUSE_SECRET_KEY_FILE="$dir/secret.key" LIVEHOUSE_TRUSTED_PROXIES=127.0.0.1/32
export LIVEHOUSE_DATABASE_URL="postgres://postgres@127.0.0.1:$((port + 1))/postgres"
node() {
  start "$1" "$binary" serve --node "$1" --node-url "http://127.0.0.1:$2" --data-dir "$dir/$1" --listen "127.0.0.1:$2" \
    --ops-listen "127.0.0.1:$(($2 + 1))" --media-listen "127.0.0.1:$(($2 + 2))" --rtmp-listen off
}
node a $((port + 10))
node b $((port + 20))

export LISTEN="127.0.0.1:$port" NODE_A="127.0.0.1:$((port + 10))" NODE_B="127.0.0.1:$((port + 20))"
start haproxy haproxy -db -f "$here/haproxy.cfg"
answers() { exec 3<>"/dev/tcp/127.0.0.1/$port" && printf 'GET /health/ready HTTP/1.0\r\n\r\n' >&3 && grep -q '^HTTP/1.[01] 200' <&3; }
until_true haproxy eval '(answers)'
echo "http://127.0.0.1:$port is ready; nodes at $NODE_A and $NODE_B, logs in $dir; Ctrl-C ends all"
wait "${pid_of[haproxy]}"
