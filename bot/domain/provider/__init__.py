"""What a provider says and what is known about it: jobs, their status, failures and durations."""
