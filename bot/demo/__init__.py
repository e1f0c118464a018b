"""A Bot API server on loopback, with the phones that use it: the demo and the end-to-end tests."""
