"""Tasks and their states: reservations, transitions, leases, and who is still to be told."""
