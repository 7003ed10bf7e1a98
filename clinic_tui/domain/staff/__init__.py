"""Who works here: accounts and signing in, doctors, their specialties, their agendas by e-mail."""
