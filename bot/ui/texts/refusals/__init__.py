"""Why a request was refused, and what to do about it."""
