"""Client of the Vtrix video API."""
