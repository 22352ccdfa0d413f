"""Messages: what they contain, what they refer to, and what people add to them."""
