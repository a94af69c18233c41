#!/usr/bin/env bash
# Builds a whole site for a person to try: Frappe, ERPNext and Healthcare from their public sources with `bench`,
# this checkout on top, MariaDB and Redis from the distribution, and a demo clinic. Safe to repeat.
#
#   FRAPPE_VERSION  version-15 (default) or version-16
#   PYTHON          the interpreter of a new bench (default: python3; version-16 needs Python 3.14)
#   HEALTHCARE_VERSION  the branch of Healthcare (default: FRAPPE_VERSION where it has one of that name, else develop)
#   BENCH_DIR       where the bench is, or goes (default: ~/frappe-bench of its owner)
#   BENCH_OWNER     who owns it, when root builds it (default: frappe; made if missing)
#   SITE            the site's name (default: telehealth.localhost)
#   ADMIN_PASSWORD  of its Administrator (default: made up, and printed at the end)
#   DB_ROOT_USER, DB_ROOT_PASSWORD  a MariaDB account that may create databases (needed only where we are not root)
set -euo pipefail
cd "$(dirname "$0")/.."

CHECKOUT=$PWD
APP=theranvio_telehealth
VERSION=${FRAPPE_VERSION:-version-15}
PYTHON=${PYTHON:-python3}
HEALTHCARE_VERSION=${HEALTHCARE_VERSION:-}
SITE=${SITE:-telehealth.localhost}
ADMIN_PASSWORD=${ADMIN_PASSWORD:-$(od -An -N9 -tx1 /dev/urandom | tr -d ' \n')}
FRAPPE=https://github.com/frappe/frappe
ERPNEXT=https://github.com/frappe/erpnext
HEALTHCARE=https://github.com/earthians/marley
PACKAGES=(git build-essential pkg-config python3-dev python3-venv libmariadb-dev mariadb-server mariadb-client
	redis-server nodejs npm cron xfonts-75dpi xfonts-base)

is_root() { [ "$(id -u)" -eq 0 ]; }
say() { printf '\n── %s\n' "$*"; }

stop() {
	printf '\nmake site: %s\n' "$*" >&2
	exit 1
}

if is_root; then
	OWNER=${BENCH_OWNER:-frappe}
	DB_ROOT_USER=theranvio_setup
	DB_ROOT_PASSWORD=$(od -An -N18 -tx1 /dev/urandom | tr -d ' \n')
else
	OWNER=$(id -un)
	DB_ROOT_USER=${DB_ROOT_USER:-root}
	DB_ROOT_PASSWORD=${DB_ROOT_PASSWORD:-}
fi

# What the version of Frappe needs: Node, and a Python of exactly one minor version or of at least one.
require_version() {
	case $VERSION in
	version-15) NODE=18 PYTHON_WANTED='>= (3, 10)' ;;
	version-16) NODE=24 PYTHON_WANTED='== (3, 14)' ;;
	*) stop "FRAPPE_VERSION=$VERSION is not known. Use version-15 or version-16." ;;
	esac
	command -v "$PYTHON" >/dev/null || stop "there is no $PYTHON. Set PYTHON to an interpreter that Frappe $VERSION takes."
	"$PYTHON" -c "import sys; sys.exit(not sys.version_info[:2] $PYTHON_WANTED)" ||
		stop "$PYTHON is $("$PYTHON" --version). Frappe $VERSION takes Python $PYTHON_WANTED: set PYTHON to one."
}

has_branch() { GIT_TERMINAL_PROMPT=0 timeout 30 git ls-remote --exit-code --heads "$1" "$2" >/dev/null 2>&1; }

