"""Tasks and their states: reservations, transitions, leases, and pending notices."""
