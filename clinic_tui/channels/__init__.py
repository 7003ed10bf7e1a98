"""How a message leaves, by each channel; the libraries are imported when one is first used."""
