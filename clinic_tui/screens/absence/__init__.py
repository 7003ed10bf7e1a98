"""What is in the way: a doctor who is away, a closed day, a room out of use; planned and told."""
