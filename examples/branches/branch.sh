#!/bin/sh
# branch.sh create|merge|delete NAME
#
# create  creates a branch in NetBox, and deletes an older one with the same name
# merge   merges the branch into main, and waits until it is done. A branch that is already
#         merged is left alone
# delete  deletes the branch if there is one
#
# Needs curl and jq, and the variables NETBOX_SERVER_URL and NETBOX_API_TOKEN. If your NetBox
# needs them, also set NETBOX_CA_CERT_FILE, or NETBOX_CLIENT_CERT_FILE and
# NETBOX_CLIENT_KEY_FILE. The script reads no other settings of the provider.
set -eu

usage() {
	echo "usage: branch.sh create|merge|delete NAME" >&2
	exit 2
}

[ $# -eq 2 ] || usage
action=$1
name=$2
netbox=${NETBOX_SERVER_URL%/}
branches=$netbox/api/plugins/branching/branches/

case $NETBOX_API_TOKEN in
nbt_*) authorization="Bearer $NETBOX_API_TOKEN" ;;
*) authorization="Token $NETBOX_API_TOKEN" ;;
esac

# call sends a request and prints the answer. If NetBox refuses the request, call prints the
# reason to stderr and fails. The token is not on the command line, where other users could
# read it.
call() {
	[ -z "${NETBOX_CA_CERT_FILE:-}" ] || set -- --cacert "$NETBOX_CA_CERT_FILE" "$@"
	[ -z "${NETBOX_CLIENT_CERT_FILE:-}" ] ||
		set -- --cert "$NETBOX_CLIENT_CERT_FILE" --key "$NETBOX_CLIENT_KEY_FILE" "$@"
	answer=$(printf 'header = "Authorization: %s"\n' "$authorization" |
		curl --config - --silent --show-error --fail-with-body --header 'Content-Type: application/json' "$@") || {
		code=$?
		case $answer in
		*'<html'*) echo "The answer is not from NetBox's API: check the URL, and that NetBox has NetBox Branching." >&2 ;;
		*) printf '%.2000s\n' "$answer" >&2 ;;
		esac
		return "$code"
	}
	[ -z "$answer" ] || printf '%s\n' "$answer"
}

# find sets id, status and page to those of the branch. id is empty if there is no branch
# with this name.
find() {
	found=$(call --get --data-urlencode "name=$name" "$branches")
	id=$(printf '%s' "$found" | jq --raw-output '.results[0].id // empty')
	status=$(printf '%s' "$found" | jq --raw-output '.results[0].status.value // empty')
	page=$netbox/plugins/branching/branches/$id/
}

delete() {
	find
	[ -z "$id" ] || call --request DELETE "$branches$id/"
}

merge() {
	job=$(call --data '{"commit": true}' "$branches$id/merge/") || {
		echo "NetBox refused to merge branch $name. To resolve conflicts, merge it on its page: $page" >&2
		exit 1
	}
	job=$(printf '%s' "$job" | jq .id)
	while :; do
		answer=$(call "$netbox/api/core/jobs/$job/")
		status=$(printf '%s' "$answer" | jq --raw-output .status.value)
		case $status in
		completed) break ;;
		pending | scheduled | running) sleep 2 ;;
		*)
			reason=$(printf '%s' "$answer" | jq --raw-output '.error // ""')
			printf 'The merge failed: %s\n%s\n' "$reason" "$netbox/core/jobs/$job/" >&2
			exit 1
			;;
		esac
	done
	echo "Merged branch $name."
}

case $action in
create)
	delete
	call --data "$(jq --null-input --arg name "$name" '{$name}')" "$branches" >/dev/null
	find
	echo "Created branch $name: $page"
	;;
merge)
	find
	if [ -z "$id" ]; then
		echo "NetBox has no branch $name." >&2
		exit 1
	elif [ "$status" = merged ]; then
		echo "Branch $name is already merged."
	else
		merge
	fi
	;;
delete) delete ;;
*) usage ;;
esac
