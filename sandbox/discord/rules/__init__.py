"""Discord's rules: what it accepts, allows and refuses."""
