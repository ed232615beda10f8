"""How Signalpost is brought up: `local` on a bare machine, the other files on servers. No app imports it."""
