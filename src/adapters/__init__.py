"""What stands behind the ports of the core: one package per technology, none knows another."""
