"""What is stored about people: exports, deletions, and how long anything is kept."""
