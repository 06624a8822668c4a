# A new signing key has 3072 bits or more, and a certificate of at most 398 days.
package main

import rego.v1

deny contains message if {
	some change in input.changes
	some field in change.fields
	field.path == "public_key"
	field.after_value.bits < 3072
	message := sprintf("%s: RSA of %v bits; 3072 are required", [change.address, field.after_value.bits])
}

deny contains message if {
	some change in input.changes
	some field in change.fields
	field.path == "certificate"
	field.after_value != null
	days := (day(field.after_value.not_after) - day(field.after_value.not_before)) / ((24 * 3600) * 1000000000)
	days > 398
	message := sprintf("%s: the certificate is valid for %v days; 398 are allowed", [change.address, days])
}

day(moment) := time.parse_ns("2006-01-02", substring(moment, 0, 10))
