"""The newest release that was recorded. It is alone here because ``cgw --version`` asks for nothing else."""

from __future__ import annotations

NEWEST = "2.1.332"
"""What predictions assume when no client is installed and no newer facts are in force."""

SIGNERS = ("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIP+Xv14306QlcrfEXWD5boPiTz238ikVmr/7oulmsDIP cgw-facts-2026",)
"""Public keys of those who may sign a facts bundle for all users; docs/facts.md says how."""
