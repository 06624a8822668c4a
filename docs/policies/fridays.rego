# Nobody deactivates a key, or removes one, on a Friday (UTC).
package main

import rego.v1

deny contains message if {
	time.weekday(time.now_ns()) == "Friday"
	some change in input.changes
	change.type == "PublicKeyCertificate"
	ends(change)
	message := sprintf("%s: tokens of this key stop verifying. Wait until Monday.", [change.address])
}

ends(change) if change.action == "delete"

ends(change) if {
	some field in change.fields
	field.path == "active"
	field.before_value == true
	field.after_value == false
}
