# A keyset trusts our own identity providers, and no other.
package main

import rego.v1

ours := {"https://id.example.com/", "https://id.example.com"}

deny contains message if {
	some change in input.changes
	change.type == "PublicKeyCertificateSet"
	some field in change.fields
	field.path == "issuer"
	field.after_value != null
	not field.after_value in ours
	message := sprintf("%s: the issuer %s is not ours", [change.address, field.after_value])
}
