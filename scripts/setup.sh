#!/usr/bin/env bash
# Makes this checkout ready for the demo: system packages (as root), .venv, node_modules and the visit page's bundle; with
# the word `tests`, also all that tests and checks use.
# What is there already is not done again: a stamp says from which files it was made.
set -euo pipefail
cd "$(dirname "$0")/.."

PYTHON=${PYTHON:-python3}
STAMPS=.cache/setup
mkdir -p "$STAMPS"

. scripts/progress.sh

stop() {
	say "$*"
	exit 1
}

has() { command -v "$1" >/dev/null || [ -x "/usr/sbin/$1" ]; }

# package:program, for every program that is not installed
missing_packages() {
	local pair
	for pair in "$@"; do
		has "${pair#*:}" || printf '%s ' "${pair%%:*}"
	done
}

has_bench() {
	local place
	for place in "${BENCH_DIR:-/home/frappe/frappe-bench}" "$HOME/frappe-bench"; do
		[ -d "$place/apps/frappe" ] && return
	done
	return 1
}

system_packages() {
	local missing
	missing=$(missing_packages nodejs:node npm:npm)
	"$PYTHON" -c 'import ensurepip, venv' 2>/dev/null || missing+="python3-venv "
	[ -n "$missing" ] || return 0
	if [ "$(id -u)" -ne 0 ] || ! has apt-get; then
		stop "please install first: $missing(on Debian: apt-get install $missing)"
	fi
	# policy-rc.d keeps packages from starting daemons: the tests start their own
	announced "system packages: $missing" with_no_daemons install_packages "$missing"
}

# other people's programs that calls are tried with; without them scripts/test.py says which tiers did not run
packages_of_tests() {
	local missing wanted=(
		chromium:chromium firefox-esr:firefox-esr coturn:turnserver webkit2gtk-driver:WebKitWebDriver xvfb:Xvfb
	)
	if has_bench; then
		wanted+=(mariadb-server:mariadbd mariadb-client:mariadb redis-server:redis-server nginx:nginx)
	fi
	missing=$(missing_packages "${wanted[@]}")
	[ -n "$missing" ] || return 0
	if [ "$(id -u)" -ne 0 ] || ! has apt-get; then
		say "some tests will not run without $missing(on Debian: apt-get install $missing)"
		return 0
	fi
	say "installing $missing"
	with_no_daemons install_packages "$missing"
}

install_packages() {
	export DEBIAN_FRONTEND=noninteractive
	apt-get update -qq
	# shellcheck disable=SC2086  # a list of names
	apt-get install -y -qq --no-install-recommends $1 >/dev/null
}

with_no_daemons() {
	local policy=/usr/sbin/policy-rc.d ours=
	if [ ! -e "$policy" ]; then
		printf '#!/bin/sh\nexit 101\n' >"$policy"
		chmod +x "$policy"
		ours=1
	fi
	local status=0
	"$@" || status=$?
	[ -z "$ours" ] || rm -f "$policy"
	return "$status"
}

# once <name> <files> -- <command>: run the command with what is to be installed, `demo` or `tests`, unless it succeeded
# with these very files before; what is installed for the tests is enough for the demo
once() {
	local name=$1 sum
	shift
	local files=()
	while [ "$1" != -- ]; do
		files+=("$1")
		shift
	done
	shift
	sum=$({ "$PYTHON" --version; node --version; cat "${files[@]}"; } 2>&1 | sha256sum)
	case "$(cat "$STAMPS/$name" 2>/dev/null)" in "tests $sum" | "$FOR $sum") return ;; esac
	rm -f "$STAMPS/$name"
	announced "$name packages" "$@"
	printf '%s' "$FOR $sum" >"$STAMPS/$name"
}

python_packages() {
	"$PYTHON" -c 'import sys; sys.exit(sys.version_info < (3, 10))' || stop "Python 3.10 or newer is needed"
	[ -x .venv/bin/python ] || "$PYTHON" -m venv .venv
	local options=(--quiet --disable-pip-version-check)
	case "$FOR" in
	demo) options+=(--no-compile --editable '.[demo]') ;; # what is used is compiled when it is imported first
	*) options+=(--editable '.[dev]') ;;
	esac
	.venv/bin/python -m pip install "${options[@]}"
}

node_packages() {
	local status=0 omitted=()
	[ "$FOR" = tests ] || omitted=(--omit=dev)
	cp yarn.lock "$STAMPS/yarn.lock"
	npm ci --silent --no-audit --no-fund "${omitted[@]}" || status=$?
	cp "$STAMPS/yarn.lock" yarn.lock # npm rewrites it in a form of its own
	return "$status"
}

FOR=${1:-demo}
system_packages
[ "$FOR" = demo ] || packages_of_tests
[ -x .venv/bin/python ] || rm -f "$STAMPS/python"
[ -d node_modules ] || rm -f "$STAMPS/node"
(
	once node package.json package-lock.json scripts/absent/package.json -- node_packages
	npm run --silent bundle
) &
node=$!
once python pyproject.toml setup.py -- python_packages
wait "$node"
