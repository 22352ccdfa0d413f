"""What every local video provider needs: its server, faults, links, pictures and videos."""
