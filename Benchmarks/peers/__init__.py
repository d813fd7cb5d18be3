"""Times of other matchers beside ours, on one machine in one run: `make peers`."""
