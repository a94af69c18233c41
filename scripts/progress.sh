# Sourced by setup.sh: says on stderr what is being done, and while it lasts that it goes on.
say() { printf 'setup: %s\n' "$*" >&2; }

# The shell that is ended takes its teller along.
teller=
silence() {
	[ -z "$teller" ] || kill "$teller" 2>/dev/null || true
	teller=
}
trap silence EXIT

# announced <what> <command>: run the command; its failure is the caller's
announced() {
	local what=$1 began=$SECONDS
	shift
	say "$what …"
	while sleep "${SETUP_TELLS_EVERY:-10}"; do say "$what: $((SECONDS - began)) s so far"; done &
	teller=$!
	"$@"
	silence
	say "$what: done"
}
