"""What moderators read: limits, costs, settings, the audit log and reports."""