# Nothing is installed or written before it is certain that everything can be fetched.
require_sources() {
	say "Looking for the sources"
	command -v git >/dev/null || stop "git is not installed. Install it (apt-get install git) and try again."
	if [ -z "$HEALTHCARE_VERSION" ]; then
		HEALTHCARE_VERSION=$VERSION
		[ "$VERSION" = version-15 ] || has_branch "$HEALTHCARE" "$VERSION" || HEALTHCARE_VERSION=develop
	fi
	local source branch
	for source in "$FRAPPE" "$ERPNEXT" "$HEALTHCARE"; do
		branch=$VERSION
		[ "$source" != "$HEALTHCARE" ] || branch=$HEALTHCARE_VERSION
		has_branch "$source" "$branch" ||
			stop "$source ($branch) cannot be reached from this machine. This needs the internet: check the" \
				"connection or the proxy and try again. Nothing has been changed." \
				"Without it, make demo shows a visit with real video."
		printf '   %s\n' "$source"
	done
}

require_database_account() {
	is_root || [ -n "$DB_ROOT_PASSWORD" ] ||
		stop "set DB_ROOT_USER and DB_ROOT_PASSWORD to a MariaDB account that may create databases, or run this as root."
}

system_packages() {
	local missing=() package
	for package in "${PACKAGES[@]}"; do
		dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q '^install ok' || missing+=("$package")
	done
	command -v node >/dev/null && missing=("${missing[@]/nodejs/}") && missing=("${missing[@]/npm/}")
	read -ra missing <<<"${missing[*]}"
	if [ ${#missing[@]} -gt 0 ]; then
		is_root || stop "these packages are missing: ${missing[*]}. Have them installed (apt-get install ${missing[*]})."
		say "Installing ${missing[*]}"
		export DEBIAN_FRONTEND=noninteractive
		apt-get update -qq
		apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
	fi
	command -v yarn >/dev/null || { is_root && npm install --global --silent yarn; } ||
		stop "yarn is missing. Have it installed (npm install --global yarn)."
	[ "$(node -p 'process.versions.node.split(".")[0]')" -ge "$NODE" ] || stop "Frappe $VERSION needs Node $NODE or newer."
}

owner() {
	if is_root && ! id "$OWNER" >/dev/null 2>&1; then
		say "Making the account $OWNER"
		useradd --create-home --shell /bin/bash "$OWNER"
	fi
	OWNER_HOME=$(getent passwd "$OWNER" | cut -d: -f6)
	BENCH_DIR=${BENCH_DIR:-$OWNER_HOME/frappe-bench}
	BENCH=$OWNER_HOME/.bench-cli/bin/bench
}

# as_owner <directory> <command …>
as_owner() {
	local directory=$1
	shift
	local environment=("HOME=$OWNER_HOME" "USER=$OWNER" "PATH=$OWNER_HOME/.bench-cli/bin:$PATH")
	if is_root; then
		(cd "$directory" && runuser -u "$OWNER" -- env "${environment[@]}" "$@")
	else
		(cd "$directory" && env "${environment[@]}" "$@")
	fi
}

database() {
	mariadb-admin ping >/dev/null 2>&1 || ! is_root || service mariadb start >/dev/null
	is_root || return 0
	mariadb <<-SQL
		CREATE OR REPLACE USER '$DB_ROOT_USER'@'localhost' IDENTIFIED BY '$DB_ROOT_PASSWORD';
		CREATE OR REPLACE USER '$DB_ROOT_USER'@'127.0.0.1' IDENTIFIED BY '$DB_ROOT_PASSWORD';
		GRANT ALL ON *.* TO '$DB_ROOT_USER'@'localhost' WITH GRANT OPTION;
		GRANT ALL ON *.* TO '$DB_ROOT_USER'@'127.0.0.1' WITH GRANT OPTION;
	SQL
}

forget_database_account() {
	mariadb -e "DROP USER IF EXISTS '$DB_ROOT_USER'@'localhost', '$DB_ROOT_USER'@'127.0.0.1'" 2>/dev/null || true
}

bench_and_apps() {
	if [ ! -x "$BENCH" ]; then
		say "Installing bench"
		as_owner "$OWNER_HOME" python3 -m venv "$OWNER_HOME/.bench-cli"
		as_owner "$OWNER_HOME" "$OWNER_HOME/.bench-cli/bin/pip" install --quiet frappe-bench
	fi
	if [ ! -d "$BENCH_DIR/apps/frappe" ]; then
		say "Frappe into $BENCH_DIR"
		as_owner "$OWNER_HOME" "$BENCH" init --python "$(command -v "$PYTHON")" --frappe-path "$FRAPPE" \
			--frappe-branch "$VERSION" "$BENCH_DIR"
	fi
	get_app erpnext "$ERPNEXT" --branch "$VERSION"
	get_app healthcare "$HEALTHCARE" --branch "$HEALTHCARE_VERSION"
	get_app "$APP" "$(reachable_checkout)"
}

# get_app <name> <source …>
get_app() {
	[ ! -d "$BENCH_DIR/apps/$1" ] || return 0
	say "Getting $1"
	as_owner "$BENCH_DIR" "$BENCH" get-app "${@:2}"
}

# The owner may not be able to read our home directory: what is committed here, where they can.
reachable_checkout() {
	local copy=$OWNER_HOME/.cache/$APP/checkout/$APP
	rm -rf "$copy"
	as_owner "$OWNER_HOME" mkdir -p "$(dirname "$copy")"
	git -c safe.directory='*' clone --quiet --no-hardlinks "$CHECKOUT" "$copy"
	if is_root; then chown -R "$OWNER:" "$copy"; fi
	printf '%s' "$copy"
}

start_redis() {
	local name port
	for name in redis_cache redis_queue; do
		port=$(sed -n 's/^port //p' "$BENCH_DIR/config/$name.conf")
		redis-cli -p "$port" ping >/dev/null 2>&1 && continue
		as_owner "$BENCH_DIR" redis-server "config/$name.conf" --daemonize yes >/dev/null
		STARTED+=("$port")
	done
}

stop_redis() {
	local port
	for port in "${STARTED[@]}"; do
		redis-cli -p "$port" shutdown nosave >/dev/null 2>&1 || true
	done
}

site() {
	local ours=$BENCH_DIR/apps/$APP
	local demo=(env "PYTHONPATH=$ours" ../env/bin/python "$ours/scripts/demo_site.py" "$SITE")
	if [ ! -d "$BENCH_DIR/sites/$SITE" ]; then
		say "Making the site $SITE"
		as_owner "$BENCH_DIR" "$BENCH" new-site "$SITE" --db-root-username "$DB_ROOT_USER" \
			--db-root-password "$DB_ROOT_PASSWORD" --admin-password "$ADMIN_PASSWORD" \
			--mariadb-user-host-login-scope=%
		as_owner "$BENCH_DIR" "$BENCH" --site "$SITE" install-app erpnext
		as_owner "$BENCH_DIR" "$BENCH" --site "$SITE" install-app healthcare
		as_owner "$BENCH_DIR" "$BENCH" --site "$SITE" install-app "$APP"
		as_owner "$BENCH_DIR/sites" "${demo[@]}" --clinic
	fi
	as_owner "$BENCH_DIR" "$BENCH" --site "$SITE" enable-scheduler
	as_owner "$BENCH_DIR" "$BENCH" use "$SITE"
	say "Today's appointments"
	as_owner "$BENCH_DIR/sites" "${demo[@]}"
	getent hosts "$SITE" >/dev/null || { is_root && printf '127.0.0.1 %s\n' "$SITE" >>/etc/hosts; } ||
		say "Add this line to /etc/hosts: 127.0.0.1 $SITE"
}

finish() {
	stop_redis
	if is_root; then forget_database_account; fi
}

require_version
require_sources
require_database_account
system_packages
owner
STARTED=()
trap finish EXIT
database
bench_and_apps
start_redis
site
say "Done"
cat <<-TEXT
	Start it:       cd $BENCH_DIR && bench start      (as $OWNER; bench is $BENCH)
	Open it:        http://$SITE:8000
	Administrator:  $ADMIN_PASSWORD    (of a new site; an old one keeps its own)
TEXT
