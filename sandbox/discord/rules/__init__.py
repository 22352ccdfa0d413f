"""What Discord accepts, allows and refuses."""
