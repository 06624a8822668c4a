# A plan that could not read everything, or that a guard stops, passes no policy.
package main

import rego.v1

deny contains "the plan is incomplete" if not input.complete

deny contains message if {
	some blocked in input.blocked
	not blocked.guard in {"destructive", "permanent"} # these are what an approval is for
	message := sprintf("%s: %s", [blocked.guard, blocked.message])
}
