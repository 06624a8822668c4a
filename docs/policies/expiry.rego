# In production a verified token is valid for at most an hour.
package main

import rego.v1

longest := 60

deny contains message if {
	input.org.production
	some change in input.changes
	some field in change.fields
	field.path == "token_expiration_minutes.verified"
	is_number(field.after_value)
	field.after_value > longest
	message := sprintf("%s: %v minutes; production allows %v", [change.address, field.after_value, longest])
}
