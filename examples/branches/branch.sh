#!/bin/sh
# branch.sh create|merge|delete NAME
#
# create  creates a branch in NetBox, and deletes an older one with the same name
# merge   merges the branch into main, and waits until it is done
# delete  deletes the branch if there is one
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

# call sends a request. The token is not on the command line, where other users could read it.
call() {
	printf 'header = "Authorization: %s"\n' "$authorization" |
		curl --config - --silent --show-error --fail-with-body --header 'Content-Type: application/json' "$@"
}

# id prints the branch's id, or nothing if there is no branch with this name.
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
	echo "Created branch $name: $netbox/plugins/branching/branches/$(id)/"
	;;
merge)
	id=$(id)
	job=$(call --data '{"commit": true}' "${branches}${id:?NetBox has no branch $name}/merge/" | jq .id)
	while :; do
		status=$(call "$netbox/api/core/jobs/$job/" | jq --raw-output .status.value)
		case $status in
		completed) break ;;
		pending | scheduled | running) sleep 2 ;;
		*)
			echo "The merge failed: $netbox/core/jobs/$job/" >&2
			exit 1
			;;
		esac
	done
	echo "Merged branch $name."
	;;
delete) delete ;;
*)
	echo "usage: branch.sh create|merge|delete NAME" >&2
	exit 2
	;;
esac
