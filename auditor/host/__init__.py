"""The only door to the machine: live, a root folder, a recorder, a snapshot, an overlay."""
