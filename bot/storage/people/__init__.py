"""What people have chosen for themselves, in all servers."""
