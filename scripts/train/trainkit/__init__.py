"""Offline training of the bundles: AgileNN (MobiCom 2022) in PyTorch, one concern a file."""
