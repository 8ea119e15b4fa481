#!/bin/sh
# branch.sh create|merge|delete NAME
#
# create  makes a new branch of NetBox with this name, in place of an older one
# merge   merges it into main, and waits for the end
# delete  deletes it, if it is there
#
# Needs curl and jq, and the variables NETBOX_SERVER_URL and NETBOX_API_TOKEN.
set -eu

action=$1
name=$2
netbox=${NETBOX_SERVER_URL%/}
branches=$netbox/api/plugins/branching/branches/

case $NETBOX_API_TOKEN in
nbt_*) authorization="Bearer $NETBOX_API_TOKEN" ;;
*) authorization="Token $NETBOX_API_TOKEN" ;;
esac

# call makes a request. The token is on no command line, which other users could read.
call() {
	printf 'header = "Authorization: %s"\n' "$authorization" |
		curl --config - --silent --show-error --fail-with-body --header 'Content-Type: application/json' "$@"
}

# id prints the branch's id; nothing if there is no branch of this name.
id() {
	call --get --data-urlencode "name=$name" "$branches" | jq --raw-output '.results[0].id // empty'
}

delete() {
	id=$(id)
	[ -z "$id" ] || call --request DELETE "$branches$id/"
}

case $action in
create)
	delete
	call --data "$(jq --null-input --arg name "$name" '{$name}')" "$branches" >/dev/null
	echo "Created the branch $name: $netbox/plugins/branching/branches/$(id)/"
	;;
merge)
	id=$(id)
	job=$(call --data '{"commit": true}' "${branches}${id:?there is no branch $name}/merge/" | jq .id)
	while :; do
		status=$(call "$netbox/api/core/jobs/$job/" | jq --raw-output .status.value)
		case $status in
		completed) break ;;
		pending | scheduled | running) sleep 2 ;;
		*)
			echo "The merge has failed: $netbox/core/jobs/$job/" >&2
			exit 1
			;;
		esac
	done
	echo "Merged the branch $name."
	;;
delete) delete ;;
*)
	echo "usage: branch.sh create|merge|delete NAME" >&2
	exit 2
	;;
esac
