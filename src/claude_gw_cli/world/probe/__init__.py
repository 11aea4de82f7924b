"""The doors that `cgw doctor` knocks at: names, connections, TLS, one HTTP exchange, and who runs them when.

Every call has a deadline, follows no redirect and inherits nothing: environment and key are given. What an answer
means is decided in ``core.diagnosis``.
"""
